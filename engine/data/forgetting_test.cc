#include "engine/data/forgetting_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/history_internal.h"
#include "engine/data/import_testing_internal.h"
#include "engine/data/segment_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kWho = "somebody-to-forget";

/// Imported: three users, one of them `kWho`. Live: two segments of four records and a tail of four, of which `kWho` has some in each.
class Forgetting : public ImportTest {
protected:
    Forgetting() {
        config.events.context = {"city"};
        config.users.path = {"users.csv"};
        config.users.id = "user";
        config.users.attributes = {{"job", {AttributeType::Category, "", ""}},    {"bio", {AttributeType::Text, "", ""}},
                                   {"tags", {AttributeType::Categories, "", ""}}, {"taste", {AttributeType::Vector, "", ""}},
                                   {"age", {AttributeType::Number, "", ""}},      {"born", {AttributeType::Time, "", ""}}};
        config.max_bad_rows = 1;
        const std::string who(kWho);
        outside.write("users.csv", "user,job,bio,tags,taste,age,born\nann,cook,likes tea,\"a,b\",\"1,2\",20,2000-01-01\n" + who +
                                       ",spy,secret life,\"b,c\",\"3,4\",30,1990-01-01\nbob,cook,,\"d\",\"5,6\",40,1980-01-01\n");
        outside.write("events.csv", "user,item,time,type,value,city\nann,i1,1650000000,view,1,here\n" + who +
                                        ",i2,1650000001,view,2,hideout\nbob,i1,1650000002,view,3,here\n" + who +
                                        ",i1,soon,view,2,x\nann,i1,later,view,2,x\n" + who + ",i1,1650000004,view,4,here\n");
        config.events.path = {(outside.path() / "events.csv").string()};
        config.users.path = {(outside.path() / "users.csv").string()};
    }
    void fill() {
        const auto report = import();
        ASSERT_TRUE(report) << report.error().message;
        auto log = Log::open_writer(folder.path()).value();
        const auto event = [](std::string_view user, std::string_view item, int second) {
            return Event{"id-" + std::to_string(second),
                         (1'650'000'100 + second) * kSecondUs,
                         UserId(user),
                         ItemId(item),
                         "view",
                         1,
                         "",
                         kNoPosition,
                         {{"city", "far"}}};
        };
        UserUpsert update;
        update.id = kWho;
        update.attributes = {{"job", std::string("spymaster")}};
        const std::vector<Record> records{event("ann", "i1", 0),   event(kWho, "new1", 1),   update,
                                          event("bob", "new2", 3), event("ann", "i1", 4),    event("ann", "i1", 5),
                                          event("bob", "i1", 6),   event("ann", "i1", 7),    event("bob", "i1", 8),
                                          event(kWho, "new3", 9),  event("ann", "new4", 10), event(kWho, "i1", 11)};
        ASSERT_TRUE(log.append(std::span<const Record>(records)));
        const std::vector<Record> lists{list_of(kWho), list_of("ann"), list_of(kWho), list_of("bob")};
        ASSERT_TRUE(log.append(std::span<const Record>(lists)));
        ASSERT_EQ(log.seal(4).value(), 16U);
        const std::vector<Record> more{event("bob", "i1", 12), event(kWho, "new5", 13), list_of(kWho), list_of("ann"), event("ann", "new6", 14)};
        ASSERT_TRUE(log.append(std::span<const Record>(more)));
        folder.write("state/a.snapshot", "of " + std::string(kWho));
        ASSERT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr("soon"));
    }
    static ServedList list_of(std::string_view user) {
        ServedList list;
        list.request.user = user;
        list.items = {{"i1", 1.0F}};
        return list;
    }
    void expect_no_file_holds_them() {
        EXPECT_THAT(files_with(kWho), ElementsAre());
        EXPECT_THAT(files_with("hideout"), ElementsAre()) << "a value that nobody else has";
        EXPECT_THAT(files_with("secret life"), ElementsAre());
        EXPECT_THAT(files_with("spymaster"), ElementsAre());
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "log/forget.intent"));
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "state"));
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "quarantine"));
    }
    void expect_nobody_reads_of_them() {
        const auto data = load();
        EXPECT_EQ(data.users.ids.find(kWho), kNoRow);
        std::vector<std::string> lists;
        ASSERT_TRUE(Log::open_reader(folder.path())->read_lists(0, [&lists](std::uint64_t, const ServedList& list) -> Status {
            lists.push_back(list.request.user);
            return {};
        }));
        EXPECT_THAT(lists, ElementsAre("ann", "bob", "ann"));
        EXPECT_THAT(users_of(data), ElementsAre("ann", "bob", "ann", "bob", "ann", "ann", "bob", "ann", "bob", "ann", "bob", "ann"));
        std::vector<std::string> items;
        for (std::uint32_t row = 0; row < data.items.size(); ++row) items.emplace_back(data.items.ids[row]);
        EXPECT_THAT(items, ElementsAre("i1", "i2", "new1", "new2", "new3", "new4", "new5", "new6")) << "items keep their rows";
        const auto& job = *data.users.find("job");
        EXPECT_THAT(job.codes, ElementsAre(1, 1));
        EXPECT_EQ(job.values.size(), 2U);
        EXPECT_THAT(data.users.find("tags")->offsets, ElementsAre(0, 2, 3));
        EXPECT_THAT(data.users.find("taste")->numbers, ElementsAre(1, 2, 5, 6));
        EXPECT_THAT(data.users.find("age")->numbers, ElementsAre(20, 40));
        EXPECT_THAT(data.users.find("bio")->texts, ElementsAre("likes tea", ""));
    }

    TemporaryFolder outside;  ///< The files that are imported are not the project's.
};

TEST_F(Forgetting, no_file_holds_the_user_and_all_others_keep_theirs) {
    fill();
    ASSERT_FALSE(files_with(kWho).empty());
    {
        auto log = Log::open_writer(folder.path()).value();
        const std::string epoch = log.epoch();
        const std::uint64_t live = log.end() - log.tail_begin();
        const auto forgotten = log.forget(std::string(kWho));
        ASSERT_TRUE(forgotten) << forgotten.error().message;
        EXPECT_EQ(forgotten->imported_events, 2U);
        EXPECT_EQ(forgotten->live_events, 4U);
        EXPECT_EQ(forgotten->updates, 1U);
        EXPECT_EQ(forgotten->lists, 3U);
        EXPECT_NE(log.epoch(), epoch);
        EXPECT_EQ(log.end() - log.tail_begin(), live) << "live records keep their numbers";
        EXPECT_EQ(log.forget(std::string(kWho)).error().code, ErrorCode::NotFound);
    }
    expect_no_file_holds_them();
    expect_nobody_reads_of_them();
}

TEST_F(Forgetting, a_user_who_comes_back_is_new_and_their_old_events_are_no_duplicates) {
    fill();
    auto log = Log::open_writer(folder.path()).value();
    ASSERT_TRUE(log.forget(std::string(kWho)));
    const std::vector<Event> again{{"id-1", 1'650'000'101 * kSecondUs, std::string(kWho), "new1", "view", 1, "", kNoPosition, {}},
                                   {"id-9", 1'650'000'109 * kSecondUs, std::string(kWho), "new3", "view", 1, "", kNoPosition, {}},
                                   {"id-0", 1'650'000'100 * kSecondUs, "ann", "i1", "view", 1, "", kNoPosition, {}}};
    const auto outcomes = log.append(std::span<const Event>(again)).value();
    EXPECT_FALSE(outcomes[0].duplicate);
    EXPECT_FALSE(outcomes[1].duplicate);
    EXPECT_TRUE(outcomes[2].duplicate) << "others' ids are known";
    EXPECT_EQ(load().users.size(), 3U);
}

TEST_F(Forgetting, a_user_who_was_only_live_begins_a_new_epoch_too) {
    fill();
    auto log = Log::open_writer(folder.path()).value();
    const std::vector<Event> events{{"x", 1'650'000'200 * kSecondUs, "only-live", "i1", "view", 1, "", kNoPosition, {}}};
    ASSERT_TRUE(log.append(std::span<const Event>(events)));
    const std::string epoch = log.epoch();
    const auto forgotten = log.forget("only-live");
    ASSERT_TRUE(forgotten);
    EXPECT_EQ(forgotten->live_events, 1U);
    EXPECT_NE(log.epoch(), epoch) << "lists that were served from the log of before are not of this one";
    EXPECT_THAT(files_with("only-live"), ElementsAre());
}

TEST_F(Forgetting, what_was_begun_is_finished_by_the_next_writer_wherever_it_stopped) {
    for (int steps = 0; steps < 4; ++steps) {
        SCOPED_TRACE(steps);
        std::filesystem::remove_all(folder.path() / "log");
        fill();
        {
            // As if the process had died behind so many of the steps.
            const std::string user(kWho);
            folder.write("log/forget.intent", current_history(folder.path()).value() + "\n" + user);
            if (steps >= 1) {
                auto history = load_history(folder.path()).value();
                remove_user(history.data.users.ids.find(user), history.data);
                ASSERT_TRUE(replace_history(folder.path(), history.data, nullptr));
            }
            const auto segments = list_segments(folder.path(), 0).value();
            ASSERT_EQ(segments.size(), 4U);
            if (steps >= 2) std::filesystem::create_directories(folder.path() / "log/segments/staging");
            if (steps >= 3) {
                const auto without = [&](RecordClass wanted, const RecordVisit& visit) {
                    return read_segment(folder.path(), segments[0], {wanted, 0}, [&](std::uint64_t sequence, const Record& record) -> Status {
                        const auto* event = std::get_if<Event>(&record);
                        const bool theirs = (event != nullptr && event->user == user) || std::holds_alternative<UserUpsert>(record);
                        return visit(sequence, theirs ? Record(Removed{event == nullptr ? "" : event->item}) : record);
                    });
                };
                ASSERT_TRUE(write_segment(folder.path(), {segments[0].begin, segments[0].end, 1}, without));
            }
        }
        if (steps > 0) expect_nobody_reads_of_them();
        if (steps == 0) {
            config.events.path = {(outside.path() / "none.csv").string()};
            EXPECT_FALSE(import()) << "an import begins with it, too";
            config.events.path = {(outside.path() / "events.csv").string()};
        } else {
            ASSERT_TRUE(Log::open_writer(folder.path()));
        }
        expect_no_file_holds_them();
        expect_nobody_reads_of_them();
    }
}

TEST_F(Forgetting, an_intent_that_names_nobody_is_damage) {
    fill();
    folder.write("log/forget.intent", std::string(kWho));
    EXPECT_EQ(Log::open_writer(folder.path()).error().code, ErrorCode::DataLoss);
    EXPECT_EQ(load_dataset(folder.path()).error().message, (folder.path() / "log/forget.intent").string() + ": does not say who is forgotten");
}

TEST_F(Forgetting, of_a_user_whom_nothing_names_changes_nothing) {
    fill();
    const auto before = folder.contents("log/segments");
    auto log = Log::open_writer(folder.path()).value();
    const auto refused = log.forget("nobody");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_THAT(refused.error().message, HasSubstr("nobody is called 'nobody'"));
    EXPECT_EQ(folder.contents("log/segments"), before);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "state/a.snapshot"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "log/forget.intent"));
}

}  // namespace
}  // namespace shortlist::data
