#include "engine/simulation/shorts_statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// An exponent of 2,000 counts is fitted to ranks 2 to 200: what lies outside may be off the line, and what lies inside may not.
TEST(ZipfSlope, reads_the_ranks_from_a_thousandth_to_a_tenth) {
    std::vector<double> counts{1e9};
    for (int rank = 2; rank <= 200; ++rank) counts.push_back(1e6 * std::pow(rank, -0.8));
    counts.resize(2'000, 1.0);
    EXPECT_NEAR(zipf_slope(counts), 0.8, 1e-9);
    counts.insert(counts.end(), 500, 0.0);
    EXPECT_NEAR(zipf_slope(counts), 0.8, 1e-9) << "who has no count has no rank";
    auto second = counts;
    second[1] *= 2;
    EXPECT_GT(zipf_slope(second), 0.801);
    auto last = counts;
    last[199] /= 2;
    EXPECT_GT(zipf_slope(last), 0.801);
}

TEST(ZipfSlope, needs_two_counts) {
    EXPECT_NEAR(zipf_slope({8.0, 2.0}), 2.0, 1e-12);  // ln 4 / ln 2
    EXPECT_NEAR(zipf_slope({2.0, 8.0, 1.0}), 2.0, 1e-12) << "the first two in order";
    EXPECT_EQ(zipf_slope({3.0, 0.0}), 0.0);
}

std::map<std::string, double> generated(const ShortsWorld& world) {
    std::map<std::string, double> named;
    for (const auto& statistic : describe_shorts(world)) named[statistic.name] = statistic.generated;
    return named;
}

// One impression of a log, found by the page that showed it: an outcome has the page of its impression.
struct Seen {
    std::uint32_t user = 0;
    std::uint32_t item = 0;
    std::int64_t time_ms = 0;
    double fraction = 0;
    bool skipped = false;
    bool liked = false;
    std::size_t session = 0;

    [[nodiscard]] double half() const { return fraction >= 0.5 ? 1 : 0; }
};

const std::vector<std::uint32_t>& codes(const data::ColumnBatch& table, std::string_view name) {
    return std::get<data::CodedColumn>(table.find(name)->values).codes;
}

std::vector<Seen> seen_in(const ShortsWorld& world) {
    const auto& events = world.events;
    const auto& times = std::get<std::vector<std::int64_t>>(events.find("time_ms")->values);
    const auto& values = std::get<std::vector<float>>(events.find("value")->values);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> by_page;
    std::map<std::uint32_t, std::size_t> last;
    std::size_t sessions = 0;
    std::vector<Seen> seen;
    for (std::size_t row = 0; row < events.rows; ++row) {
        const auto user = codes(events, "user_id")[row];
        const std::pair page{codes(events, "request_id")[row], codes(events, "video_id")[row]};
        const auto kind = codes(events, "event")[row];
        if (kind == 0) {
            const bool fresh = !last.contains(user) || times[row] - seen[last[user]].time_ms > 30 * 60'000;
            seen.push_back({.user = user, .item = page.second, .time_ms = times[row]});
            seen.back().session = fresh ? sessions++ : seen[last[user]].session;
            last[user] = by_page[page] = seen.size() - 1;
        } else if (kind == 1) {
            seen[by_page.at(page)].fraction = values[row];
        } else {
            (kind == 2 ? seen[by_page.at(page)].skipped : seen[by_page.at(page)].liked) = true;
        }
    }
    return seen;
}

// The mean product over all pairs of two in one group, pair by pair; its root, with its sign.
template <class Same, class Residual>
double slow_deviation(const std::vector<Seen>& seen, Same same, Residual residual) {
    double products = 0;
    double pairs = 0;
    for (std::size_t a = 0; a < seen.size(); ++a) {
        for (std::size_t b = 0; b < seen.size(); ++b) {
            if (a == b || !same(seen[a], seen[b])) continue;
            products += residual(seen[a]) * residual(seen[b]);
            pairs += 1;
        }
    }
    return std::copysign(std::sqrt(std::abs(products / pairs)), products);
}

template <class Same>
double slow_lift(const std::vector<Seen>& seen, Same same) {
    double pairs = 0;
    double alike = 0;
    double mine = 0;
    double mine_alike = 0;
    for (std::size_t a = 0; a < seen.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            const bool own = seen[a].user == seen[b].user;
            const bool equal = same(seen[a], seen[b]);
            pairs += 1;
            alike += equal ? 1 : 0;
            mine += own ? 1 : 0;
            mine_alike += own && equal ? 1 : 0;
        }
    }
    return mine_alike / mine / (alike / pairs);
}

// A small world, in which users see a video twice; and the figures of its log from their definitions.
class SlowTwin : public testing::Test {
protected:
    static ShortsWorld small_world() {
        ShortsConfig config;
        config.users = 12;
        config.items = 40;
        config.interactions = 1'500;
        config.days = 3;
        base::ThreadPool threads(1);
        return generate_shorts(config, threads).value();
    }
    template <class Holds>
    [[nodiscard]] double share(Holds holds) const {
        return static_cast<double>(std::count_if(seen.begin(), seen.end(), holds)) / all;
    }
    /// How often each key occurs.
    template <class Key>
    [[nodiscard]] auto counts_by(Key key) const {
        std::map<decltype(key(Seen{})), double> counts;
        for (const auto& one : seen) counts[key(one)] += 1;
        return counts;
    }

    const ShortsWorld world = small_world();
    const std::vector<Seen> seen = seen_in(world);
    const double all = static_cast<double>(seen.size());
    std::map<std::string, double> named = generated(world);
};

template <class Counts>
std::vector<double> numbers_of(const Counts& counts) {
    std::vector<double> numbers;
    for (const auto& entry : counts) numbers.push_back(entry.second);
    return numbers;
}

TEST_F(SlowTwin, agrees_about_who_was_shown_what_and_when) {
    auto hours = counts_by([](const Seen& s) { return s.time_ms / 1000 / 3600 % 24; });
    for (std::int64_t hour = 0; hour < 24; ++hour) hours.try_emplace(hour, 0.0);
    const auto by_hour = numbers_of(hours);
    EXPECT_EQ(named["impressions"], all);
    EXPECT_NEAR(named["busiest_hour"], *std::max_element(by_hour.begin(), by_hour.end()) / (all / 24), 1e-12);
    EXPECT_NEAR(named["quietest_hour"], *std::min_element(by_hour.begin(), by_hour.end()) / (all / 24), 1e-12);
    EXPECT_EQ(named["activity_slope"], zipf_slope(numbers_of(counts_by([](const Seen& s) { return s.user; }))));
    EXPECT_EQ(named["popularity_slope"], zipf_slope(numbers_of(counts_by([](const Seen& s) { return s.item; }))));
    EXPECT_NEAR(named["impressions_per_session"], all / static_cast<double>(counts_by([](const Seen& s) { return s.session; }).size()), 1e-12);
    const auto pairs = counts_by([](const Seen& s) { return std::pair(s.user, s.item); });
    EXPECT_NEAR(named["repeated"], 1 - static_cast<double>(pairs.size()) / all, 1e-12);
    EXPECT_GT(named["repeated"], 0.1);
}

TEST_F(SlowTwin, agrees_about_what_came_of_it) {
    EXPECT_DOUBLE_EQ(named["watched"], share([](const Seen& s) { return s.fraction >= 0.1; }));
    EXPECT_DOUBLE_EQ(named["watched_half"], share([](const Seen& s) { return s.fraction >= 0.5; }));
    EXPECT_DOUBLE_EQ(named["watched_whole"], share([](const Seen& s) { return s.fraction >= 1.0; }));
    EXPECT_DOUBLE_EQ(named["skipped"], share([](const Seen& s) { return s.skipped; }));
    EXPECT_DOUBLE_EQ(named["liked"], share([](const Seen& s) { return s.liked; }));
    EXPECT_NEAR(named["liked_of_watched_half"], share([](const Seen& s) { return s.liked && s.fraction >= 0.5; }) / named["watched_half"], 1e-12);

    const auto& duration = std::get<std::vector<std::int64_t>>(world.videos.find("duration_ms")->values);
    std::vector<double> durations;
    std::vector<double> fractions;
    for (const auto& s : seen) {
        durations.push_back(static_cast<double>(duration[s.item]) / 1000);
        fractions.push_back(s.fraction);
    }
    std::sort(durations.begin(), durations.end());
    std::sort(fractions.begin(), fractions.end());
    const auto at = [](const std::vector<double>& sorted, std::size_t twentieths) { return sorted[sorted.size() * twentieths / 20]; };
    EXPECT_EQ(named["duration_s_q10"], at(durations, 2));
    EXPECT_EQ(named["duration_s_q50"], at(durations, 10));
    EXPECT_EQ(named["duration_s_q90"], at(durations, 18));
    EXPECT_EQ(named["watch_fraction_q75"], at(fractions, 15));
    EXPECT_EQ(named["watch_fraction_q90"], at(fractions, 18));
}

TEST_F(SlowTwin, agrees_about_what_users_items_and_sessions_have_in_common) {
    const double average = named["watched_half"];
    auto shown = counts_by([](const Seen& s) { return s.item; });
    std::map<std::uint32_t, double> watched_half;
    for (const auto& s : seen) watched_half[s.item] += s.half();
    const auto over_average = [&](const Seen& s) { return s.half() - average; };
    // An item's rate is drawn to the mean by 20 impressions' worth.
    const auto residual = [&](const Seen& s) { return s.half() - (watched_half[s.item] + 20 * average) / (shown[s.item] + 20); };
    const auto& category = codes(world.videos, "category");
    const auto& creator = codes(world.videos, "creator");
    const auto same_user = [](const Seen& a, const Seen& b) { return a.user == b.user; };
    const auto same_item = [](const Seen& a, const Seen& b) { return a.item == b.item; };
    const auto same_session = [](const Seen& a, const Seen& b) { return a.session == b.session; };
    const auto same_category = [&](const Seen& a, const Seen& b) { return category[a.item] == category[b.item]; };
    const auto same_creator = [&](const Seen& a, const Seen& b) { return creator[a.item] == creator[b.item]; };
    const auto of_user = [&](auto same) { return [=](const Seen& a, const Seen& b) { return a.user == b.user && same(a, b); }; };
    EXPECT_NEAR(named["deviation_item"], slow_deviation(seen, same_item, over_average), 1e-9);
    EXPECT_NEAR(named["deviation_user"], slow_deviation(seen, same_user, residual), 1e-9);
    EXPECT_NEAR(named["deviation_user_category"], slow_deviation(seen, of_user(same_category), residual), 1e-9);
    EXPECT_NEAR(named["deviation_user_creator"], slow_deviation(seen, of_user(same_creator), residual), 1e-9);
    EXPECT_NEAR(named["deviation_session"], slow_deviation(seen, same_session, residual), 1e-9);
    EXPECT_NEAR(named["lift_category"], slow_lift(seen, same_category), 1e-9);
    EXPECT_NEAR(named["lift_creator"], slow_lift(seen, same_creator), 1e-9);
}

TEST(DescribeShorts, finds_nothing_in_common_where_nothing_was_shown_twice) {
    ShortsConfig config;
    config.users = 3;
    config.items = 5;
    config.interactions = 1;
    base::ThreadPool threads(1);
    auto named = generated(generate_shorts(config, threads).value());
    EXPECT_EQ(named["impressions"], 1.0);
    EXPECT_EQ(named["impressions_per_session"], 1.0);
    EXPECT_EQ(named["repeated"], 0.0);
    for (const auto* name : {"deviation_item", "deviation_user", "deviation_session", "lift_category", "liked_of_watched_half"}) {
        EXPECT_EQ(named[name], 0.0) << name;
    }
}

// Half an hour without an impression is still one session; a millisecond more is another.
TEST(DescribeShorts, parts_sessions_by_more_than_half_an_hour) {
    const auto per_session = [](std::int64_t gap_ms) {
        ShortsWorld world;
        world.truth.generosity.resize(1);
        world.truth.qualities.resize(1);
        const auto coded = [](std::string name, std::vector<std::uint32_t> codes) {
            return data::Column{std::move(name), data::CodedColumn{std::move(codes), {}}, {}};
        };
        world.events.rows = 2;
        world.events.columns = {coded("user_id", {0, 0}),
                                coded("video_id", {0, 0}),
                                {"time_ms", std::vector<std::int64_t>{0, gap_ms}, {}},
                                coded("event", {0, 0}),
                                {"value", std::vector<float>{0, 0}, {}}};
        world.videos.rows = 1;
        world.videos.columns = {coded("category", {0}), coded("creator", {0}), {"duration_ms", std::vector<std::int64_t>{10'000}, {}}};
        return generated(world)["impressions_per_session"];
    };
    EXPECT_EQ(per_session(30 * 60 * 1000), 2.0);
    EXPECT_EQ(per_session(30 * 60 * 1000 + 1), 1.0);
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
