#include "engine/simulation/shorts_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

namespace shortlist::simulation {
namespace {

// Counts c / rank^0.8 lie on a line of slope -0.8 exactly.
TEST(ZipfSlope, finds_the_exponent_of_an_exact_law) {
    std::vector<double> counts;
    for (int rank = 1; rank <= 5'000; ++rank) counts.push_back(1e6 * std::pow(rank, -0.8));
    EXPECT_NEAR(zipf_slope(counts), 0.8, 1e-9);
}

TEST(ZipfSlope, is_zero_where_all_are_equal_and_where_there_is_nothing_to_fit) {
    EXPECT_NEAR(zipf_slope(std::vector<double>(1'000, 7.0)), 0.0, 1e-9);
    EXPECT_EQ(zipf_slope({}), 0.0);
    EXPECT_EQ(zipf_slope({3.0}), 0.0);
}

std::map<std::string, ShortsStatistic> describe(const ShortsConfig& config) {
    base::ThreadPool threads(2);
    std::map<std::string, ShortsStatistic> named;
    for (auto& statistic : describe_shorts(*generate_shorts(config, threads))) named[statistic.name] = statistic;
    return named;
}

// Three users, two impressions each. Hand count: watches with 0.6, 0.2, 1.2 of six impressions, one skip, one like.
TEST(DescribeShorts, counts_a_log_of_six_impressions_as_a_person_would) {
    ShortsWorld world;
    world.truth.generosity.resize(3);
    world.truth.qualities.resize(2);
    const auto coded = [](std::string name, std::vector<std::uint32_t> codes) {
        return data::Column{std::move(name), data::CodedColumn{std::move(codes), {}}, {}};
    };
    world.events.rows = 11;
    world.events.columns = {coded("user_id", {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2}),
                            coded("video_id", {0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1}),
                            {"time_ms", std::vector<std::int64_t>{10, 20, 21, 30, 40, 50, 60, 70, 80, 90, 99}, {}},
                            coded("event", {0, 1, 3, 0, 1, 0, 1, 0, 0, 2, 0}),
                            {"value", std::vector<float>{0, 0.6F, 0, 0, 0.2F, 0, 1.2F, 0, 0, 0, 0}, {}}};
    world.videos.rows = 2;
    world.videos.columns = {coded("category", {0, 0}), coded("creator", {0, 1}), {"duration_ms", std::vector<std::int64_t>{10'000, 30'000}, {}}};
    std::map<std::string, double> named;
    for (const auto& statistic : describe_shorts(world)) named[statistic.name] = statistic.generated;
    EXPECT_EQ(named.at("impressions"), 6.0);
    EXPECT_DOUBLE_EQ(named.at("watched"), 3.0 / 6.0);
    EXPECT_DOUBLE_EQ(named.at("watched_half"), 2.0 / 6.0);
    EXPECT_DOUBLE_EQ(named.at("watched_whole"), 1.0 / 6.0);
    EXPECT_DOUBLE_EQ(named.at("skipped"), 1.0 / 6.0);
    EXPECT_DOUBLE_EQ(named.at("liked"), 1.0 / 6.0);
    EXPECT_DOUBLE_EQ(named.at("liked_of_watched_half"), 0.5);
    EXPECT_DOUBLE_EQ(named.at("impressions_per_session"), 2.0);
    EXPECT_DOUBLE_EQ(named.at("lift_category"), 1.0);  // all are of one category
    EXPECT_DOUBLE_EQ(named.at("lift_creator"), 0.0);   // no user saw a creator twice
}

// The bands are those of the decision record: a quarter of the slice's figure either way, for what the defaults were fixed from.
TEST(DescribeShorts, the_default_world_stands_beside_kuairand) {
    ShortsConfig half;  // half of everything: as many impressions by user and by video as in the whole
    half.users /= 2;
    half.items /= 2;
    half.interactions /= 2;
    const auto named = describe(half);
    for (const char* name :
         {"activity_slope", "popularity_slope", "busiest_hour", "quietest_hour", "watched", "watched_half", "watched_whole", "skipped", "liked",
          "liked_of_watched_half", "watch_fraction_q75", "watch_fraction_q90", "duration_s_q10", "duration_s_q50", "duration_s_q90", "deviation_item",
          "deviation_user", "deviation_user_category", "deviation_session"}) {
        const ShortsStatistic& statistic = named.at(name);
        RecordProperty(name, std::to_string(statistic.generated));  // for the table of the decision record
        EXPECT_NEAR(statistic.generated / statistic.kuairand, 1.0, 0.25) << name << ' ' << statistic.generated;
    }
}

TEST(DescribeShorts, popularity_is_steeper_where_it_is_asked_to_be) {
    ShortsConfig config;
    config.users = 600;
    config.items = 3'000;
    config.interactions = 60'000;
    config.popularity_exponent = 0.3;
    const double flat = describe(config).at("popularity_slope").generated;
    config.popularity_exponent = 1.1;
    EXPECT_GT(describe(config).at("popularity_slope").generated, flat + 0.3);
}

}  // namespace
}  // namespace shortlist::simulation
