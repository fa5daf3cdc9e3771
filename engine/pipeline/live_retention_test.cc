// What is older than log.keep leaves the log of a project that lives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/pipeline/small_live_testing_internal.h"

namespace shortlist::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The log keeps an hour. It is folded anew for what lies behind it only where that is six minutes or more.
TEST_F(SmallLive, lets_what_is_old_leave_the_log_while_it_serves_and_the_state_is_that_of_what_is_left) {
    LiveOptions options;
    options.log.keep = {kHourUs};
    options.snapshot_records = 20;
    options.segment_records = 5;
    std::vector<std::string> warnings;
    options.warn = [&warnings](const std::string& line) { warnings.push_back(line); };
    const auto live = open(options);
    ASSERT_TRUE(live->add_events(crowd("new", 5)));
    ASSERT_NE(list(*live, "ann"), list(*live, "nobody"));
    // One is taken of what was imported, at once. Were it to take in the events of later, too, the next would be due only behind it.
    const auto has_snapshot = [&] { return fs::exists(folder_ / "state") && !fs::is_empty(folder_ / "state"); };
    for (int tries = 0; tries < 1000 && !has_snapshot(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(has_snapshot());
    clock_.advance(2 * kHourUs);
    ASSERT_TRUE(live->add_events(crowd("i5", 30)));
    const auto is_cut = [&] { return live->facts().events == 30; };
    for (int tries = 0; tries < 1000 && !is_cut(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(is_cut()) << live->facts().events;
    EXPECT_EQ(live->facts().items, 9U) << "items keep their rows";
    EXPECT_EQ(list(*live, "ann"), list(*live, "nobody")) << "nothing is left of ann";
    ASSERT_TRUE(live->add_events({choose("ben", "i1", "last")}));
    EXPECT_TRUE(live->add_events({choose("ben", "i1", "last")})->at(0).duplicate);
    EXPECT_THAT(warnings, IsEmpty());
    LiveOptions reading;
    reading.read_only = true;
    EXPECT_EQ(open(reading)->state_digest(), live->state_digest());
    reading.use_snapshot = false;
    EXPECT_EQ(open(reading)->state_digest(), live->state_digest());
    EXPECT_EQ(open(reading)->facts().offset, 31U);
}

TEST_F(SmallLive, lets_what_is_old_leave_the_log_before_it_folds_it_where_there_is_enough) {
    LiveOptions options;
    const auto events_at_start = [&](TimeUs later) {
        clock_.advance(later);
        options.log.keep = {};
        { EXPECT_TRUE(open(options)->add_events({choose("ben", "i1")})); }
        options.log.keep = {kHourUs};
        return open(options)->facts().events;
    };
    EXPECT_EQ(events_at_start(kHourUs - 5 * kMinuteUs), 39U) << "the oldest are five minutes older than an hour";
    EXPECT_EQ(events_at_start(2 * kMinuteUs), 2U) << "and now seven";
    EXPECT_EQ(events_at_start(3 * kHourUs), 1U);
}

TEST_F(SmallLive, that_cannot_let_go_of_what_is_old_serves_all_the_same) {
    LiveOptions options;
    options.log.keep = {kHourUs};
    std::vector<std::string> warnings;
    options.warn = [&warnings](const std::string& line) { warnings.push_back(line); };
    { ASSERT_TRUE(open()->add_events({choose("ben", "i1")})); }
    clock_.advance(3 * kHourUs);
    { ASSERT_TRUE(open()->add_events({choose("ben", "i2")})); }
    fs::create_directories(folder_ / "log" / "compact.intent.next");  // where the intent is written first
    EXPECT_EQ(open(options)->facts().events, 40U);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("log not compacted: ")));
    fs::remove_all(folder_ / "log" / "compact.intent.next");
    EXPECT_EQ(open(options)->facts().events, 1U);
}

}  // namespace
}  // namespace shortlist::pipeline
