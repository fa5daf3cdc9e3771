#include "engine/simulation/shorts_oracle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
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
    EXPECT_GT(oracle.probability(0, 0, 0), 0.0);   // and from then on
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

TEST(WatchLogit, counts_at_most_three_videos_of_a_creator) {
    const ShortsTruth truth = tiny_truth();
    Viewing viewing{0, taste_at(truth, 0, 0), 0, WatchContext{}};
    const double first = watch_logit(truth, viewing, 0);
    for (const std::uint32_t shown : {1U, 3U, 4U}) {
        viewing.context.creator_shown = shown;
        EXPECT_NEAR(watch_logit(truth, viewing, 0), first - 0.4 * std::min(shown, 3U), 1e-6) << shown;
    }
    viewing.context = {Device::Tablet, 0, 5, 0};  // another category; 0.5 x 0.25 in place of 0.5 x -0.5
    EXPECT_NEAR(watch_logit(truth, viewing, 0), first + 0.5 * 0.75, 1e-6);
}

TEST(WatchLogit, knows_a_creator_of_the_users_own_country) {
    ShortsTruth truth = tiny_truth();
    const Viewing viewing{0, taste_at(truth, 0, 0), 0, WatchContext{}};
    const double abroad = watch_logit(truth, viewing, 0);
    truth.item_countries = {0};
    EXPECT_NEAR(watch_logit(truth, viewing, 0), abroad + 0.5, 1e-6);
    truth.item_countries = {2};  // neither the language
    EXPECT_NEAR(watch_logit(truth, viewing, 0), abroad - 0.75, 1e-6);
}

TEST(Freshness, falls_by_half_in_three_days_to_a_twentieth) {
    EXPECT_EQ(freshness(-1), 0.0);
    EXPECT_DOUBLE_EQ(freshness(0), 1.0);
    EXPECT_NEAR(freshness(3 * kDayUs), 0.05 + 0.95 / 2, 1e-12);
    EXPECT_NEAR(freshness(6 * kDayUs), 0.05 + 0.95 / 4, 1e-12);
    EXPECT_NEAR(freshness(300 * kDayUs), 0.05, 1e-12);
}

// From the first axis to the second over ten days; the policy sees it a day late, and noise of the third axis on top.
TEST(Tastes, blend_from_the_first_to_the_last_and_the_policy_sees_them_a_day_late_through_noise) {
    ShortsTruth truth = tiny_truth();
    truth.start = 100 * kDayUs;
    truth.days = 10;
    truth.taste_first = {Taste{1.0F}};
    truth.taste_last = {Taste{0.0F, 1.0F}};
    truth.taste_noise = {Taste{0.0F, 0.0F, 1.0F}};
    const auto direction = [](double a, double b, double c) {
        return normalised(Taste{static_cast<float>(a), static_cast<float>(b), static_cast<float>(c)});
    };
    EXPECT_NEAR(dot(taste_at(truth, 0, truth.start + 2 * kDayUs), direction(0.8, 0.2, 0)), 1.0, 1e-6);
    EXPECT_NEAR(dot(taste_at(truth, 0, truth.start - kDayUs), direction(1, 0, 0)), 1.0, 1e-6) << "nothing before the first day";
    EXPECT_NEAR(dot(taste_at(truth, 0, truth.start + 11 * kDayUs), direction(0, 1, 0)), 1.0, 1e-6);
    const Taste late = taste_at(truth, 0, truth.start + 2 * kDayUs);
    EXPECT_NEAR(dot(estimated_taste_at(truth, 0, truth.start + 3 * kDayUs), direction(late[0], late[1], 1)), 1.0, 1e-6);
    EXPECT_EQ(normalised(Taste{}), Taste{1.0F}) << "the first axis where there is no direction";
    EXPECT_NEAR(normalised(Taste{3.0F, 4.0F})[1], 0.8, 1e-6);
}

// exp(9 x 1) and exp(9 x 0), of two topics.
TEST(TopicProbabilities, are_sharp_around_the_estimated_taste) {
    ShortsTruth truth = tiny_truth();
    truth.topic_vectors = {Taste{1.0F}, Taste{0.0F, 1.0F}};
    std::vector<double> chances(2);
    fill_topic_probabilities(truth, Taste{1.0F}, chances);
    EXPECT_NEAR(chances[0], 1.0 / (1.0 + std::exp(-9.0)), 1e-9);
    EXPECT_NEAR(chances[1], std::exp(-9.0) / (1.0 + std::exp(-9.0)), 1e-9);
}

// Two videos of one topic, one in each of two languages; the user speaks the first. What the policy shows can be added up by hand:
// by language 0.85 + 0.15 x (0.25 + 0.10) for English, 0.15 x 0.18 for Portuguese, and what falls to the four languages without a video
// goes by popularity, 3 to 1; the personal part also by how likely each is to be watched.
TEST(ShortsOracle, exposures_add_up_by_hand_in_a_world_of_two_videos) {
    ShortsTruth truth = tiny_truth();
    for (auto* column : {&truth.qualities, &truth.durations}) column->push_back(0.5F);
    truth.popularities = {3.0F, 1.0F};
    truth.item_vectors.push_back(Taste{0.0F, 1.0F});
    truth.uploaded = {-2 * kDayUs, -2 * kDayUs};
    truth.creators = {0, 1};
    truth.topics = {3, 3};
    truth.item_countries = {1, 2};  // GB, BR
    truth.policy = {.personal_share = 0.5F, .fresh_share = 0.25F, .language_share = 0.85F, .sharpness = 9.0F};
    const auto exposures_at = [&](TimeUs time) {
        std::vector<double> out(2);
        ShortsOracle(truth).fill_exposures(0, time, out);
        return out;
    };
    const double english = 0.85 + 0.15 * 0.35;
    const double portuguese = 0.15 * 0.18;
    const double left = 1.0 - english - portuguese;
    // All eight topics look alike, so that the topic with both videos has an eighth of the personal choices; the rest goes by popularity.
    const auto personal = [&](double language, double popular) { return language / 8 + ((english + portuguese) * 7 / 8 + left) * popular; };
    const TimeUs time = kDayPartUs;
    const Viewing estimate = estimated_viewing(truth, 0, time);
    const double first = personal(english, 0.75) * sigmoid(watch_logit(truth, estimate, 0));
    const double second = personal(portuguese, 0.25) * sigmoid(watch_logit(truth, estimate, 1));
    const double popular = english + left * 0.75;
    // Nothing is a day old, so that the fresh quarter goes by popularity, too.
    EXPECT_NEAR(exposures_at(time)[0], 0.25 * popular + 0.5 * first / (first + second) + 0.25 * 0.75, 1e-6);
    // A video is fresh for a day: from just behind its upload, to just before a day is over.
    truth.uploaded = {-2 * kDayUs, time - kDayUs};
    EXPECT_GT(exposures_at(time)[1], exposures_at(time + 1)[1] + 0.1) << "the last moment";
    truth.uploaded = {-2 * kDayUs, time};
    EXPECT_GT(exposures_at(time + 1)[1], exposures_at(time)[1] + 0.1) << "the first";
}

// What is not yet uploaded has no weight: from the first part of a day on that begins behind the upload it has.
TEST(ShortsOracle, popularity_is_that_of_the_beginning_of_a_part_of_the_day) {
    ShortsTruth truth = tiny_truth();
    const ItemCells cells = make_cells(truth);
    truth.popularities = {2.0F};
    truth.uploaded = {kDayPartUs};
    std::vector<double> sums;
    fill_popularity_sums(truth, cells, 0, sums);
    EXPECT_EQ(sums, (std::vector<double>{0.0, 0.0}));
    fill_popularity_sums(truth, cells, 1, sums);
    EXPECT_EQ(sums, (std::vector<double>{0.0, 2.0}));
    fill_popularity_sums(truth, cells, 13, sums);  // 12 parts of 6 hours are 3 days
    EXPECT_NEAR(sums[1], 2.0 * (0.05 + 0.95 / 2), 1e-9);
}

TEST(ItemCells, hold_the_videos_by_language_and_topic) {
    ShortsTruth truth = tiny_truth();
    truth.qualities.resize(4);
    truth.item_countries = {2, 1, 0, 7};  // BR, GB, US, JP: languages 1, 0, 0, 5
    truth.topics = {0, 7, 2, 7};
    const ItemCells cells = make_cells(truth);
    EXPECT_EQ(cells.topics, 8U);
    EXPECT_EQ(cells.order, (std::vector<std::uint32_t>{2, 1, 0, 3}));
    ASSERT_EQ(cells.begins.size(), 6U * 8U + 1U);
    EXPECT_EQ(cells.begins[2], 0U);
    EXPECT_EQ(cells.begins[3], 1U);
    EXPECT_EQ(cells.begins[7], 1U);
    EXPECT_EQ(cells.begins[8], 2U);
    EXPECT_EQ(cells.begins[9], 3U);
    EXPECT_EQ(cells.begins[47], 3U);
    EXPECT_EQ(cells.begins[48], 4U);
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
    EXPECT_EQ(oracle.item("v10"), 10U);
    EXPECT_EQ(oracle.item("v499"), 499U);
    EXPECT_EQ(oracle.item("v500"), kNoRow);
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

TEST_F(TruthFile, keeps_its_counts_within_their_bounds) {
    const std::string bytes = read();
    const auto load_with = [&](std::size_t place, std::uint64_t number) {
        std::string changed = bytes;
        changed.replace(8 + 8 * place, 8, reinterpret_cast<const char*>(&number), 8);
        write(changed);
        const auto loaded = ShortsOracle::load(path_);
        return loaded ? "loads" : loaded.error().message.substr(loaded.error().message.find(": ") + 2);
    };
    const std::string out_of_range = "a count is out of its range";
    // Users, items, categories, days, start. A count within its bounds asks for a file of another size.
    for (const auto& [place, most] : {std::pair<std::size_t, std::uint64_t>{0, 100'000'000}, {1, 100'000'000}, {2, 24}, {3, 366}}) {
        EXPECT_EQ(load_with(place, 0), out_of_range) << place;
        EXPECT_EQ(load_with(place, most + 1), out_of_range) << place;
        EXPECT_NE(load_with(place, most), out_of_range) << place;
        EXPECT_NE(load_with(place, 1), out_of_range) << place;
    }
    EXPECT_EQ(load_with(3, 366), "loads");
    EXPECT_EQ(load_with(4, 0), "loads");
    EXPECT_EQ(load_with(4, (std::uint64_t{1} << 60) - 1), "loads");
    EXPECT_EQ(load_with(4, std::uint64_t{1} << 60), out_of_range);
    EXPECT_EQ(load_with(4, ~std::uint64_t{0}), out_of_range) << "before 1970";
    EXPECT_EQ(load_with(0, 41),
              "has " + std::to_string(bytes.size()) + " bytes where its counts ask for " + std::to_string(bytes.size() + 3 * 64 + 4 + 1));
}

// 13 weights of watching, 4 numbers of the policy, the exponent of seeing, and behind them the first topic's vector.
TEST_F(TruthFile, refuses_laws_and_values_that_are_not_finite) {
    const std::string bytes = read();
    for (std::size_t place = 0; place < 18 + kTasteSize; ++place) {
        std::string changed = bytes;
        const float number = place % 2 == 0 ? std::numeric_limits<float>::quiet_NaN() : -std::numeric_limits<float>::infinity();
        changed.replace(48 + 4 * place, 4, reinterpret_cast<const char*>(&number), 4);
        write(changed);
        const auto loaded = ShortsOracle::load(path_);
        ASSERT_FALSE(loaded) << place;
        EXPECT_EQ(loaded.error().message, "truth " + path_.string() + ": a value is out of its range") << place;
    }
}

TEST_F(TruthFile, refuses_countries_and_topics_that_there_are_not) {
    const auto refusal = [&](auto change) {
        ShortsTruth truth = make_truth();
        change(truth);
        EXPECT_TRUE(save_truth(truth, path_));
        const auto loaded = ShortsOracle::load(path_);
        return loaded ? "loads" : loaded.error().message;
    };
    const std::string message = "truth " + path_.string() + ": a value is out of its range";
    EXPECT_EQ(refusal([](ShortsTruth& truth) { truth.user_countries[3] = 8; }), message);
    EXPECT_EQ(refusal([](ShortsTruth& truth) { truth.item_countries[3] = 8; }), message);
    EXPECT_EQ(refusal([](ShortsTruth& truth) { truth.topics[3] = 24 * 8; }), message);
    EXPECT_EQ(refusal([](ShortsTruth& truth) { truth.topics[3] = 24 * 8 - 1; }), "loads");
    EXPECT_EQ(refusal([](ShortsTruth& truth) { truth.user_countries[3] = truth.item_countries[3] = 7; }), "loads");
}

TEST_F(TruthFile, says_where_it_cannot_write) {
    EXPECT_EQ(save_truth(make_truth(), "/no/such/folder/truth").error().message, "cannot write /no/such/folder/truth");
}

}  // namespace
}  // namespace shortlist::simulation
