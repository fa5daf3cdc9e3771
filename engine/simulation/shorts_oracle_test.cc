#include "engine/simulation/shorts_oracle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>

#include "engine/simulation/shorts.h"
#include "engine/simulation/shorts_policy_internal.h"

namespace shortlist::simulation {
namespace {

ShortsTruth make_truth() {
    base::ThreadPool threads(2);
    ShortsConfig config;
    config.users = 40;
    config.items = 500;
    config.interactions = 2'000;
    return generate_shorts(config, threads)->truth;
}

// One user, one video, all vectors along one axis, so that the logit can be added up by hand.
ShortsTruth tiny_truth() {
    ShortsTruth truth;
    truth.days = 14;
    truth.topic_vectors.assign(kTopicsPerCategory, Taste{1.0F});
    truth.category_hours = {6.0F};
    truth.taste_first = truth.taste_last = {Taste{1.0F}};
    truth.taste_noise = {Taste{}};
    truth.generosity = {0.25F};
    truth.user_countries = {0};
    truth.item_vectors = {Taste{0.6F, 0.8F}};
    truth.qualities = {2.0F};
    truth.popularities = {1.0F};
    truth.durations = {1.0F};
    truth.uploaded = {0};
    truth.creators = {0};
    truth.topics = {3};
    truth.item_countries = {1};
    truth.watch = {.bias = -3.0F,
                   .taste = 2.0F,
                   .quality = 0.5F,
                   .freshness = 1.0F,
                   .language = 0.75F,
                   .country = 0.5F,
                   .rhythm = 0.5F,
                   .device = 0.5F,
                   .duration = -0.25F,
                   .session = 0.6F,
                   .fatigue = -0.4F,
                   .position = -1.0F,
                   .mood = 0.0F};
    truth.seen_exponent = 1.0F;
    return truth;
}

TEST(WatchLogit, is_the_sum_that_its_weights_promise) {
    const ShortsTruth truth = tiny_truth();
    const TimeUs time = 3 * kDayUs + 6 * kHourUs;
    Viewing viewing{0, taste_at(truth, 0, time), time, WatchContext{}};
    // -3 + 0.25 + 2 x 0.6 + 0.5 x 2 + (0.05 + 0.95 x 2^(-3.25 / 3)) + language 0.75, no country, rhythm 0.5 x cos 0,
    // duration -0.25 + 0.5 x -0.5 on a phone.
    const double fresh = 0.05 + 0.95 * std::pow(2.0, -3.25 / 3.0);
    EXPECT_NEAR(watch_logit(truth, viewing, 0), -3.0 + 0.25 + 1.2 + 1.0 + fresh + 0.75 + 0.5 - 0.25 - 0.25, 1e-6);
    // A television gives 0.5 x 1 in place of 0.5 x -0.5; the category of the session 0.6; two videos of the creator -0.8;
    // position 3 -ln 4; and at 18 h the rhythm is turned round (with less freshness).
    viewing.context = {Device::Television, 3, 0, 2};
    viewing.time += 12 * kHourUs;
    const double later = 0.05 + 0.95 * std::pow(2.0, -3.75 / 3.0);
    EXPECT_NEAR(watch_logit(truth, viewing, 0), -3.0 + 0.25 + 1.2 + 1.0 + later + 0.75 - 0.5 - 0.25 + 0.5 + 0.6 - 0.8 - std::log(4.0), 1e-6);
}

TEST(ShortsOracle, probability_is_that_of_seeing_times_that_of_watching) {
    const ShortsOracle oracle(tiny_truth());
    const TimeUs time = 6 * kHourUs;
    const double fresh = 0.05 + 0.95 * std::pow(2.0, -0.25 / 3.0);
    const double logit = -3.0 + 0.25 + 1.2 + 1.0 + fresh + 0.75 + 0.5 - 0.5;
    EXPECT_NEAR(oracle.probability(0, 0, time), 1.0 / (1.0 + std::exp(-logit)), 1e-6);
    WatchContext context;
    context.position = 1;  // seen half the time, and -ln 2
    EXPECT_NEAR(oracle.probability(0, 0, time, context), 0.5 / (1.0 + std::exp(-logit + std::log(2.0))), 1e-6);
    EXPECT_EQ(oracle.probability(0, 0, -1), 0.0);  // before the upload
}

// 200,000 draws of mood and outcome against the closed form, whose own error is below 0.005 at this spread.
TEST(ShortsOracle, averages_over_the_mood_of_the_session) {
    ShortsTruth truth = tiny_truth();
    truth.watch.mood = 1.0F;
    const TimeUs time = 6 * kHourUs;
    const double logit = watch_logit(truth, {0, taste_at(truth, 0, time), time, {}}, 0);
    Rng rng(5);
    double sum = 0.0;
    for (int draw = 0; draw < 200'000; ++draw) sum += 1.0 / (1.0 + std::exp(-(logit + rng.normal())));
    EXPECT_NEAR(ShortsOracle(truth).probability(0, 0, time), sum / 200'000.0, 0.008);
}

TEST(ShortsOracle, fills_what_it_gives_one_by_one) {
    const ShortsOracle oracle(make_truth());
    const TimeUs time = oracle.truth().start + 10 * kDayUs;
    const WatchContext context{Device::Tablet, 2, 1, 0};
    std::vector<double> all(oracle.truth().items());
    oracle.fill_probabilities(7, time, context, all);
    for (std::size_t item = 0; item < all.size(); ++item) ASSERT_EQ(all[item], oracle.probability(7, item, time, context));
}

// The sampler draws; the oracle computes. 400,000 draws: each count within five standard deviations, and the whole of it.
TEST(ShortsOracle, exposures_are_how_often_the_policy_draws_each_video) {
    const ShortsTruth truth = make_truth();
    base::ThreadPool threads(2);
    const PolicySampler policy(truth, threads);
    const TimeUs time = truth.start + 9 * kDayUs + 7 * kHourUs;
    std::vector<double> exposures(truth.items());
    ShortsOracle(truth).fill_exposures(3, time, exposures);
    EXPECT_NEAR(std::accumulate(exposures.begin(), exposures.end(), 0.0), 1.0, 1e-9);

    constexpr int kDraws = 400'000;
    Rng rng(11);
    std::vector<double> counts(truth.items(), 0.0);
    const auto session = policy.open_session(3, time);
    for (int draw = 0; draw < kDraws; ++draw) counts[policy.sample(session, rng)] += 1.0;
    double distance = 0.0;
    for (std::size_t item = 0; item < counts.size(); ++item) {
        const double expected = kDraws * exposures[item];
        ASSERT_NEAR(counts[item], expected, 5.0 * std::sqrt(expected) + 8.0) << item;
        distance += std::abs(counts[item] - expected) / kDraws;
    }
    EXPECT_LT(distance, 0.04);
}

TEST(ShortsOracle, finds_users_and_videos_by_the_ids_of_the_tables) {
    const ShortsOracle oracle(make_truth());
    EXPECT_EQ(oracle.user("u39"), 39U);
    EXPECT_EQ(oracle.item("v0"), 0U);
    for (const char* id : {"u40", "v1", "u", "", "u-1", "u01", "u1 ", "u99999999999"}) EXPECT_EQ(oracle.user(id), kNoRow) << id;
}

class TruthFile : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(save_truth(make_truth(), path_).has_value()); }
    void TearDown() override { std::filesystem::remove(path_); }
    [[nodiscard]] std::string read() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    void write(std::string_view bytes) const {
        std::ofstream file(path_, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    const std::filesystem::path path_ =
        std::filesystem::path(testing::TempDir()) / (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".truth");
};

TEST_F(TruthFile, loads_what_was_saved) {
    const auto oracle = ShortsOracle::load(path_);
    ASSERT_TRUE(oracle.has_value());
    const ShortsOracle original(make_truth());
    const TimeUs time = original.truth().start + 5 * kDayUs;
    for (std::size_t item = 0; item < 500; ++item) ASSERT_EQ(oracle->probability(4, item, time), original.probability(4, item, time));
    std::vector<double> saved(500);
    std::vector<double> expected(500);
    oracle->fill_exposures(4, time, saved);
    original.fill_exposures(4, time, expected);
    EXPECT_EQ(saved, expected);
}

TEST_F(TruthFile, refuses_a_missing_a_cut_and_a_foreign_file) {
    EXPECT_EQ(ShortsOracle::load(path_.string() + ".none").error().code, ErrorCode::NotFound);
    const std::string bytes = read();
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{40}, bytes.size() - 1}) {
        write(std::string_view(bytes).substr(0, size));
        EXPECT_EQ(ShortsOracle::load(path_).error().code, ErrorCode::DataLoss) << size;
    }
    write("PAR1" + bytes);
    EXPECT_EQ(ShortsOracle::load(path_).error().code, ErrorCode::DataLoss);
}

TEST_F(TruthFile, refuses_counts_and_rows_out_of_range) {
    const std::string bytes = read();
    std::string huge = bytes;
    huge.replace(8, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");  // the number of users
    write(huge);
    EXPECT_EQ(ShortsOracle::load(path_).error().code, ErrorCode::DataLoss);
    std::string country = bytes;
    country.back() = 8;  // the last video's country: there are eight, 0 to 7
    write(country);
    EXPECT_EQ(ShortsOracle::load(path_).error().code, ErrorCode::DataLoss);
    write(bytes);
    EXPECT_TRUE(ShortsOracle::load(path_).has_value());
}

}  // namespace
}  // namespace shortlist::simulation
