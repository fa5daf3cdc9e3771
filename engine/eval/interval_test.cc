#include "engine/eval/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/random.h"

namespace shortlist::eval {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> normal_values(std::size_t count, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<double> values(count);
    for (double& value : values) value = 2.0 + rng.normal();
    return values;
}

// The mean of n values of deviation 1 has deviation 1 / sqrt(n): 95 % lie within 1.96 / sqrt(400) = 0.098 of it. The drawn
// deviation is within 10 % of 1, the bounds of 1000 resamples within 10 % more.
TEST(BootstrapMean, is_as_wide_as_the_normal_approximation_for_many_users) {
    base::ThreadPool threads(2);
    const Interval interval = bootstrap_mean(normal_values(400, 1), {}, threads);
    EXPECT_EQ(interval.users, 400U);
    EXPECT_NEAR(interval.high - interval.mean, 0.098, 0.02);
    EXPECT_NEAR(interval.mean - interval.low, 0.098, 0.02);
}

// 200 samples of 60 users: the interval holds the true mean 2 in 95 % of them; five deviations of a binomial are 15 %, towards
// fewer because the percentile interval is a little narrow for 60.
TEST(BootstrapMean, covers_the_true_mean_about_as_often_as_it_says) {
    base::ThreadPool threads(2);
    BootstrapConfig config;
    config.resamples = 400;
    int covered = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const Interval interval = bootstrap_mean(normal_values(60, 100 + seed), config, threads);
        covered += interval.low <= 2.0 && 2.0 <= interval.high ? 1 : 0;
    }
    EXPECT_GE(covered, 172);
    EXPECT_LE(covered, 199);
}

TEST(BootstrapMean, of_equal_values_has_no_width_and_of_none_is_zero) {
    base::ThreadPool threads(1);
    const Interval equal = bootstrap_mean(std::vector<double>(10, 0.25), {}, threads);
    EXPECT_EQ(equal.low, 0.25);
    EXPECT_EQ(equal.high, 0.25);
    const Interval none = bootstrap_mean({}, {}, threads);
    EXPECT_EQ(none.users, 0U);
    EXPECT_EQ(none.mean, 0.0);
    const Interval missing = bootstrap_mean(std::vector<double>{kNan, kNan}, {}, threads);
    EXPECT_EQ(missing.users, 0U);
    EXPECT_EQ(missing.high, 0.0);
}

TEST(BootstrapMeans, leave_out_users_without_a_value_column_by_column) {
    base::ThreadPool threads(2);
    // Users (1, -), (3, 5), (-, 7): means 2 of two users and 6 of two.
    const auto intervals = bootstrap_means(std::vector<double>{1, kNan, 3, 5, kNan, 7}, 2, {}, threads);
    EXPECT_EQ(intervals[0].mean, 2.0);
    EXPECT_EQ(intervals[0].users, 2U);
    EXPECT_EQ(intervals[1].mean, 6.0);
    EXPECT_GE(intervals[1].low, 5.0);
    EXPECT_LE(intervals[1].high, 7.0);
}

TEST(BootstrapMeans, give_the_same_bytes_with_any_number_of_threads_and_other_ones_for_another_seed) {
    const std::vector<double> values = normal_values(300, 4);
    base::ThreadPool one(1);
    base::ThreadPool four(4);
    BootstrapConfig config;
    const auto a = bootstrap_means(values, 3, config, one);
    const auto b = bootstrap_means(values, 3, config, four);
    config.seed = 43;
    const auto c = bootstrap_means(values, 3, config, four);
    for (std::size_t column = 0; column < 3; ++column) {
        EXPECT_EQ(a[column].low, b[column].low);
        EXPECT_EQ(a[column].high, b[column].high);
        EXPECT_NE(a[column].low, c[column].low);
    }
}

// Users differ by far more than the stages do: paired, the small gain is seen; unpaired, the intervals overlap.
TEST(PairedDifference, sees_what_the_intervals_of_two_means_hide) {
    base::ThreadPool threads(2);
    const std::vector<double> base_values = normal_values(200, 8);
    std::vector<double> better = base_values;
    Rng rng(2);
    for (double& value : better) value += 0.02 + 0.01 * rng.normal();
    const Interval difference = paired_differences(better, base_values, 1, {}, threads).front();
    EXPECT_NEAR(difference.mean, 0.02, 0.003);
    EXPECT_GT(difference.low, 0.015);
    EXPECT_LT(bootstrap_mean(better, {}, threads).low, bootstrap_mean(base_values, {}, threads).high);
}

TEST(PairedDifference, counts_only_users_who_have_both) {
    base::ThreadPool threads(1);
    const std::vector<double> ours = {3, 8, kNan, 9, 4, 10};
    const std::vector<double> theirs = {1, 7, 1, 7, kNan, 7};
    const auto differences = paired_differences(ours, theirs, 2, {}, threads);
    EXPECT_EQ(differences[0].users, 1U);
    EXPECT_EQ(differences[0].mean, 2.0);
    EXPECT_EQ(differences[1].users, 3U);
    EXPECT_EQ(differences[1].mean, 2.0);
}

}  // namespace
}  // namespace shortlist::eval
