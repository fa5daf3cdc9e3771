#include "engine/training/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shortlist::training {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TimeUs kStart = 20'000 * kDayUs;  // 2024-10-04

// A log of events that all are relevant, an hour apart; of it only the times matter here.
data::Dataset hourly_log(std::size_t events) {
    data::Dataset data;
    for (std::size_t i = 0; i < events; ++i) data.events.time.push_back(kStart + static_cast<TimeUs>(i) * kHourUs);
    return data;
}

std::vector<std::string> warnings_of(const data::Dataset& data, std::size_t users, const eval::SplitConfig& split = {}) {
    const std::vector<std::uint8_t> relevant(data.events.size(), 1);
    const auto periods = Periods::create(data, relevant, split).value();
    return held_out_warnings(data.events, periods, relevant, users, split);
}

TEST(HeldOut, is_not_warned_of_where_a_log_goes_on_to_its_end) { EXPECT_THAT(warnings_of(hourly_log(240), kJudgedUsersMin), IsEmpty()); }

// 2,000 hours after the start are 83 days and 8 hours; the log ends an hour before.
TEST(HeldOut, is_warned_of_where_one_event_was_posted_onto_a_log_that_ended_long_ago) {
    auto data = hourly_log(2000);
    data.events.time.push_back(kStart + 400 * kDayUs);
    EXPECT_THAT(warnings_of(data, 1),
                ElementsAre(AllOf(HasSubstr("2025-11-08T00:00:00Z"), HasSubstr("2024-12-26T07:00:00Z"), HasSubstr("split.test, 1d")),
                            AllOf(HasSubstr("judged: 1, relevant events: 1 of 2,001;"), HasSubstr("split.test longer than 1d"))));
}

// The gap may be as long as the test part, and no longer.
TEST(HeldOut, is_warned_of_a_gap_that_is_longer_than_the_test_part) {
    auto data = hourly_log(240);
    const TimeUs last = data.events.time.back();
    data.events.time.push_back(last + kDayUs);
    EXPECT_THAT(warnings_of(data, kJudgedUsersMin), IsEmpty());
    data.events.time.back() += 1;
    EXPECT_THAT(warnings_of(data, kJudgedUsersMin), ElementsAre(HasSubstr("gap")));
    eval::SplitConfig longer;
    longer.test.us = kDayUs + kMinuteUs;
    EXPECT_THAT(warnings_of(data, kJudgedUsersMin, longer), IsEmpty());
}

TEST(HeldOut, is_warned_of_where_few_users_are_judged) {
    EXPECT_THAT(warnings_of(hourly_log(240), kJudgedUsersMin - 1), ElementsAre(HasSubstr("judged: 99, relevant events: 24 of 240;")));
}

// The last day is 24 of 24,000 events, a thousandth; with one event more it is less.
TEST(HeldOut, is_warned_of_where_it_is_a_splinter_of_the_log_unless_many_users_are_judged) {
    EXPECT_THAT(warnings_of(hourly_log(24'000), kJudgedUsersMin), IsEmpty());
    EXPECT_THAT(warnings_of(hourly_log(24'001), kJudgedUsersEnough - 1), ElementsAre(HasSubstr("24 of 24,001")));
    EXPECT_THAT(warnings_of(hourly_log(24'001), kJudgedUsersEnough), IsEmpty());
}

TEST(HeldOut, is_warned_of_with_the_option_that_its_split_has) {
    auto data = hourly_log(240);
    for (std::uint64_t i = 0; i < 240; ++i) data.events.id.push_back({i, i});
    eval::SplitConfig random;
    random.by = eval::SplitBy::Random;
    EXPECT_THAT(warnings_of(data, 1, random), ElementsAre(HasSubstr("split.test_share above 0.2")));
    data.given_test_begin = 200;
    data.imported_events = 240;
    eval::SplitConfig given;
    given.by = eval::SplitBy::Given;
    EXPECT_THAT(warnings_of(data, 1, given), ElementsAre(AllOf(HasSubstr("40 of 240"), HasSubstr("data.test_events"))));
}

}  // namespace
}  // namespace shortlist::training
