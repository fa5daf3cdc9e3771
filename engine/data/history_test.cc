// The sealed history: what is on disk under which name, and what is said of it where it is damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/threads.h"
#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/history_internal.h"
#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr std::string_view kEvents = "user,item,time,type,value,device\na,x,1,watch,1,tv\nb,y,2,like,1,\n";

class HistoryTest : public ImportTest {
protected:
    HistoryTest() { config.events.context = {"device"}; }
    std::string name() const { return current_history(folder.path()).value_or("no name"); }
    std::filesystem::path file(std::string_view of_history) const { return std::filesystem::path("log") / name() / of_history; }
    std::vector<std::string> folders_of_log() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(log_folder(folder.path()))) {
            if (entry.is_directory() && entry.path().filename().string().starts_with("history-")) names.push_back(entry.path().filename());
        }
        return names;
    }
    std::string load_error() const {
        const auto history = load_history(folder.path());
        return history ? "no error" : history.error().message;
    }
    void change_manifest(const std::string& from, const std::string& to) const {
        std::string text = folder.read(file("manifest.json"));
        ASSERT_NE(text.find(from), std::string::npos) << text;
        folder.write(file("manifest.json"), text.replace(text.find(from), from.size(), to));
    }
};

TEST_F(HistoryTest, is_named_by_its_digest_and_the_only_one_in_the_log) {
    import_events(kEvents);
    const std::string first = name();
    EXPECT_THAT(first, MatchesRegex("history-[0-9a-f]{16}"));
    EXPECT_THAT(folder.read(file("manifest.json")), HasSubstr("\"format\":1,\"events\":2,"));
    EXPECT_THAT(folders_of_log(), ElementsAre(first));
    import_events("user,item,time,type,value,device\na,x,1,watch,1,tv\n");
    EXPECT_NE(name(), first);
    EXPECT_THAT(folders_of_log(), ElementsAre(name()));
}

TEST_F(HistoryTest, what_a_killed_import_left_is_in_nobodys_way) {
    import_events(kEvents);
    const std::string first = name();
    const auto before = folder.contents("log");
    import_events("user,item,time,type,value,device\na,x,1,watch,1,tv\n");
    folder.write("log/" + first + "/rubbish", "left by an import that was killed before it said which history is in force");
    folder.write("log/history-staging/rubbish", "left by an import that was killed while it wrote");
    folder.write("log/other/rubbish", "not ours");
    std::filesystem::remove_all(log_folder(folder.path()) / name());
    folder.write("log/CURRENT", first);
    for (const auto& [path, bytes] : before) folder.write(path, bytes);
    import_events("user,item,time,type,value,device\na,x,1,watch,1,tv\n");
    EXPECT_EQ(folder.contents("log").size(), before.size() + 1) << "of rubbish only what is not ours";
}

TEST_F(HistoryTest, threads_write_the_same_bytes) {
    import_events(kEvents);
    TemporaryFolder other;
    other.write("events.csv", kEvents);
    ThreadPool pool(3);
    options.pool = &pool;
    ASSERT_TRUE(import_data(config, other.path(), options));
    for (const auto* table : {"manifest.json", "events.parquet", "items.parquet", "users.parquet", "context.parquet"}) {
        EXPECT_EQ(other.read(file(table)), folder.read(file(table))) << table;
    }
}

TEST_F(HistoryTest, keeps_the_values_of_each_field_of_context) {
    config.events.context = {"device", "country"};
    import_events("user,item,time,type,value,device,country\na,x,1,watch,1,tv,de\nb,y,2,like,1,phone,fr\nb,y,3,like,1,,de\n");
    const Dataset data = load();
    EXPECT_THAT(data.events.context[0], ElementsAre(1U, 2U, 0U));
    EXPECT_THAT(data.events.context[1], ElementsAre(1U, 2U, 1U));
    EXPECT_EQ(data.events.context_values[0].size(), 3U);
    EXPECT_EQ(data.events.context_values[0][2], "phone");
    EXPECT_EQ(data.events.context_values[1][2], "fr");
}

TEST_F(HistoryTest, gives_a_writer_the_newest_ids_that_it_asks_for) {
    EXPECT_EQ(load_history_ids(folder.path(), 5)->name, "");
    import_events(kEvents);
    const auto& id = load().events.id;
    EXPECT_EQ(load_history_ids(folder.path(), 1)->newest, std::vector{id[1]});
    EXPECT_EQ(load_history_ids(folder.path(), 5)->newest, id);
    EXPECT_EQ(load_history_ids(folder.path(), 0)->events, 2U);
    EXPECT_EQ(load_history_ids(folder.path(), 0)->name, name());
}

TEST_F(HistoryTest, a_name_that_is_none_is_damage) {
    for (const auto* text : {"", "x", "history-../..", "history-A"}) {
        folder.write("log/CURRENT", text);
        EXPECT_THAT(load_error(), HasSubstr("CURRENT: does not name a history")) << text;
    }
    folder.write("log/CURRENT", "history-" + std::string(256 - 8, 'a'));
    EXPECT_THAT(load_error(), HasSubstr("manifest.json: cannot open"));
    folder.write("log/CURRENT", "history-" + std::string(257 - 8, 'a'));
    EXPECT_THAT(load_error(), HasSubstr("CURRENT: larger than"));
}

TEST_F(HistoryTest, a_newer_format_is_refused_as_such) {
    import_events(kEvents);
    change_manifest("\"format\":1", "\"format\":3");
    EXPECT_EQ(load_history(folder.path()).error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(load_error(), HasSubstr("has format 3; this program reads formats up to 2"));
    EXPECT_EQ(load_history_ids(folder.path(), 1).error().code, ErrorCode::FailedPrecondition);
}

TEST_F(HistoryTest, a_manifest_without_a_member_or_with_one_of_another_type_is_damage) {
    import_events(kEvents);
    const std::string sound = folder.read(file("manifest.json"));
    for (const auto& [from, to] :
         {std::pair{"\"types\"", "\"type\""}, std::pair{"\"context\":[\"device\"]", "\"context\":1"}, std::pair{"\"events\":2", "\"events\":-2"},
          std::pair{"\"items\":[]", "\"items\":[{}]"}, std::pair{"\"users\":[]", "\"users\":[{\"name\":\"a\",\"type\":\"shape\",\"width\":1}]"}}) {
        change_manifest(from, to);
        EXPECT_FALSE(load_history(folder.path())) << to;
        folder.write(file("manifest.json"), sound);
    }
    folder.write(file("manifest.json"), "[]");
    EXPECT_THAT(load_error(), HasSubstr("manifest.json: not a manifest"));
}

// Ours knows one user, item, type and device; each of the others has one more of something.
TEST_F(HistoryTest, says_what_in_the_events_of_another_history_does_not_fit) {
    const std::string header = "user,item,time,type,value,device\n";
    import_events(header + "a,x,1,watch,1,tv\na,x,2,watch,1,tv\n");
    for (const auto& [events, message] :
         {std::pair{"a,x,1,watch,1,tv\n", "it does not hold the 2 events of the manifest"},
          std::pair{"a,x,1,watch,1,tv\na,x,2,watch,1,tv\na,x,3,watch,1,tv\n", "it does not hold the 2 events of the manifest"},
          std::pair{"a,x,1,watch,1,tv\nb,x,2,watch,1,tv\n", "a user is not in the catalogue"},
          std::pair{"a,x,1,watch,1,tv\na,y,2,watch,1,tv\n", "an item is not in the catalogue"},
          std::pair{"a,x,1,watch,1,tv\na,x,2,like,1,tv\n", "a type is not in the manifest"},
          std::pair{"a,x,1,watch,1,tv\na,x,2,watch,1,phone\n", "a context value is not in its dictionary"}}) {
        TemporaryFolder other;
        other.write("events.csv", header + events);
        ASSERT_TRUE(import_data(config, other.path(), options));
        const std::filesystem::path theirs = std::filesystem::path("log") / current_history(other.path()).value() / "events.parquet";
        folder.write(file("events.parquet"), other.read(theirs));
        EXPECT_THAT(load_error(), HasSubstr(std::string("events.parquet: ") + message));
    }
}

TEST_F(HistoryTest, says_where_manifest_and_tables_have_other_fields_of_context) {
    import_events(kEvents);
    change_manifest("\"context\":[\"device\"]", "\"context\":[]");
    EXPECT_THAT(load_error(), HasSubstr("context.parquet: it has more fields than the manifest"));
    change_manifest("\"context\":[]", "\"context\":[\"device\",\"country\"]");
    EXPECT_THAT(load_error(), HasSubstr("events.parquet: column 'context_1' is not what was written"));
    StringColumn text;
    text.push_back("0");
    for (const auto& [fields, values] : {std::pair<ColumnValues, ColumnValues>{text, text},
                                         std::pair<ColumnValues, ColumnValues>{std::vector<std::int64_t>{0}, std::vector<std::int64_t>{0}}}) {
        const ColumnBatch table{1, {{"field", fields, {}, false}, {"value", values, {}, false}}};
        ASSERT_TRUE(write_parquet(folder.path() / file("context.parquet"), table));
        EXPECT_THAT(load_error(), HasSubstr("context.parquet: its columns are not numbers and texts"));
    }
    const ColumnBatch twice{1, {{"field", std::vector<std::int64_t>{0}, {}, false}, {"field", std::vector<std::int64_t>{0}, {}, false}}};
    ASSERT_TRUE(write_parquet(folder.path() / file("context.parquet"), twice));
    EXPECT_THAT(load_error(), HasSubstr("context.parquet: column 'field' stands twice"));
    EXPECT_EQ(load_history(folder.path()).error().code, ErrorCode::DataLoss);
}

TEST_F(HistoryTest, events_in_columns_of_another_type_or_with_gaps_are_damage) {
    import_events(kEvents);
    const std::vector<std::int64_t> times{1, 2};
    for (const auto& time : {Column{"time", std::vector<double>{1, 2}, {}, false}, Column{"time", times, {1, 0}, false}}) {
        ASSERT_TRUE(write_parquet(folder.path() / file("events.parquet"), {2, {time}}));
        EXPECT_THAT(load_error(), HasSubstr("events.parquet: column 'time' is not what was written"));
    }
    ASSERT_TRUE(write_parquet(folder.path() / file("events.parquet"), {2, {Column{"time", times, {}, false}}}));
    EXPECT_THAT(load_error(), HasSubstr("events.parquet: column 'id_high' is not what was written"));
}

}  // namespace
}  // namespace shortlist::data
