// The pipeline's LiveProject over a project that was imported and trained, which only this module can make.
#include "engine/pipeline/live_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/data/bundle_folder.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using pipeline::LiveOptions;
using pipeline::LiveProject;
using pipeline::LiveRequest;
using pipeline::LiveSlate;
using pipeline::ServeTime;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A copy of one trained project for each test.
class LiveProjectTest : public testing::Test {
protected:
    static const SmallProject& trained() {
        static SmallProject project;
        static const bool kTrained = project.train("first").has_value();
        EXPECT_TRUE(kTrained);
        return project;
    }

    std::unique_ptr<LiveProject> open(LiveOptions options = {}) {
        auto live = LiveProject::open(folder_.path(), clock_, options);
        EXPECT_TRUE(live) << live.error().message;
        return std::move(*live);
    }

    data::Event watch(const std::string& user, const std::string& item, const std::string& id = "") const {
        data::Event event;
        event.event_id = id;
        event.time = clock_.now();
        event.user = user;
        event.item = item;
        event.type = "watch";
        return event;
    }

    // Trains a bundle in the test's folder while it may be served.
    void train(const std::string& bundle) {
        ThreadPool pool(2);
        TrainOptions options;
        options.bundle = bundle;
        options.evaluate = false;
        ASSERT_TRUE(train_project(load_project(folder_.path()).value(), options, {clock_, pool, {}}));
    }

    TestFolder folder_{trained().folder.path()};
    base::ManualClock clock_{trained().clock.now()};
};

LiveSlate ask(LiveProject& live, const std::string& user, std::size_t size = 0, bool explain = false) {
    LiveRequest request;
    request.user = user;
    request.size = size;
    request.explain = explain;
    auto slate = live.recommend(request);
    EXPECT_TRUE(slate) << slate.error().message;
    EXPECT_THAT(slate->degraded, IsEmpty());
    return std::move(*slate);
}

std::vector<std::string> ids_of(const LiveSlate& slate) {
    std::vector<std::string> ids;
    for (const auto& item : slate.items) ids.push_back(item.id);
    return ids;
}

std::vector<std::string> list(LiveProject& live, const std::string& user) { return ids_of(ask(live, user)); }

// Lists of ten users with scores, as text.
std::vector<std::string> all_lists(LiveProject& live) {
    std::vector<std::string> lines;
    for (int u = 0; u < 10; ++u) {
        for (const auto& item : ask(live, "u" + std::to_string(u)).items) lines.push_back(item.id + " " + std::to_string(item.score));
    }
    return lines;
}

TEST_F(LiveProjectTest, the_users_next_list_sees_what_was_written) {
    const auto live = open();
    for (const std::string user : {"u1", "somebody new"}) {
        const auto before = list(*live, user);
        ASSERT_EQ(before.size(), 10U);
        const auto stored = live->add_events({watch(user, before[0])});
        ASSERT_TRUE(stored);
        EXPECT_TRUE((*stored)[0].status);
        EXPECT_THAT(list(*live, user), Not(Contains(before[0])));
    }
}

// A newcomer's second list also comes from the retrievers that read a user's own past.
TEST_F(LiveProjectTest, one_choice_makes_a_newcomers_list_their_own) {
    const auto live = open();
    const auto named = [&] {
        std::vector<std::string> retrievers;
        for (const auto& item : ask(*live, "newcomer", 60, /*explain=*/true).items) {
            for (const auto& reason : item.reasons) retrievers.push_back(reason.retriever);
        }
        return retrievers;
    };
    EXPECT_THAT(named(), testing::Each("trending"));
    ASSERT_TRUE(live->add_events({watch("newcomer", "i3")}));
    EXPECT_THAT(named(), testing::AllOf(Contains("taste"), Contains("similar")));
}

TEST_F(LiveProjectTest, an_event_counts_once_however_often_it_comes) {
    const auto live = open();
    const auto before = live->facts().events;
    const auto event = watch("u1", "i5", "once");
    const auto stored = live->add_events({event, event});
    ASSERT_TRUE(stored);
    EXPECT_FALSE((*stored)[0].duplicate);
    EXPECT_TRUE((*stored)[1].duplicate);
    const auto again = live->add_events({event});
    EXPECT_TRUE((*again)[0].duplicate);
    EXPECT_EQ((*again)[0].offset, (*stored)[0].offset);
    EXPECT_EQ(live->facts().events, before + 1);
    // That an imported event is known, too, is what makes it safe to import and to post the same.
    EXPECT_TRUE((*live->add_events({small_events()[0]}))[0].duplicate);
}

TEST_F(LiveProjectTest, one_bad_event_does_not_stop_the_rest) {
    const auto live = open();
    const auto before = live->facts().events;
    auto nameless = watch("", "i1");
    auto future = watch("u1", "i1");
    future.time += kHourUs;
    const auto stored = live->add_events({watch("u1", "i1", "a"), nameless, future, watch("u1", "i2", "b")});
    ASSERT_TRUE(stored);
    EXPECT_TRUE((*stored)[0].status);
    EXPECT_THAT((*stored)[1].status.error().message, HasSubstr("user"));
    EXPECT_THAT((*stored)[2].status.error().message, HasSubstr("time"));
    EXPECT_TRUE((*stored)[3].status);
    EXPECT_EQ((*stored)[3].offset, (*stored)[0].offset + 1);
    EXPECT_EQ(live->facts().events, before + 2);
}

TEST_F(LiveProjectTest, an_event_without_a_time_happens_now) {
    const auto live = open();
    auto event = watch("u1", "i1");
    event.time = 0;
    ASSERT_TRUE((*live->add_events({event}))[0].status);
    EXPECT_EQ(live->facts().newest_event, clock_.now());
}

TEST_F(LiveProjectTest, opened_again_it_holds_every_event_and_gives_the_same_lists) {
    std::vector<std::string> before;
    std::uint64_t events = 0;
    {
        const auto live = open();
        for (int i = 0; i < 40; ++i) {
            ASSERT_TRUE(live->add_events({watch("u" + std::to_string(i % 7), "i" + std::to_string(i)), watch("late", "brand new")}));
            clock_.advance(20 * kSecondUs);
        }
        ASSERT_TRUE(live->upsert_items({{"upserted", {{"title", std::string("T")}}}}));
        before = all_lists(*live);
        events = live->facts().events;
        ASSERT_FALSE(LiveProject::open(folder_.path(), clock_, {})) << "two processes must not write one project";
    }
    const auto again = open();
    EXPECT_EQ(again->facts().events, events);
    EXPECT_EQ(again->facts().items, kSmallItems + 2);
    EXPECT_EQ(all_lists(*again), before);
}

// The clock alone brings the tick about: no further event is needed for a choice to count for everybody.
TEST_F(LiveProjectTest, what_everybody_chooses_counts_for_others_from_the_next_minute_on) {
    LiveOptions options;
    options.time = ServeTime::Clock;
    const auto live = open(options);
    const auto trending_rank = [&]() -> std::size_t {
        for (const auto& item : ask(*live, "newcomer", 60, /*explain=*/true).items) {
            for (const auto& reason : item.reasons) {
                if (item.id == "i59" && reason.retriever == "trending") return reason.rank;
            }
        }
        return 0;
    };
    std::vector<data::Event> events;
    for (int i = 0; i < 500; ++i) events.push_back(watch("crowd" + std::to_string(i), "i59"));
    ASSERT_TRUE(live->add_events(events));
    EXPECT_NE(trending_rank(), 1U);
    clock_.advance(kMinuteUs);
    EXPECT_EQ(trending_rank(), 1U);
}

TEST_F(LiveProjectTest, reload_puts_another_bundle_in_place_and_keeps_what_happened) {
    const auto live = open();
    const auto watched = list(*live, "u1")[0];
    ASSERT_TRUE(live->add_events({watch("u1", watched)}));
    EXPECT_EQ(live->reload().value(), "first");
    train("second");
    EXPECT_EQ(ask(*live, "u1").bundle, "first") << "training alone changes nothing that is served";
    EXPECT_EQ(live->reload().value(), "second");
    EXPECT_EQ(ask(*live, "u1").bundle, "second");
    EXPECT_THAT(list(*live, "u1"), Not(Contains(watched)));
    const auto served = all_lists(*live);
    ASSERT_TRUE(data::promote_bundle(folder_.path() / "bundles", "first"));
    EXPECT_EQ(live->reload().value(), "first");
    EXPECT_NE(all_lists(*live), served) << "the second bundle learned from one event more";
}

TEST_F(LiveProjectTest, requests_get_full_lists_while_events_ticks_and_bundles_come) {
    train("second");
    const auto live = open();
    std::atomic<bool> stopping = false;
    std::atomic<int> answered = 0;
    std::atomic<int> short_lists = 0;
    const auto keep_asking = [&](const std::string& user) {
        while (!stopping) {
            LiveRequest request;
            request.user = user;
            const auto slate = live->recommend(request);
            if (!slate || slate->items.size() != 10) ++short_lists;
            ++answered;
        }
    };
    std::thread known(keep_asking, "u1");
    std::thread newcomer(keep_asking, "newcomer");
    for (int i = 0; i < 10 || answered < 100; ++i) {
        EXPECT_TRUE(live->add_events({watch("other" + std::to_string(i), "fresh" + std::to_string(i))}));
        clock_.advance(kMinuteUs);
        EXPECT_TRUE(data::promote_bundle(folder_.path() / "bundles", i % 2 == 0 ? "first" : "second"));
        EXPECT_TRUE(live->reload());
    }
    stopping = true;
    known.join();
    newcomer.join();
    EXPECT_EQ(short_lists, 0);
}

TEST_F(LiveProjectTest, the_old_bundle_goes_on_serving_when_the_new_one_is_damaged) {
    const auto live = open();
    const auto before = all_lists(*live);
    train("second");
    folder_.write("bundles/second/models.json", "{}");
    EXPECT_FALSE(live->reload());
    EXPECT_EQ(live->facts().bundle, "first");
    EXPECT_EQ(all_lists(*live), before);
}

TEST_F(LiveProjectTest, a_new_item_can_be_ranked_and_is_recommended_once_it_is_chosen) {
    const auto live = open();
    ASSERT_TRUE(live->upsert_items({{"new", {{"category", std::string("c1")}, {"title", std::string("Brand new")}}}}));
    LiveRequest request;
    request.user = "u1";
    request.candidates = {"i2", "new", "unheard of", "i7"};
    const auto ranked = live->recommend(request);
    ASSERT_TRUE(ranked);
    EXPECT_THAT(ids_of(*ranked), testing::UnorderedElementsAre("i2", "new", "i7"));
    for (const auto& item : ranked->items) EXPECT_EQ(item.title, item.id == "new" ? "Brand new" : "Title " + item.id.substr(1));
    std::vector<data::Event> events;
    for (int i = 0; i < 200; ++i) events.push_back(watch("crowd" + std::to_string(i), "new"));
    ASSERT_TRUE(live->add_events(events));
    clock_.advance(kMinuteUs);
    EXPECT_THAT(ids_of(ask(*live, "newcomer", 60)), Contains("new"));
}

TEST_F(LiveProjectTest, candidates_of_whom_none_is_known_leave_an_empty_slate) {
    const auto live = open();
    LiveRequest request;
    request.candidates = {"unheard of"};
    EXPECT_THAT(live->recommend(request)->items, IsEmpty());
}

TEST_F(LiveProjectTest, excluded_items_and_unknown_surfaces) {
    const auto live = open();
    const auto before = list(*live, "u2");
    LiveRequest request;
    request.user = "u2";
    request.exclude = {before[0], before[3], "unheard of"};
    const auto after = ids_of(*live->recommend(request));
    EXPECT_EQ(after.size(), before.size());
    EXPECT_THAT(after, testing::AllOf(Not(Contains(before[0])), Not(Contains(before[3])), Contains(before[1])));
    request.surface = "hoem";
    ASSERT_FALSE(live->recommend(request));
    EXPECT_THAT(live->recommend(request).error().message, HasSubstr("home"));
}

TEST_F(LiveProjectTest, explanations_name_retrievers_and_the_features_that_moved_the_score) {
    const auto live = open();
    for (const auto& item : ask(*live, "u1", 0, /*explain=*/true).items) {
        EXPECT_THAT(item.reasons, Not(IsEmpty()));
        EXPECT_LE(item.features.size(), 5U);
        ASSERT_FALSE(item.features.empty());
        for (std::size_t f = 1; f < item.features.size(); ++f) {
            EXPECT_GE(std::abs(item.features[f - 1].contribution), std::abs(item.features[f].contribution));
        }
    }
}

TEST_F(LiveProjectTest, similar_items_leave_out_the_item_itself_and_an_unknown_one_is_not_found) {
    const auto live = open();
    const auto similar = live->similar("i1", 5);
    ASSERT_TRUE(similar);
    EXPECT_EQ(similar->items.size(), 5U);
    EXPECT_THAT(ids_of(*similar), Not(Contains("i1")));
    ASSERT_FALSE(live->similar("unheard of", 5));
    EXPECT_EQ(live->similar("unheard of", 5).error().code, ErrorCode::NotFound);
}

TEST_F(LiveProjectTest, opened_for_reading_it_answers_beside_a_writer_and_writes_nothing) {
    const auto writer = open();
    LiveOptions options;
    options.read_only = true;
    const auto reader = open(options);
    EXPECT_EQ(all_lists(*reader), all_lists(*writer));
    ASSERT_FALSE(reader->add_events({watch("u1", "i1")}));
    EXPECT_EQ(reader->add_events({watch("u1", "i1")}).error().code, ErrorCode::FailedPrecondition);
}

TEST_F(LiveProjectTest, without_a_bundle_it_says_to_train) {
    std::filesystem::remove_all(folder_.path() / "bundles");
    const auto live = LiveProject::open(folder_.path(), clock_, {});
    ASSERT_FALSE(live);
    EXPECT_THAT(live.error().message, HasSubstr("shortlist train"));
}

}  // namespace
}  // namespace shortlist::project
