#include "engine/project/verify_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "engine/data/bundle_folder.h"
#include "engine/data/log.h"
#include "engine/pipeline/live_project.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

namespace fs = std::filesystem;
using pipeline::LiveProject;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

data::Event watch(const std::string& user, const std::string& item, TimeUs time) {
    data::Event event;
    event.user = user;
    event.item = item;
    event.type = "watch";
    event.time = time;
    return event;
}

pipeline::LiveOptions logging_all() {
    pipeline::LiveOptions options;
    options.impressions.features = 1;
    return options;
}

struct ServedProject : SmallProject {
    ServedProject() { EXPECT_TRUE(train("one")); }

    // A server runs, is sent an event, and ends.
    void serve(const std::string& item) {
        const auto live = LiveProject::open(folder.path(), clock, {}).value();
        ASSERT_TRUE(live->add_events({watch("u1", item, clock.now())}));
    }
    // A server runs; u1 and others do something and are asked what to show, in turn, twenty times; ticks pass. It logs every feature.
    void serve_lists() {
        const auto live = LiveProject::open(folder.path(), clock, logging_all()).value();
        for (int i = 0; i < 20; ++i) {
            const std::string number = std::to_string(i);
            clock.advance(20 * kSecondUs);
            ASSERT_TRUE(live->add_events({watch("u1", "i" + number, clock.now()), watch("u" + number, "i7", clock.now())}));
            for (const auto* user : {"u1", "u2"}) ask(*live, user, number);
        }
    }
    static void ask(LiveProject& live, const std::string& user, const std::string& number) {
        pipeline::LiveRequest request;
        request.request_id = "r-" + user + "-" + number;
        request.user = user;
        request.context = {{"device", "phone"}};
        const auto slate = live.recommend(request);
        ASSERT_TRUE(slate);
        EXPECT_TRUE(slate->logged);
        EXPECT_EQ(slate->items.size(), 10U);
    }
    Result<VerifyReport> verify(bool all = false) { return verify_project(project(), {all}, {clock, pool, {}}); }

    // The log is another one than the server wrote: `change` changes its records, behind the server's back.
    template <class Change>
    void tamper(Change change) {
        std::map<std::uint64_t, data::Record> records;
        {
            const auto log = data::Log::open_reader(folder.path()).value();
            const auto take = [&](std::uint64_t offset, const data::Record& record) -> Status {
                records.emplace(offset, record);
                return {};
            };
            ASSERT_TRUE(log.read_tail(0, take));
            ASSERT_TRUE(log.read_lists(0, take));
        }
        fs::remove_all(folder.path() / "log" / "tail");
        fs::remove_all(folder.path() / "log" / "segments");
        fs::remove_all(folder.path() / "state");
        auto log = data::Log::open_writer(folder.path()).value();
        for (auto& [offset, record] : records) {
            change(record);
            ASSERT_EQ(log.append(std::span(&record, 1)).value().front().offset, offset);
        }
        ASSERT_TRUE(log.sync());
    }
};

TEST(VerifyProject, finds_the_saved_state_equal_to_the_whole_log) {
    ServedProject served;
    const auto before = served.verify().value();
    EXPECT_EQ(before.restored, 0U) << "nothing was served yet";
    EXPECT_TRUE(before.equal());
    served.serve("i7");
    const auto report = served.verify().value();
    EXPECT_EQ(report.bundle, "one");
    EXPECT_EQ(report.events, before.events + 1);
    EXPECT_EQ(report.restored, report.events);
    EXPECT_TRUE(report.equal());
    EXPECT_NE(report.folded_digest, before.folded_digest);
    EXPECT_GT(report.seconds, 0.0);
}

// The fault is planted: the state of a log whose last event was another one, at the same offset.
TEST(VerifyProject, catches_a_saved_state_that_the_log_does_not_give) {
    ServedProject served;
    const TestFolder other(served.folder.path());
    served.serve("i7");
    const auto log = fs::path("log") / "tail";
    {
        const auto live = LiveProject::open(other.path(), served.clock, {}).value();
        ASSERT_TRUE(live->add_events({watch("u1", "i8", served.clock.now())}));
    }
    fs::remove_all(served.folder.path() / log);
    fs::copy(other.path() / log, served.folder.path() / log, fs::copy_options::recursive);
    const auto report = served.verify().value();
    EXPECT_GT(report.restored, 0U);
    EXPECT_FALSE(report.equal());
}

TEST(VerifyProject, finds_every_served_list_to_be_what_the_log_gives) {
    ServedProject served;
    served.serve_lists();
    const auto report = served.verify().value();
    EXPECT_EQ(report.lists.lists, 40U);
    EXPECT_EQ(report.lists.compared, 40U);
    EXPECT_EQ(report.lists.vectors, 400U);
    EXPECT_EQ(report.lists.values % report.lists.vectors, 0U);
    EXPECT_GE(report.lists.values / report.lists.vectors, 15U) << "features of the small project";
    EXPECT_THAT(report.lists.differences, IsEmpty());
    EXPECT_TRUE(report.equal());
    served.tamper([](data::Record&) {});
    EXPECT_TRUE(served.verify()->equal()) << "a log that is written anew and not changed is the same log";
}

// One bit of one value of one list.
TEST(VerifyProject, catches_a_logged_vector_that_is_not_what_was_served) {
    ServedProject served;
    served.serve_lists();
    std::string item;
    served.tamper([&item](data::Record& record) {
        auto* list = std::get_if<data::ServedList>(&record);
        if (list == nullptr || list->request.request_id != "r-u1-9") return;
        item = list->items[2].id;
        float& value = (*list->features)[2 * list->features->size() / 10];  // the first column: the item's category
        value = std::nextafter(value, 10.0F);
    });
    const auto report = served.verify().value();
    EXPECT_TRUE(report.state_equal());
    EXPECT_EQ(report.lists.different, 1U);
    ASSERT_THAT(report.lists.differences, SizeIs(1));
    const auto& difference = report.lists.differences[0];
    EXPECT_EQ(difference.what, "attribute_item_category");
    EXPECT_EQ(difference.user, "u1");
    EXPECT_EQ(difference.item, item);
    EXPECT_EQ(difference.request_id, "r-u1-9");
    EXPECT_NE(difference.logged, difference.derived);
    EXPECT_TRUE(difference.user_equal_at);
    // Since the list before: one of u1's own, and at most the other user's of this item.
    EXPECT_THAT(difference.records, Contains(Field(&pipeline::ListDifference::Record::text, "event watch of u1 with i9")));
}

// The ninth event of u1 was with another item than the log says now: lists before it are what they were.
TEST(VerifyProject, catches_an_event_that_was_changed_behind_the_servers_back) {
    ServedProject served;
    served.serve_lists();
    std::uint64_t changed = 0;
    served.tamper([&changed](data::Record& record) {
        auto* watched = std::get_if<data::Event>(&record);
        if (watched == nullptr || watched->user != "u1" || watched->item != "i9") return;
        watched->item = "i40";
        ++changed;
    });
    ASSERT_EQ(changed, 1U);
    const auto report = served.verify(/*all=*/true).value();
    EXPECT_TRUE(report.state_equal()) << "no state was saved that could tell";
    EXPECT_FALSE(report.equal());
    EXPECT_EQ(report.lists.differences.size(), report.lists.different);
    const auto& first = report.lists.differences.front();
    EXPECT_EQ(first.user, "u1");
    EXPECT_EQ(first.request_id, "r-u1-9");
    ASSERT_TRUE(first.user_equal_at);
    EXPECT_THAT(first.records, Contains(Field(&pipeline::ListDifference::Record::text, "event watch of u1 with i40")));
    std::set<std::string> features;
    for (const auto& difference : report.lists.differences) features.insert(difference.what);
    EXPECT_THAT(features, Contains(HasSubstr("category"))) << "what this user does with items of a category";
}

// The fold is another one: of a feature whose half-life is not that of the bundle which served.
TEST(VerifyProject, names_the_feature_that_another_fold_computes) {
    ServedProject served;
    served.serve_lists();
    const auto bundles = served.folder.path() / "bundles";
    const TestFolder kept(bundles / "one");
    fs::remove_all(bundles / "one");
    auto draft = data::BundleDraft::create(bundles, "one").value();
    std::string changed;
    for (const auto& [path, bytes] : kept.contents(".")) {
        if (path == "manifest.json") continue;
        std::string text = bytes;
        if (path == "models.json") {
            auto spec = pipeline::parse_model_spec(bytes).value();
            const auto feature =
                std::ranges::find_if(spec.features, [](const auto& of) { return of.of == "user x item.category" && of.half_life.us == kHourUs; });
            ASSERT_NE(feature, spec.features.end());
            feature->half_life.us += kMinuteUs;
            feature->name = changed = "tampered_count";
            text = pipeline::to_json(spec);
        }
        ASSERT_TRUE(draft.write_file(path, text));
    }
    ASSERT_TRUE(std::move(draft).commit());
    fs::remove_all(served.folder.path() / "state");
    const auto report = served.verify(/*all=*/true).value();
    EXPECT_GT(report.lists.different, 40U);
    std::map<std::string, std::size_t> features;
    for (const auto& difference : report.lists.differences) ++features[difference.what];
    EXPECT_GT(features[changed], 40U);
    features.erase(changed);
    features.erase("score");  // what the ranker makes of it
    features.erase("item");
    EXPECT_THAT(features, IsEmpty());
    EXPECT_THAT(served.verify()->lists.differences, SizeIs(10));
}

TEST(VerifyProject, says_which_lists_it_cannot_compare) {
    ServedProject served;
    served.serve_lists();
    {
        auto none = logging_all();
        none.impressions.features = 0;
        const auto live = LiveProject::open(served.folder.path(), served.clock, none).value();
        ServedProject::ask(*live, "u1", "unsampled");
        pipeline::LiveRequest nameless;
        nameless.user = "u1";
        EXPECT_FALSE(live->recommend(nameless)->logged) << "without a request's id nothing can refer to the list";
        none.impressions.log = false;
    }
    const auto offset_of_list = [](data::Record& record) {
        if (auto* list = std::get_if<data::ServedList>(&record); list != nullptr && list->request.request_id == "r-u2-0") list->epoch = "history-old";
    };
    served.tamper(offset_of_list);
    ASSERT_TRUE(served.train("two"));
    const auto before = served.verify()->lists;
    EXPECT_EQ(before.compared, 39U);
    EXPECT_EQ(before.without_features, 1U);
    EXPECT_EQ(before.of_other_history, 1U);
    fs::remove_all(served.folder.path() / "bundles" / "one");
    const auto after = served.verify()->lists;
    EXPECT_EQ(after.lists, 41U);
    EXPECT_EQ(after.compared, 0U);
    EXPECT_EQ(after.bundles_gone.at("one"), 39U);
    EXPECT_TRUE(after.equal());
}

TEST(VerifyProject, leaves_lists_alone_where_none_are_to_be_logged) {
    ServedProject served;
    pipeline::LiveOptions none;
    none.impressions.log = false;
    {
        const auto live = LiveProject::open(served.folder.path(), served.clock, none).value();
        pipeline::LiveRequest request;
        request.request_id = "r";
        EXPECT_FALSE(live->recommend(request)->logged);
    }
    EXPECT_EQ(served.verify()->lists.lists, 0U);
}

constexpr int kRounds = 120;

// What clients do to a server at once, each on a thread of its own.
void expect_equal(const pipeline::ListsReport& lists) {
    for (const auto& difference : lists.differences) {
        ADD_FAILURE() << difference.what << " of " << difference.user << " with " << difference.item << " in " << difference.request_id << ": "
                      << difference.logged << ", from the log " << difference.derived;
    }
    EXPECT_TRUE(lists.equal());
}

struct Clients {
    LiveProject& live;
    base::ManualClock& clock;
    std::string word;  ///< No other clients have it in their ids.
    std::atomic<int> logged = 0;

    // Events up to a minute and a half late, of users and items old and new, in contexts old and new; the clock goes on.
    void write_events(std::uint64_t seed) {
        Rng rng(seed);
        for (int i = 0; i < kRounds; ++i) {
            std::vector<data::Event> events;
            for (int e = 0; e < 5; ++e) {
                const TimeUs late = static_cast<TimeUs>(rng.below(90)) * kSecondUs;
                events.push_back(watch("u" + std::to_string(rng.below(60)), "i" + std::to_string(rng.below(80)), clock.now() - late));
                events.back().type = rng.chance(0.5) ? "watch" : "impression";
                events.back().context = {{"device", "device" + std::to_string(rng.below(9))}};
            }
            ASSERT_TRUE(live.add_events(events));
            clock.advance(kSecondUs);
        }
    }
    void write_entities(std::uint64_t seed) {
        Rng rng(seed);
        for (int i = 0; i < kRounds; ++i) {
            const std::string category = "c" + std::to_string(rng.below(6));
            ASSERT_TRUE(live.upsert_items({{"i" + std::to_string(rng.below(90)), {{"category", category}}}}));
            ASSERT_TRUE(live.upsert_users({{"v" + word + std::to_string(i), {}}}));
        }
    }
    void read(std::uint64_t seed) {
        Rng rng(seed);
        for (int i = 0; i < kRounds; ++i) {
            pipeline::LiveRequest request;
            request.request_id = word + std::to_string(seed) + "-" + std::to_string(i);
            request.user = "u" + std::to_string(rng.below(70));
            request.size = rng.below(15);
            request.context = {{"device", "device" + std::to_string(rng.below(12))}};
            for (std::uint64_t n = rng.below(3); n > 0; --n) request.exclude.push_back("i" + std::to_string(rng.below(90)));
            if (rng.chance(0.2)) request.candidates = {"i1", "i70", "i" + std::to_string(rng.below(90)), "never seen"};
            logged += live.recommend(request)->logged ? 1 : 0;
        }
    }
    std::vector<std::thread> start() {
        std::vector<std::thread> threads;
        for (const std::uint64_t seed : {1U, 2U}) threads.emplace_back(&Clients::write_events, this, seed);
        threads.emplace_back(&Clients::write_entities, this, 3);
        for (const std::uint64_t seed : {4U, 5U, 6U}) threads.emplace_back(&Clients::read, this, seed);
        return threads;
    }
};

// Everything at once: events, new items and new states of old ones, new users, lists for known, new and unknown users, given candidates,
// ticks by events and by the clock, snapshots, segments, a restart and another bundle in between. Whatever order the threads came in, the log
// tells it.
TEST(VerifyProject, finds_no_bit_different_whatever_order_writers_and_readers_came_in) {
    ServedProject served;
    ASSERT_TRUE(served.train("two", /*promote=*/false));
    auto options = logging_all();
    options.snapshot_records = 300;
    options.segment_records = 250;
    constexpr int kLists = 3 * kRounds;
    for (const bool is_second : {false, true}) {
        const auto live = LiveProject::open(served.folder.path(), served.clock, options).value();
        Clients clients{*live, served.clock, is_second ? "second" : "first"};
        auto threads = clients.start();
        if (is_second) {
            ASSERT_TRUE(data::promote_bundle(served.folder.path() / "bundles", "two"));
            EXPECT_EQ(live->reload().value(), "two");
        }
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(clients.logged, kLists);
    }
    const auto report = served.verify().value();
    EXPECT_TRUE(report.state_equal());
    expect_equal(report.lists);
    EXPECT_EQ(report.lists.compared, 2U * kLists);
    EXPECT_GT(report.lists.values, 50'000U);
    EXPECT_GT(std::distance(fs::directory_iterator(served.folder.path() / "log" / "segments"), {}), 2) << "segments";
}

// While `change` puts one log after the other in force, in the middle of whatever is read.
void expect_verified_beside(ServedProject& served, const std::function<void()>& change) {
    std::atomic<bool> ended = false;
    std::thread changing([&] {
        change();
        ended = true;
    });
    do {
        const auto report = served.verify();
        EXPECT_TRUE(report) << report.error().message;
        if (!report) continue;
        EXPECT_TRUE(report->state_equal()) << report->events << " events, " << report->restored << " of them in the snapshot";
        expect_equal(report->lists);
    } while (!ended);
    changing.join();
}

TEST(VerifyProject, beside_a_server_that_forgets_finds_no_bit_different_and_no_file_missing) {
    ServedProject served;
    served.serve_lists();
    const auto live = LiveProject::open(served.folder.path(), served.clock, logging_all()).value();
    expect_verified_beside(served, [&] {
        for (int user = 2; user < 20; ++user) EXPECT_TRUE(live->forget("u" + std::to_string(user)));
    });
    EXPECT_EQ(served.verify()->events, live->facts().events);
}

TEST(VerifyProject, beside_a_server_whose_log_is_cut_finds_no_bit_different_and_no_file_missing) {
    ServedProject served;
    served.serve_lists();
    auto options = logging_all();
    options.log.keep = base::Duration{5 * kDayUs};
    options.snapshot_records = 20;
    options.segment_records = 15;
    const auto live = LiveProject::open(served.folder.path(), served.clock, options).value();
    expect_verified_beside(served, [&] {
        auto events = live->facts().events;
        for (int round = 0, cuts = 0; cuts < 6; ++round) {
            ASSERT_LT(round, 100'000) << "nothing leaves";
            served.clock.advance(3 * kHourUs);
            ASSERT_TRUE(live->add_events({watch("u" + std::to_string(round % 70), "i" + std::to_string(round % 50), served.clock.now())}));
            const auto now = live->facts().events;
            cuts += now < events ? 1 : 0;
            events = now;
        }
    });
}

}  // namespace
}  // namespace shortlist::project
