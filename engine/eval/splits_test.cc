#include "engine/eval/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"

namespace shortlist::eval {
namespace {

constexpr Part kFit = Part::Fit;
constexpr Part kRank = Part::Rank;
constexpr Part kValidation = Part::Validation;
constexpr Part kTest = Part::Test;

data::EventTable make_events(const std::vector<TimeUs>& times, const std::vector<UserRow>& users) {
    data::EventTable events;
    for (std::size_t i = 0; i < times.size(); ++i) {
        events.time.push_back(times[i]);
        events.user.push_back(users[i]);
        events.item.push_back(static_cast<ItemRow>(i));
        events.id.push_back({base::mix64(i), base::mix64(i + 1'000'000)});
    }
    return events;
}

/// One event an hour for `days` days.
data::EventTable hourly(std::size_t days) {
    std::vector<TimeUs> times;
    for (std::size_t hour = 0; hour < days * 24; ++hour) times.push_back(static_cast<TimeUs>(hour) * kHourUs);
    return make_events(times, std::vector<UserRow>(times.size(), 0));
}

// Ten days of 24: the last event is at 239 h. Test holds times above 215 h, Validation above 191 h: 24 each. Of the 192 before,
// floor(0.25 x 192) = 48 rank.
TEST(SplitByTime, cuts_durations_off_the_end_and_a_share_off_the_rest) {
    SplitConfig config;
    config.ranking = 0.25;
    const Split split = make_split({hourly(10)}, config).value();
    ASSERT_TRUE(split.bounds.has_value());
    EXPECT_EQ(split.bounds->rank_begin, 144U);
    EXPECT_EQ(split.bounds->validation_begin, 192U);
    EXPECT_EQ(split.bounds->test_begin, 216U);
    EXPECT_EQ(split.count(kFit), 144U);
    EXPECT_EQ(split.count(kRank), 48U);
    EXPECT_EQ(split.count(kValidation), 24U);
    EXPECT_EQ(split.parts[191], kRank);
    EXPECT_EQ(split.parts[216], kTest);
}

TEST(SplitByTime, puts_a_late_arrival_where_it_arrived) {
    data::EventTable events = hourly(10);
    events.time[230] = 0;  // arrived last, happened first
    EXPECT_EQ(make_split({events}, {})->parts[230], kTest);
}

TEST(SplitByTime, refuses_to_leave_nothing_to_learn_from) {
    SplitConfig config;
    config.test = {9 * kDayUs};
    config.validation = {2 * kDayUs};
    const auto split = make_split({hourly(10)}, config);
    ASSERT_FALSE(split.has_value());
    EXPECT_THAT(split.error().message, testing::HasSubstr("test 9d and validation 2d leave nothing to learn from"));
    EXPECT_FALSE(make_split({data::EventTable{}}, {}).has_value());
}

// User 0 has six events: 4 others, floor(0.5 x 4) = 2 of them rank. User 1 has two: one to fit, one to test. User 2 has one.
TEST(SplitLeavingOneOut, holds_out_the_last_event_of_each_user_and_one_before_it) {
    const auto events = make_events({0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 0, 0, 2, 0, 0, 1, 0});
    SplitConfig config;
    config.by = SplitBy::LeaveOneOut;
    config.ranking = 0.5;
    const Split split = make_split({events}, config).value();
    EXPECT_EQ(split.parts, (std::vector<Part>{kFit, kFit, kFit, kRank, kFit, kRank, kValidation, kTest, kTest}));
    EXPECT_FALSE(split.bounds.has_value());
}

// Impressions (0) and watches (1) of one user: what lies behind a held-out watch may tell of it, so it is held out too.
TEST(SplitLeavingOneOut, keeps_what_lies_behind_the_held_out_event_from_training) {
    const auto events = make_events({0, 1, 2, 3, 4, 5, 6, 7}, {0, 0, 0, 0, 0, 0, 0, 0});
    const std::vector<std::uint8_t> eligible{0, 1, 0, 1, 1, 0, 1, 0};
    SplitConfig config;
    config.by = SplitBy::LeaveOneOut;
    config.ranking = 0.0;
    EXPECT_EQ(make_split({events, eligible}, config)->parts, (std::vector<Part>{kFit, kFit, kFit, kFit, kValidation, kValidation, kTest, kTest}));
}

TEST(SplitGiven, tests_on_the_marked_events_only) {
    const data::EventTable events = hourly(50);
    std::vector<std::uint8_t> given(events.size(), 0);
    std::fill(given.begin() + 900, given.end(), 1);
    SplitConfig config;
    config.by = SplitBy::Given;
    const Split split = make_split({events, {}, given}, config).value();
    EXPECT_EQ(split.count(kTest), 300U);
    for (std::size_t event = 0; event < events.size(); ++event) ASSERT_EQ(split.parts[event] == kTest, event >= 900);
    // 10 % of 900 and 30 % of the other 810; five binomial deviations are 45 and 65.
    EXPECT_NEAR(static_cast<double>(split.count(kValidation)), 90.0, 45.0);
    EXPECT_NEAR(static_cast<double>(split.count(kRank)), 243.0, 65.0);
    EXPECT_FALSE(make_split({events}, config).has_value()) << "without marks";
}

TEST(SplitAtRandom, gives_each_part_its_share) {
    const data::EventTable events = hourly(500);  // 12,000 events
    SplitConfig config;
    config.by = SplitBy::Random;
    const Split split = make_split({events}, config).value();
    EXPECT_NEAR(static_cast<double>(split.count(kTest)), 2'400.0, 220.0);
    EXPECT_NEAR(static_cast<double>(split.count(kValidation)), 960.0, 150.0);
    EXPECT_NEAR(static_cast<double>(split.count(kRank)), 2'592.0, 230.0);
}

TEST(SplitAtRandom, keeps_an_event_in_its_part_whatever_stands_beside_it) {
    const data::EventTable events = hourly(20);
    data::EventTable fewer;
    for (std::size_t i = 0; i < events.size(); i += 2) {
        fewer.time.push_back(events.time[i]);
        fewer.user.push_back(0);
        fewer.item.push_back(events.item[i]);
        fewer.id.push_back(events.id[i]);
    }
    SplitConfig config;
    config.by = SplitBy::Random;
    const Split whole = make_split({events}, config).value();
    const Split half = make_split({fewer}, config).value();
    for (std::size_t i = 0; i < fewer.size(); ++i) ASSERT_EQ(half.parts[i], whole.parts[2 * i]);
    config.seed = 43;
    EXPECT_NE(make_split({events}, config)->parts, whole.parts);
}

}  // namespace
}  // namespace shortlist::eval
