#include "engine/eval/pooled.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "engine/base/random.h"
#include "engine/eval/metrics.h"

namespace shortlist::eval {
namespace {

using Labels = std::vector<std::uint8_t>;
using Users = std::vector<std::uint32_t>;

// Users who come with a level and a taste of their own, so that their rows are alike: what plain rows would call certain is not.
struct Rows {
    std::vector<float> scores, other_scores;
    Labels labels;
    Users users;
    std::size_t user_count = 0;

    explicit Rows(std::size_t count, std::uint64_t seed) : user_count(count) {
        Rng rng(seed);
        for (std::uint32_t user = 0; user < count; ++user) {
            const double level = rng.normal();
            const std::uint64_t shown = 1 + rng.below(30);
            for (std::uint64_t row = 0; row < shown; ++row) {
                const bool chosen = rng.chance(1 / (1 + std::exp(-level)));
                labels.push_back(chosen ? 1 : 0);
                users.push_back(user);
                scores.push_back(static_cast<float>(std::round(4 * (level + (chosen ? 0.5 : 0) + rng.normal()))));  // with ties
                other_scores.push_back(static_cast<float>(rng.normal() + (chosen ? 0.3 : 0)));
            }
        }
    }
    [[nodiscard]] JudgedRows judged() const { return {labels, users, user_count}; }
    // The rows of everybody but one.
    [[nodiscard]] Rows without(std::uint32_t left_out) const {
        Rows rest(0, 0);
        rest.user_count = user_count;
        for (std::size_t row = 0; row < labels.size(); ++row) {
            if (users[row] == left_out) continue;
            rest.labels.push_back(labels[row]);
            rest.users.push_back(users[row]);
            rest.scores.push_back(scores[row]);
            rest.other_scores.push_back(other_scores[row]);
        }
        return rest;
    }
};

double width(const Interval& interval) { return interval.high - interval.low; }

// The jackknife, which leaves each user out in turn and computes the figure anew.
template <class Figure>
double jackknife_error(const Rows& rows, Figure figure) {
    std::vector<double> values;
    double mean = 0;
    for (std::uint32_t user = 0; user < rows.user_count; ++user) {
        values.push_back(figure(rows.without(user)));
        mean += values.back() / static_cast<double>(rows.user_count);
    }
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const auto users = static_cast<double>(rows.user_count);
    return std::sqrt(squares * (users - 1) / users);
}

// 1.959964 is the 97.5 % point of the normal distribution. Influences 3, 4 and none: sqrt(25 x 2 / 1).
TEST(IntervalOf, is_as_wide_as_the_users_influence_says) {
    const Interval interval = interval_of({10.0, {3.0, std::nan(""), 4.0}}, 0.95);
    EXPECT_EQ(interval.mean, 10.0);
    EXPECT_EQ(interval.users, 2U);
    EXPECT_NEAR(interval.high - 10.0, 1.959964 * std::sqrt(50.0), 1e-5);
    EXPECT_NEAR(10.0 - interval.low, 1.959964 * std::sqrt(50.0), 1e-5);
    EXPECT_NEAR(interval_of({10.0, {3.0, 4.0}}, 0.5).high - 10.0, 0.6744898 * std::sqrt(50.0), 1e-5);
    const Interval one = interval_of({10.0, {3.0}}, 0.95);
    EXPECT_EQ(one.low, 10.0);
    EXPECT_EQ(one.high, 10.0);
    EXPECT_EQ(one.users, 1U);
}

// Both move with the same users, so that their difference is certain.
TEST(DifferenceOf, is_paired_by_user) {
    const Interval interval = difference_of({0.8, {0.1, -0.1, 0.2}}, {0.5, {0.1, -0.1, 0.1}}, 0.95);
    EXPECT_NEAR(interval.mean, 0.3, 1e-12);
    EXPECT_NEAR(interval.high - 0.3, 1.959964 * std::sqrt(0.01 * 3 / 2), 1e-6);
}

TEST(PooledAuc, is_auc_with_an_interval_that_leaving_users_out_confirms) {
    const Rows rows(150, 1);
    const auto pooled = pooled_auc(rows.scores, rows.judged()).value();
    EXPECT_EQ(pooled.value, auc(rows.scores, rows.labels).value());
    double sum = 0;
    for (const double influence : pooled.influence) sum += influence;
    EXPECT_NEAR(sum, 0.0, 1e-12);
    const double error = jackknife_error(rows, [](const Rows& rest) { return auc(rest.scores, rest.labels).value(); });
    EXPECT_NEAR(width(interval_of(pooled, 0.95)), 2 * 1.96 * error, 0.03 * 2 * 1.96 * error);

    const auto other = pooled_auc(rows.other_scores, rows.judged()).value();
    const double paired =
        jackknife_error(rows, [](const Rows& rest) { return auc(rest.scores, rest.labels).value() - auc(rest.other_scores, rest.labels).value(); });
    EXPECT_NEAR(width(difference_of(pooled, other, 0.95)), 2 * 1.96 * paired, 0.03 * 2 * 1.96 * paired);
    EXPECT_FALSE(pooled_auc(std::vector<float>{1, 2}, {Labels{1, 1}, Users{0, 1}, 2}).has_value());
}

// User 5 is right (1), user 2 wrong (0) with three rows, user 9 has no negative: (2 x 1 + 3 x 0) / 5.
TEST(GroupedAuc, weighs_users_by_rows_and_leaves_out_those_of_one_class) {
    const std::vector<float> scores{2, 1, 1, 2, 3, 7};
    const Labels labels{1, 0, 1, 0, 0, 1};
    const Users users{5, 5, 2, 2, 2, 9};
    const auto pooled = grouped_auc(auc_by_group(scores, labels, users), 10).value();
    EXPECT_DOUBLE_EQ(pooled.value, 0.4);
    EXPECT_EQ(interval_of(pooled, 0.95).users, 2U);
    EXPECT_DOUBLE_EQ(pooled.influence[5], 0.4 * 0.6);
    EXPECT_DOUBLE_EQ(pooled.influence[2], 0.6 * -0.4);
    EXPECT_FALSE(grouped_auc(auc_by_group(std::vector<float>{1}, Labels{1}, Users{1}), 2).has_value());
}

TEST(GroupedAuc, has_an_interval_that_leaving_users_out_confirms) {
    const Rows rows(150, 2);
    const auto figure = [](const Rows& rest) { return grouped_auc(auc_by_group(rest.scores, rest.labels, rest.users), rest.user_count).value(); };
    const double error = jackknife_error(rows, [&](const Rows& rest) { return figure(rest).value; });
    EXPECT_NEAR(width(interval_of(figure(rows), 0.95)), 2 * 1.96 * error, 0.06 * 2 * 1.96 * error);
}

TEST(LogLoss, is_the_mean_of_minus_the_log_of_what_came) {
    const auto pooled = log_loss(std::vector<double>{0.8, 0.4}, {Labels{1, 0}, Users{0, 1}, 2});
    EXPECT_DOUBLE_EQ(pooled.value, -(std::log(0.8) + std::log(0.6)) / 2.0);
    EXPECT_DOUBLE_EQ(pooled.influence[0], (-std::log(0.8) - pooled.value) / 2);
    EXPECT_EQ(log_loss({}, {{}, {}, 0}).value, 0.0);
}

TEST(LogLoss, of_a_certainty_that_was_wrong_is_36_and_not_infinite) {
    EXPECT_NEAR(log_loss(std::vector<double>{0.0}, {Labels{1}, Users{0}, 1}).value, 52.0 * std::log(2.0), 1e-9);
}

TEST(LogLoss, has_an_interval_that_leaving_users_out_confirms) {
    const Rows rows(150, 4);
    const auto figure = [](const Rows& rest) {
        std::vector<double> probabilities;
        for (const float score : rest.other_scores) probabilities.push_back(1 / (1 + std::exp(-score)));
        return log_loss(probabilities, rest.judged());
    };
    const double error = jackknife_error(rows, [&](const Rows& rest) { return figure(rest).value; });
    EXPECT_NEAR(width(interval_of(figure(rows), 0.95)), 2 * 1.96 * error, 0.03 * 2 * 1.96 * error);
}

// Items 1, 3 and 4 of eight. Item 4 is user 1's alone, 1 and 3 are everybody's; user 2 got nothing.
TEST(CatalogueCoverage, counts_distinct_items_over_all_and_who_alone_was_served_them) {
    const auto pooled = catalogue_coverage(std::vector<ItemRow>{1, 3, kNoRow, 3, 4, 1, kNoRow, kNoRow, kNoRow}, 3, 8);
    EXPECT_DOUBLE_EQ(pooled.value, 3.0 / 8);
    ASSERT_EQ(pooled.influence.size(), 3U);
    EXPECT_DOUBLE_EQ(pooled.influence[1], (1.0 - 1.0 / 3) / 8 * 2 / 3);
    EXPECT_DOUBLE_EQ(pooled.influence[0], -1.0 / 3 / 8 * 2 / 3);
    EXPECT_EQ(catalogue_coverage({}, 3, 0).value, 0.0);
    EXPECT_EQ(catalogue_coverage({}, 3, 5).value, 0.0);
}

TEST(CatalogueCoverage, has_an_interval_that_leaving_users_out_confirms) {
    constexpr std::size_t kUsers = 60;
    constexpr std::size_t kWidth = 5;
    Rng rng(3);
    std::vector<ItemRow> served;
    for (std::size_t at = 0; at < kUsers * kWidth; ++at) served.push_back(static_cast<ItemRow>(std::min(rng.below(200), rng.below(200))));
    std::vector<double> values;
    double mean = 0;
    for (std::size_t user = 0; user < kUsers; ++user) {
        std::set<ItemRow> rest;
        for (std::size_t at = 0; at < served.size(); ++at) {
            if (at / kWidth != user) rest.insert(served[at]);
        }
        values.push_back(static_cast<double>(rest.size()) / 200);
        mean += values.back() / kUsers;
    }
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double error = std::sqrt(squares * (kUsers - 1.0) / kUsers);
    EXPECT_NEAR(width(interval_of(catalogue_coverage(served, kWidth, 200), 0.95)), 2 * 1.959964 * error, 1e-6);
}

}  // namespace
}  // namespace shortlist::eval
