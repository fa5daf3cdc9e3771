// With models made by hand, so that every list can be told beforehand; over a trained project: engine/project/live_project_test.cc.
#include "engine/pipeline/live_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include "engine/pipeline/small_live_testing_internal.h"

namespace shortlist::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// The same lists as the recommender's own, by the ids of the files.
TEST_F(SmallLive, answers_in_the_ids_of_the_outside_world) {
    const auto live = open();
    const auto slate = live->recommend(by("ann")).value();
    EXPECT_EQ(slate.bundle, "first");
    EXPECT_THAT(ids_of(slate), ElementsAre("i2", "i1", "i6", "i3"));
    EXPECT_EQ(slate.items[0].title, "Title 2") << "the first of its texts";
    EXPECT_FLOAT_EQ(slate.items[0].score, 1.0F / 62 + 1.0F / 61);
    EXPECT_THAT(slate.items[0].reasons, IsEmpty());
    EXPECT_THAT(slate.degraded, IsEmpty());
    EXPECT_EQ(slate.stages.size(), 5U);
    EXPECT_THAT(list(*live, ""), ElementsAre("i0", "i1", "i2"));
    EXPECT_THAT(list(*live, "nobody knows"), ElementsAre("i0", "i1", "i2"));
}

TEST_F(SmallLive, knows_its_own_size) {
    const auto live = open();
    const auto facts = live->facts();
    EXPECT_EQ(facts.bundle, "first");
    EXPECT_EQ(facts.events, 38U);  // 8 + 7 + ... + 1 of crowd, one of ann, one of ben
    EXPECT_EQ(facts.items, 8U);
    EXPECT_EQ(facts.users, 3U);
    EXPECT_EQ(facts.newest_event, SmallProject::kStart);
    EXPECT_EQ(facts.surface, "home");
    EXPECT_GT(facts.state.users, 100U);
    EXPECT_GT(facts.seconds_to_ready, 0.0);
    EXPECT_LT(facts.seconds_to_ready, 60.0);
}

// Popular proposes 1 2 3 once item 0 is hidden, similar 2 with the score 1 and 6 with 0.5.
TEST_F(SmallLive, explains_a_place_by_the_retrievers_that_proposed_it) {
    const auto live = open();
    auto request = by("ann");
    request.explain = true;
    const auto slate = live->recommend(request).value();
    const auto reasons = [&](std::size_t place) {
        std::vector<std::pair<std::string, std::size_t>> found;
        for (const auto& reason : slate.items[place].reasons) found.emplace_back(reason.retriever, reason.rank);
        return found;
    };
    EXPECT_THAT(reasons(0), ElementsAre(Pair("popular", 2U), Pair("similar", 1U)));
    EXPECT_THAT(reasons(1), ElementsAre(Pair("popular", 1U)));
    EXPECT_THAT(reasons(2), ElementsAre(Pair("similar", 2U)));
    EXPECT_EQ(slate.items[2].reasons[0].score, 0.5F);
    EXPECT_THAT(slate.items[0].features, IsEmpty()) << "no ranker, no features";
}

// Six trees whose leaves are +-k: what tree k adds is the greater, the greater k; the smallest of them is left out.
TEST_F(SmallLive, explains_a_score_by_the_five_features_that_moved_it_most) {
    for (const double k : {3.0, 1.0, 6.0, 2.0, 5.0, 4.0}) {
        features::FeatureConfig rank;
        rank.name = "f" + std::to_string(static_cast<int>(k));
        rank.kind = features::FeatureKind::RetrieverRank;
        rank.retriever = "popular";
        small_.add_ranker_tree(rank, 1.5, -k, k);
    }
    const auto live = open();
    auto request = by("ann");
    request.explain = true;
    const auto slate = live->recommend(request).value();
    ASSERT_EQ(slate.items.size(), 4U);
    for (const auto& item : slate.items) {
        std::vector<std::string> names;
        for (const auto& feature : item.features) {
            names.push_back(feature.name);
            EXPECT_EQ(feature.contribution > 0, item.id != "i1") << "only the first of popular is at most 1.5";
            EXPECT_TRUE(item.id == "i6" ? std::isnan(feature.value) : feature.value == static_cast<float>(item.id[1] - '0'));
        }
        EXPECT_THAT(names, ElementsAre("f6", "f5", "f4", "f3", "f2"));
    }
}

TEST_F(SmallLive, ranks_what_it_knows_of_the_callers_candidates) {
    const auto live = open();
    auto request = by("ann");
    request.candidates = {"i7", "unheard of", "i6", "i2"};
    EXPECT_THAT(ids_of(*live->recommend(request)), ElementsAre("i2", "i6", "i7"));
    request.candidates = {"unheard of"};
    EXPECT_THAT(live->recommend(request)->items, IsEmpty());
    request.candidates.clear();
    request.exclude = {"i2", "unheard of"};
    request.size = 2;
    EXPECT_THAT(ids_of(*live->recommend(request)), ElementsAre("i1", "i6"));
    request.surface = "hmoe";
    EXPECT_EQ(live->recommend(request).error().code, ErrorCode::InvalidArgument);
}

// A tree on the device: its codes are those of training, whichever order the log met the devices in; 0 is one that nobody knows.
TEST_F(SmallLive, reads_the_circumstances_of_a_request_in_the_codes_of_training) {
    features::FeatureConfig device;
    device.kind = features::FeatureKind::Attribute;
    device.of = "context";
    device.attribute = "device";
    small_.add_ranker_tree(device, 1.5, 0, 1);
    small_.spec.categories = {{{"", "watch", "tablet", "radio", "phone"}}};
    const auto live = open();
    const auto code_of = [&](std::vector<std::pair<std::string, std::string>> context) {
        auto request = by("ann");
        request.explain = true;
        request.context = std::move(context);
        return live->recommend(request)->items.at(0).features.at(0).value;
    };
    EXPECT_EQ(code_of({{"device", "phone"}}), 4.0F);
    EXPECT_EQ(code_of({{"weather", "rain"}, {"device", "tablet"}}), 2.0F);
    for (const auto* unknown : {"abacus", "radio"}) {
        const float code = code_of({{"device", unknown}});
        EXPECT_TRUE(code == 0.0F || std::isnan(code)) << unknown << ' ' << code;
    }
}

TEST_F(SmallLive, finds_similar_items_best_first) {
    const auto live = open();
    const auto similar = live->similar("i0", 5).value();
    EXPECT_THAT(ids_of(similar), ElementsAre("i2", "i6"));
    EXPECT_EQ(similar.items[1].score, 0.5F);
    EXPECT_EQ(similar.bundle, "first");
    EXPECT_THAT(similar.degraded, IsEmpty());
    EXPECT_THAT(ids_of(*live->similar("i0", 1)), ElementsAre("i2"));
    EXPECT_EQ(live->similar("unheard of", 5).error().message, "item: no item is called 'unheard of'");
    const auto alone = live->similar("i7", 5).value();
    EXPECT_THAT(alone.items, IsEmpty());
    EXPECT_THAT(alone.degraded, ElementsAre("similar: no model knows the item yet"));
}

// Ann met item 0 at kStart, and meets it again an hour later: by the clock, or by the log, whose time stands still.
TEST_F(SmallLive, answers_at_the_time_of_the_clock_or_of_the_log) {
    small_.home().hide_seen.us = kHourUs;
    const auto shows_again = [&](ServeTime time, TimeUs later) {
        LiveOptions options;
        options.time = time;
        options.read_only = true;
        clock_.set(SmallProject::kStart + later);
        const auto slate = list(*open(options), "ann");
        return std::find(slate.begin(), slate.end(), "i0") != slate.end();
    };
    EXPECT_FALSE(shows_again(ServeTime::Clock, kHourUs - 1));
    EXPECT_TRUE(shows_again(ServeTime::Clock, kHourUs));
    EXPECT_TRUE(shows_again(ServeTime::Clock, 3 * kDayUs));
    EXPECT_FALSE(shows_again(ServeTime::Log, kHourUs));
    EXPECT_TRUE(shows_again(ServeTime::Auto, kDayUs));
    EXPECT_FALSE(shows_again(ServeTime::Auto, kDayUs + 1)) << "a history that ended long ago";
}

TEST_F(SmallLive, counts_a_choice_for_its_user_at_once_and_for_others_from_the_next_minute_on) {
    const auto live = open();
    auto events = crowd("i5", 20);
    events.push_back(choose("ben", "i1"));
    ASSERT_TRUE(live->add_events(events));
    EXPECT_THAT(list(*live, "ben"), Not(Contains("i1")));
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i0", "i1", "i2"));
    clock_.advance(kMinuteUs - 1);
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i0", "i1", "i2"));
    clock_.advance(1);
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i5", "i0", "i1"));
}

TEST_F(SmallLive, takes_what_a_stream_brought_together_with_where_it_stands) {
    const auto live = open();
    const TimeUs minute = clock_.now() / kMinuteUs * kMinuteUs;
    const data::StreamPosition position{"clicks", 3, 42, clock_.now()};
    const std::vector<data::Record> records{data::Tick{minute}, choose("ben", "i1", "once"), choose("ben", "i2", "twice"),
                                            choose("ben", "i2", "twice")};
    EXPECT_EQ(live->take_stream(records, {position}).value(), 1U) << "the event that was known";
    EXPECT_THAT(list(*live, "ben"), Not(testing::AnyOf(Contains("i1"), Contains("i2"))));
    EXPECT_THAT(live->positions().value(), ElementsAre(position));
    const auto before = live->state_digest();
    EXPECT_EQ(live->take_stream(records, {}).value(), 3U);
    EXPECT_EQ(live->state_digest(), before) << "the same again changes nothing";
    EXPECT_EQ(LiveOptions().max_clock_skew, 5 * kMinuteUs);
    auto future = choose("ben", "i3");
    future.time += LiveOptions().max_clock_skew + 1;
    EXPECT_THAT(live->check(future).error().message, HasSubstr("time: must lie from 1970"));
    EXPECT_TRUE(live->check(choose("ben", "i3")));
}

TEST_F(SmallLive, lets_the_clock_move_shared_state_no_further_than_a_stream_has_come) {
    const auto live = open();
    live->hold_ticks(clock_.now());
    ASSERT_TRUE(live->add_events(crowd("i5", 20)));
    clock_.advance(kMinuteUs);
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i0", "i1", "i2"));
    live->hold_ticks(clock_.now());
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i5", "i0", "i1"));
}

TEST_F(SmallLive, an_event_of_the_next_minute_makes_the_one_before_count) {
    LiveOptions options;
    options.time = ServeTime::Log;
    const auto live = open(options);
    ASSERT_TRUE(live->add_events(crowd("i5", 20)));
    clock_.advance(kMinuteUs);
    ASSERT_TRUE(live->add_events({choose("ben", "i1")}));
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("i5", "i0", "i1"));
}

TEST_F(SmallLive, an_item_that_is_new_can_be_proposed) {
    const auto live = open();
    auto events = crowd("brand new", 20);
    ASSERT_TRUE(live->add_events(events));
    EXPECT_EQ(live->facts().items, 9U);
    EXPECT_EQ(live->facts().users, 23U);
    clock_.advance(kMinuteUs);
    EXPECT_THAT(list(*live, "somebody else"), ElementsAre("brand new", "i0", "i1"));
    EXPECT_EQ(live->recommend(by("somebody else"))->items[0].title, "");
}

TEST_F(SmallLive, answers_for_each_event_what_became_of_it) {
    const auto live = open();
    auto future = choose("ann", "i3");
    future.time += 5 * kMinuteUs;
    auto too_far = future;
    too_far.time += 1;
    auto timeless = choose("ann", "i4");
    timeless.time = 0;
    const auto stored = live->add_events({choose("ann", "i1", "a"), choose("", "i1"), choose("ann", "i1", "a"), too_far, timeless, future}).value();
    ASSERT_EQ(stored.size(), 6U);
    EXPECT_TRUE(stored[0].status && stored[2].status && stored[4].status && stored[5].status);
    EXPECT_THAT(stored[1].status.error().message, HasSubstr("user"));
    EXPECT_THAT(stored[3].status.error().message, HasSubstr("time"));
    EXPECT_FALSE(stored[0].duplicate);
    EXPECT_TRUE(stored[2].duplicate);
    EXPECT_EQ(stored[2].offset, stored[0].offset);
    EXPECT_EQ(stored[4].offset, stored[0].offset + 1);
    EXPECT_EQ(stored[5].offset, stored[0].offset + 2);
    EXPECT_EQ(live->facts().events, 41U);
    EXPECT_EQ(live->facts().newest_event, SmallProject::kNow + 5 * kMinuteUs);
    ASSERT_TRUE(live->add_events({choose("ann", "i1")}));
    EXPECT_EQ(live->facts().newest_event, SmallProject::kNow + 5 * kMinuteUs) << "an older one changes nothing about the newest";
    EXPECT_THAT(live->add_events({})->size(), 0U);
}

TEST_F(SmallLive, takes_new_states_of_items_and_users) {
    {
        const auto live = open();
        ASSERT_EQ(list(*live, "ann").size(), 4U) << "no tick is due any more";
        const auto stored =
            live->upsert_items({{"i2", {{"title", std::string("Renamed")}}}, {"", {}}, {"new", {{"title", std::string("New")}}}}).value();
        EXPECT_TRUE(stored[0].status && stored[2].status);
        EXPECT_FALSE(stored[1].status);
        EXPECT_EQ(live->recommend(by("ann"))->items[0].title, "Renamed");
        EXPECT_EQ(live->facts().items, 9U);
        auto request = by("ann");
        request.candidates = {"i7", "new"};
        EXPECT_THAT(ids_of(*live->recommend(request)), ElementsAre("i7", "new")) << "it can be ranked at once";
        EXPECT_TRUE((*live->upsert_users({{"dora", {}}}))[0].status);
        EXPECT_FALSE((*live->upsert_users({{"", {}}}))[0].status);
        EXPECT_EQ(live->facts().users, 4U);
        EXPECT_EQ(live->facts().events, 38U) << "none of this is an event";
    }
    const auto again = open();
    EXPECT_EQ(again->facts().items, 9U);
    EXPECT_EQ(again->facts().users, 4U);
    EXPECT_EQ(again->recommend(by("ann"))->items[0].title, "Renamed");
}

TEST_F(SmallLive, opened_again_it_gives_the_same_lists) {
    std::vector<std::string> before;
    {
        const auto live = open();
        ASSERT_TRUE(live->add_events({choose("ann", "i1"), choose("ben", "i0")}));
        before = list(*live, "ann");
        EXPECT_FALSE(LiveProject::open(folder_, clock_, {})) << "two must not write one project";
    }
    const auto again = open();
    EXPECT_EQ(list(*again, "ann"), before);
    EXPECT_THAT(list(*again, "ben"), Not(Contains("i0")));
    EXPECT_EQ(again->facts().events, 40U);
    EXPECT_EQ(again->facts().newest_event, SmallProject::kNow);
}

// Whatever a request sees, the log tells: the clock's ticks, too, after which a late event counts for the next one.
TEST_F(SmallLive, another_process_that_reads_the_log_has_the_same_state) {
    LiveOptions options;
    options.time = ServeTime::Clock;
    const auto live = open(options);
    LiveOptions reading = options;
    reading.read_only = true;
    std::vector<std::string> digests;
    for (int minute = 0; minute < 4; ++minute) {
        auto late = choose("ben", "i" + std::to_string(minute));
        clock_.advance(kMinuteUs);
        ASSERT_TRUE(live->recommend(by("ann"))) << "lets the minute's tick pass";
        ASSERT_TRUE(live->add_events({late, choose("ann", "i5")}));
        ASSERT_TRUE(live->upsert_items({{"i" + std::to_string(minute), {{"kind", std::string("other")}}}}));
        digests.push_back(live->state_digest());
        EXPECT_EQ(open(reading)->state_digest(), digests.back()) << minute;
    }
    EXPECT_NE(digests[0], digests[1]);
    const auto before = live->state_digest();
    const auto reader = open(reading);
    clock_.advance(kMinuteUs);
    ASSERT_TRUE(reader->recommend(by("ann")));
    EXPECT_EQ(live->state_digest(), before) << "who only reads lets ticks pass for himself alone";
    EXPECT_EQ(open(reading)->state_digest(), before);
}

TEST_F(SmallLive, begins_with_the_snapshot_of_when_it_ended) {
    std::string before;
    {
        const auto live = open();
        EXPECT_EQ(live->facts().restored, 0U);
        ASSERT_TRUE(live->add_events({choose("ann", "i1"), choose("stranger", "new")}));
        ASSERT_TRUE(live->upsert_items({{"new", {{"title", std::string("New")}}}}));
        before = live->state_digest();
    }
    const auto again = open();
    EXPECT_EQ(again->facts().restored, 41U);
    EXPECT_EQ(again->state_digest(), before);
    EXPECT_EQ(again->facts().events, 40U);
    EXPECT_EQ(again->facts().newest_event, SmallProject::kNow);
    ASSERT_TRUE(again->add_events({choose("ann", "new")}));
    EXPECT_EQ(again->add_events({choose("ann", "new")})->at(0).duplicate, true);
    fs::remove_all(folder_ / "state");
    LiveOptions reading;
    reading.read_only = true;
    const auto folded = open(reading);
    EXPECT_EQ(folded->facts().restored, 0U);
    EXPECT_EQ(folded->state_digest(), again->state_digest()) << "the snapshot and what came behind it, or everything anew";
}

TEST_F(SmallLive, a_forgotten_user_is_a_newcomer_and_the_state_is_that_of_the_log_that_is_left) {
    const auto live = open();
    ASSERT_TRUE(live->add_events({choose("ann", "i3"), choose("ann", "first of ann"), choose("ben", "first of ben")}));
    ASSERT_NE(list(*live, "ann"), list(*live, "nobody"));
    const auto forgotten = live->forget("ann");
    ASSERT_TRUE(forgotten) << forgotten.error().message;
    EXPECT_EQ(forgotten->imported_events, 1U);
    EXPECT_EQ(forgotten->live_events, 2U);
    EXPECT_EQ(list(*live, "ann"), list(*live, "nobody"));
    EXPECT_EQ(live->facts().events, 38U);
    EXPECT_EQ(live->facts().items, 10U) << "items keep their rows, also one that only ann knew";
    EXPECT_EQ(live->forget("ann").error().code, ErrorCode::NotFound);
    ASSERT_TRUE(live->add_events({choose("ben", "i1"), choose("ann", "i2")}));
    LiveOptions reading;
    reading.read_only = true;
    EXPECT_GT(open(reading)->facts().restored, 0U) << "a snapshot was taken anew";
    EXPECT_EQ(open(reading)->state_digest(), live->state_digest());
    reading.use_snapshot = false;
    EXPECT_EQ(open(reading)->state_digest(), live->state_digest());
    EXPECT_EQ(open(reading)->forget("ben").error().code, ErrorCode::FailedPrecondition);
}

TEST_F(SmallLive, takes_snapshots_while_it_serves) {
    LiveOptions options;
    options.snapshot_records = 50;
    const auto live = open(options);
    ASSERT_TRUE(live->add_events(crowd("i5", 20)));
    const auto is_there = [&] { return fs::exists(folder_ / "state") && !fs::is_empty(folder_ / "state"); };
    for (int tries = 0; tries < 1000 && !is_there(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(is_there()) << "at the 50th record of the log";
    LiveOptions reading;
    reading.read_only = true;
    std::uint64_t restored = 0;
    for (int tries = 0; tries < 1000 && restored == 0; ++tries) restored = open(reading)->facts().restored;
    EXPECT_EQ(restored, 58U);
    EXPECT_EQ(open(reading)->state_digest(), live->state_digest());
}

TEST_F(SmallLive, does_without_a_snapshot_that_is_damaged_or_of_another_log) {
    std::string before;
    {
        const auto live = open();
        ASSERT_TRUE(live->add_events({choose("ann", "i1")}));
        before = live->state_digest();
    }
    std::vector<std::string> warnings;
    LiveOptions options;
    options.read_only = true;
    options.warn = [&warnings](const std::string& line) { warnings.push_back(line); };
    const auto snapshot = fs::directory_iterator(folder_ / "state")->path();
    EXPECT_EQ(open(options)->facts().restored, 39U);
    EXPECT_THAT(warnings, IsEmpty());
    const auto size = fs::file_size(snapshot);
    fs::resize_file(snapshot, size - 1);
    EXPECT_EQ(open(options)->facts().restored, 0U);
    EXPECT_EQ(open(options)->state_digest(), before);
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_THAT(warnings[0], HasSubstr("snapshot not used: "));
    EXPECT_THAT(warnings[0], HasSubstr("damaged"));
    { ASSERT_TRUE(open()); }  // takes another one
    EXPECT_EQ(open(options)->facts().restored, 39U);
    fs::remove_all(folder_ / "log" / "tail");
    EXPECT_EQ(open(options)->facts().events, 38U);
    EXPECT_THAT(warnings.back(), HasSubstr("of another log"));
}

TEST_F(SmallLive, that_cannot_save_its_state_serves_all_the_same) {
    std::vector<std::string> warnings;
    {
        std::ofstream(folder_ / "state") << "a file where the folder would be";
        LiveOptions options;
        options.warn = [&warnings](const std::string& line) { warnings.push_back(line); };
        const auto live = open(options);
        ASSERT_TRUE(live->add_events({choose("ann", "i1")}));
        EXPECT_THAT(list(*live, "ann"), Not(Contains("i1")));
    }
    EXPECT_THAT(warnings, Contains(HasSubstr("no snapshot: ")));
    fs::remove(folder_ / "state");
    EXPECT_EQ(open()->facts().events, 39U);
}

TEST_F(SmallLive, opened_for_reading_it_writes_nothing) {
    promote("first");
    LiveOptions reading;
    reading.read_only = true;
    const auto live = open(reading);
    EXPECT_THAT(list(*live, "ann"), ElementsAre("i2", "i1", "i6", "i3"));
    const auto refused = live->add_events({choose("ann", "i1")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "the project is open for reading only");
    EXPECT_FALSE((*live->add_events({choose("", "i1")}))[0].status) << "what is wrong with an event is said all the same";
    EXPECT_FALSE(fs::exists(folder_ / "state"));
}

// The second bundle learns from another type of event, of which the log has one of item 7, and what comes live has two of item 6.
TEST_F(SmallLive, puts_another_bundle_in_place_with_all_that_happened) {
    const auto live = open();
    std::vector<data::Event> looks{choose("ann", "i6"), choose("dora", "i6")};
    for (auto& look : looks) look.type = "look";
    ASSERT_TRUE(live->add_events(looks));
    EXPECT_EQ(live->reload().value(), "first");
    small_.spec.signals.front().second.type = "look";
    promote("second");
    EXPECT_THAT(list(*live, "somebody"), ElementsAre("i0", "i1", "i2"));
    EXPECT_EQ(live->reload().value(), "second");
    EXPECT_EQ(live->recommend(by("somebody"))->bundle, "second");
    clock_.advance(kMinuteUs);
    const auto after = list(*live, "somebody");
    EXPECT_EQ(after.at(0), "i6") << "what happened live is not forgotten";
    EXPECT_EQ(after.at(1), "i7");
    EXPECT_EQ(live->facts().events, 40U);
    promote("third");
    std::ofstream(folder_ / "bundles" / "third" / "models.json") << "{}";
    EXPECT_FALSE(live->reload());
    EXPECT_EQ(live->facts().bundle, "second");
}

TEST_F(SmallLive, without_a_bundle_it_says_to_train) {
    const auto live = LiveProject::open(folder_, clock_, {});
    ASSERT_FALSE(live);
    EXPECT_EQ(live.error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(live.error().message, HasSubstr("shortlist train"));
}

}  // namespace
}  // namespace shortlist::pipeline
