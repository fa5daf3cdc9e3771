#include "engine/data/importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/event_testing_internal.h"
#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST_F(ImportTest, reads_back_events_in_order_of_time_with_rows_by_first_appearance) {
    const auto report = import_events(
        "user,item,time,type,value\n"
        "bob,x,1650000003,watch,0.5\n"
        "ann,y,1650000001,like,\n"
        "bob,y,1650000002,watch,1\n");
    EXPECT_EQ(report.rows_read, 3U);
    EXPECT_EQ(report.events_kept, 3U);
    EXPECT_EQ(report.first_time, 1'650'000'001 * kSecondUs);
    EXPECT_EQ(report.last_time, 1'650'000'003 * kSecondUs);
    const Dataset data = load();
    EXPECT_THAT(users_of(data), ElementsAre("ann", "bob", "bob"));
    EXPECT_THAT(types_of(data), ElementsAre("like", "watch", "watch"));
    EXPECT_EQ(data.users.ids[0], "bob");
    EXPECT_EQ(data.items.ids[0], "x");
    EXPECT_THAT(data.events.item, ElementsAre(1U, 1U, 0U));
    EXPECT_TRUE(std::isnan(data.events.value[0]));
    EXPECT_EQ(data.events.value[1], 1.0F);
    EXPECT_EQ(data.events.value[2], 0.5F);
    EXPECT_EQ(data.time_form, TimeForm::Column);
    EXPECT_EQ(data.imported_events, 3U);
}

TEST_F(ImportTest, importing_the_same_file_twice_changes_no_byte) {
    constexpr std::string_view kEvents = "user,item,time,type,value\na,x,1650000003,watch,0.5\nb,y,1650000001,like,\n";
    EXPECT_TRUE(import_events(kEvents).changed);
    const auto before = folder.contents("log");
    EXPECT_FALSE(import_events(kEvents).changed);
    EXPECT_EQ(folder.contents("log"), before);
}

TEST_F(ImportTest, a_row_that_stands_twice_is_one_event) {
    const auto report = import_events("user,item,time,type,value\na,x,1650000003,watch,1\na,x,1650000003,watch,1\na,x,1650000003,watch,2\n");
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(report.events_kept, 2U);
    EXPECT_EQ(report.rows_quarantined, 0U);
}

TEST_F(ImportTest, parquet_and_csv_of_the_same_rows_give_the_same_events) {
    import_events("user,item,time,type,value\n7,x,1650000003000,watch,0.5\n8,y,1650000001000,like,\n");
    const Dataset from_csv = load();
    ColumnBatch batch;
    batch.rows = 2;
    batch.columns.push_back({"user", std::vector<std::int64_t>{7, 8}, {}, false});
    CodedColumn items;
    items.codes = {1, 0};
    items.values.push_back("y");
    items.values.push_back("x");
    batch.columns.push_back({"item", items, {}, false});
    batch.columns.push_back({"time", std::vector<std::int64_t>{1650000003000, 1650000001000}, {}, false});
    StringColumn types;
    types.push_back("watch");
    types.push_back("like");
    batch.columns.push_back({"type", types, {}, false});
    batch.columns.push_back({"value", std::vector<float>{0.5F, 0}, {1, 0}, false});
    ASSERT_TRUE(write_parquet(folder.path() / "events.parquet", batch));
    config.events.path = {"events.parquet"};
    TemporaryFolder other;
    std::filesystem::copy(folder.path() / "events.parquet", other.path() / "events.parquet");
    ASSERT_TRUE(import_data(config, other.path(), options));
    const auto from_parquet = load_dataset(other.path());
    ASSERT_TRUE(from_parquet);
    EXPECT_EQ(from_parquet->events.id, from_csv.events.id);
    EXPECT_EQ(from_parquet->events.time, from_csv.events.time);
    EXPECT_EQ(users_of(*from_parquet), users_of(from_csv));
}

TEST_F(ImportTest, a_wide_row_is_an_impression_and_what_came_of_it) {
    config.events.columns.type.clear();
    config.events.columns.value.clear();
    config.events.flags = {{"click", "is_click"}, {"like", "is_like"}};
    config.events.values["watch"] = {"play_ms", "duration_ms"};
    config.events.context = {"tab"};
    const auto report = import_events(
        "user,item,time,is_click,is_like,play_ms,duration_ms,tab\n"
        "a,x,1650000002,1,0,500,2000,1\n"
        "a,y,1650000001,0,1,500,0,\n"
        "a,z,1650000003,0,0,,2000,1\n");
    EXPECT_EQ(report.rows_read, 3U);
    const Dataset data = load();
    EXPECT_THAT(types_of(data), ElementsAre("impression", "like", "watch", "impression", "click", "watch", "impression"));
    EXPECT_TRUE(std::isnan(data.events.value[2]));  // the divisor is 0
    EXPECT_EQ(data.events.value[5], 0.25F);
    EXPECT_EQ(data.events.id[3].low & 255U, 0U);
    EXPECT_EQ(data.events.id[3].high, data.events.id[4].high);
    EXPECT_THAT(data.events.context_names, ElementsAre("tab"));
    EXPECT_THAT(data.events.context[0], ElementsAre(0U, 0U, 0U, 1U, 1U, 1U, 1U));
    EXPECT_EQ(data.events.context_values[0][1], "1");
}

TEST_F(ImportTest, bad_rows_go_to_quarantine_with_source_row_reason_field_and_value) {
    config.max_bad_rows = 0.9;
    const auto report = import_events(
        "user,item,time,type,value\n"
        "a,x,1650000001,watch,1\n"
        ",x,1650000001,watch,1\n"
        "a,x,yesterday,watch,1\n"
        "a,x,1650000001,watch\n"
        "a,x,1700000301,watch,1\n"  // one second past the clock and its five minutes of skew
        "a,x,1700000300,watch,1\n"
        "a,x,1650000001,watch,nan\n"
        "a,x,1650000001,watch,many\n"
        "a,x,-5,watch,1\n"
        "a\xff,x,1650000001,watch,1\n");
    EXPECT_EQ(report.rows_read, 10U);
    EXPECT_EQ(report.events_kept, 2U);
    EXPECT_EQ(report.rows_quarantined, 8U);
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("NaN or infinite", 1U), Pair("invalid UTF-8", 1U), Pair("missing id", 1U),
                                                Pair("not a number", 1U), Pair("not a time", 1U), Pair("time before 1970", 1U),
                                                Pair("time in the future", 1U), Pair("wrong number of columns", 1U)));
    const std::string lines = folder.read("quarantine/import.ndjson");
    const std::string source = (folder.path() / "events.csv").string();
    EXPECT_THAT(lines, HasSubstr("{\"source\":\"" + source + R"(","row":2,"reason":"not a time","field":"time","value":"yesterday"})"));
    EXPECT_THAT(lines, HasSubstr("\"row\":3,\"reason\":\"wrong number of columns\""));
    EXPECT_THAT(lines, HasSubstr(R"("row":9,"reason":"invalid UTF-8","field":"user","value":"a\\xff")")) << lines;
    EXPECT_EQ(load().users.size(), 1U);
    EXPECT_EQ(report.quarantine_path, folder.path() / "quarantine/import.ndjson");
}

TEST_F(ImportTest, past_max_bad_rows_it_fails_and_the_former_data_stay) {
    import_events("user,item,time,type,value\na,x,1650000001,watch,1\n");
    const auto before = folder.contents("log");
    std::string rows = "user,item,time,type,value\n,x,1650000001,watch,1\n,y,1650000001,watch,1\n";
    for (int i = 0; i < 98; ++i) rows += "b,y," + std::to_string(1650000000 + i) + ",watch,1\n";
    folder.write("events.csv", rows);
    EXPECT_THAT(import_error(), HasSubstr("events: 2 of 100 rows are bad (2 missing id), more than the 1 % that max_bad_rows allows"));
    EXPECT_EQ(folder.contents("log"), before);
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr("missing id"));
}

TEST_F(ImportTest, exactly_max_bad_rows_passes) {
    std::string rows = "user,item,time,type,value\n,x,1650000001,watch,1\n";
    for (int i = 0; i < 99; ++i) rows += "b,y," + std::to_string(1650000000 + i) + ",watch,1\n";
    EXPECT_EQ(import_events(rows).events_kept, 99U);
}

TEST_F(ImportTest, a_missing_column_names_file_columns_and_the_nearest) {
    folder.write("events.csv", "user_id,item,time,type,value\n");
    const auto message = import_error();
    EXPECT_THAT(message, HasSubstr("events.csv: there is no column 'user'; there are user_id, item, time, type, value; did you mean 'user_id'?"));
}

TEST_F(ImportTest, the_catalogue_keeps_its_rows_when_another_file_is_imported) {
    import_events("user,item,time,type,value\na,x,1650000001,watch,1\nb,y,1650000002,watch,1\n");
    import_events("user,item,time,type,value\nc,z,1650000001,watch,1\nb,y,1650000002,watch,1\n");
    const Dataset data = load();
    EXPECT_EQ(data.items.ids[0], "x");
    EXPECT_EQ(data.items.ids[1], "y");
    EXPECT_EQ(data.items.ids[2], "z");
    EXPECT_EQ(data.users.ids[2], "c");
    EXPECT_EQ(data.events.size(), 2U);
}

TEST_F(ImportTest, reads_every_type_of_attribute) {
    folder.write("items.csv",
                 "id,price,kind,tags,title,embedding,uploaded\n"
                 "x,1.5,music,a|b,\"Hello, world\",\"[1, 2]\",2022-04-25T00:00:01Z\n"
                 "y,,,,,,\n");
    config.items.path = {"items.csv"};
    config.items.attributes["price"].type = AttributeType::Number;
    config.items.attributes["kind"].type = AttributeType::Category;
    config.items.attributes["tags"] = {AttributeType::Categories, "", "|"};
    config.items.attributes["title"].type = AttributeType::Text;
    config.items.attributes["embedding"].type = AttributeType::Vector;
    config.items.attributes["uploaded"].type = AttributeType::Time;
    import_events("user,item,time,type,value\na,y,1650000001,watch,1\na,unseen,1650000002,watch,1\n");
    const Dataset data = load();
    ASSERT_EQ(data.items.size(), 3U);
    EXPECT_EQ(data.items.find("price")->numbers[0], 1.5F);
    EXPECT_TRUE(std::isnan(data.items.find("price")->numbers[1]));
    EXPECT_EQ(data.items.find("kind")->values[data.items.find("kind")->codes[0]], "music");
    EXPECT_THAT(data.items.find("kind")->codes, ElementsAre(1U, 0U, 0U));
    EXPECT_THAT(data.items.find("tags")->offsets, ElementsAre(0U, 2U, 2U, 2U));
    EXPECT_EQ(data.items.find("tags")->values[data.items.find("tags")->codes[1]], "b");
    EXPECT_EQ(data.items.find("title")->texts[0], "Hello, world");
    EXPECT_EQ(data.items.find("embedding")->width, 2U);
    EXPECT_EQ(data.items.find("embedding")->numbers[1], 2.0F);
    EXPECT_TRUE(std::isnan(data.items.find("embedding")->numbers[2]));
    EXPECT_THAT(data.items.find("uploaded")->times, ElementsAre(1'650'844'801 * kSecondUs, kNoTime, kNoTime));
}

TEST_F(ImportTest, an_item_that_no_file_holds_is_kept_or_quarantined_as_asked) {
    folder.write("items.csv", "id\nx\n");
    config.items.path = {"items.csv"};
    constexpr std::string_view kEvents = "user,item,time,type,value\na,x,1650000001,watch,1\na,unseen,1650000002,watch,1\n";
    EXPECT_EQ(import_events(kEvents).unknown_items, 1U);
    config.unknown_items = UnknownItems::Quarantine;
    config.max_bad_rows = 0.5;
    EXPECT_THAT(import_events(kEvents).quarantined, ElementsAre(Pair("unknown item", 1U)));
}

TEST_F(ImportTest, where_only_the_order_is_known_time_is_the_ordinal) {
    config.events.columns.time = {"", OrderSource::File, TimeUnit::Auto};
    config.events.columns.type.clear();
    config.events.columns.value.clear();
    config.events.type = "rating";
    import_events("user,item\na,x\nb,x\na,x\n");
    const Dataset data = load();
    EXPECT_THAT(data.events.time, ElementsAre(0, 1, 2));
    EXPECT_THAT(users_of(data), ElementsAre("a", "b", "a"));
    EXPECT_THAT(types_of(data), ElementsAre("rating", "rating", "rating"));
    EXPECT_EQ(data.time_form, TimeForm::Order);
}

TEST_F(ImportTest, a_given_test_part_stands_behind_the_others) {
    config.events.columns.time = TimeSource();
    config.events.columns.type.clear();
    config.events.columns.value.clear();
    config.test_events = {"test.csv"};
    folder.write("test.csv", "user,item\na,z\na,x\n");
    const auto report = import_events("user,item\na,x\na,y\n");
    EXPECT_EQ(report.given_test_begin, 2U);
    EXPECT_EQ(report.duplicates, 1U);  // a, x is in both
    const Dataset data = load();
    EXPECT_EQ(data.given_test_begin, 2U);
    ASSERT_EQ(data.events.size(), 3U);
    EXPECT_EQ(data.items.ids[data.events.item[2]], "z");
    EXPECT_EQ(data.time_form, TimeForm::None);
}

TEST_F(ImportTest, a_given_event_id_makes_two_rows_one_event) {
    config.events.columns.event_id = "id";
    const auto report = import_events("user,item,time,type,value,id\na,x,1650000001,watch,1,e1\na,y,1650000002,watch,1,e1\n");
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(load().items.size(), 1U);
}

TEST_F(ImportTest, a_pattern_reads_all_files_that_match_by_name) {
    config.events.path = {"part-*.ndjson"};
    folder.write("part-1.ndjson", R"({"user": 12, "item": "x", "time": "2022-04-25 00:00:00", "type": "watch", "value": 0.5})");
    folder.write("part-0.ndjson", "{\"user\": \"a\", \"item\": \"x\", \"time\": 1650000000.5, \"type\": \"like\", \"value\": null}\n\n");
    folder.write("other.ndjson", "{}");
    ASSERT_TRUE(import());
    const Dataset data = load();
    EXPECT_THAT(users_of(data), ElementsAre("a", "12"));
    EXPECT_THAT(data.events.time, ElementsAre(1'650'000'000'500'000, 1'650'844'800 * kSecondUs));
}

TEST_F(ImportTest, an_event_that_came_live_before_is_a_duplicate_in_a_file) {
    Event event = event_of("a", "x", 1'650'000'001 * kSecondUs);
    event.value = 0.5F;
    {
        auto log = Log::open_writer(folder.path());
        ASSERT_TRUE(log);
        ASSERT_TRUE(log->append(std::span(&event, 1)));
    }
    const auto report = import_events("user,item,time,type,value\na,x,1650000001,watch,0.5\nb,x,1650000001,watch,0.5\n");
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(report.tail_events, 1U);
    EXPECT_EQ(report.time_form, TimeForm::Column);
    EXPECT_EQ(report.users, 2U);
    EXPECT_EQ(report.items, 1U);
    EXPECT_GT(report.seconds, 0.0);
    EXPECT_LT(report.seconds, 600.0);
    EXPECT_THAT(users_of(load()), ElementsAre("b", "a"));
}

TEST_F(ImportTest, is_refused_while_another_writes_the_project) {
    folder.write("events.csv", "user,item,time,type,value\na,x,1650000001,watch,1\n");
    const auto log = Log::open_writer(folder.path());
    ASSERT_TRUE(log);
    EXPECT_THAT(import_error(), HasSubstr("process " + std::to_string(::getpid()) + " writes this project"));
}

TEST_F(ImportTest, reports_progress_up_to_the_end) {
    std::vector<double> seen;
    options.progress = [&seen](std::string_view stage, double done) {
        EXPECT_EQ(stage, "events");
        seen.push_back(done);
    };
    import_events("user,item,time,type,value\na,x,1650000001,watch,1\n");
    EXPECT_THAT(seen, ElementsAre(1.0));
    seen.clear();
    config.events.path = {"events.csv", "more.csv"};
    folder.write("more.csv", "user,item,time,type,value\nb,x,1650000001,watch,1\n");
    ASSERT_TRUE(import());
    EXPECT_THAT(seen, ElementsAre(0.5, 1.0));
}

TEST_F(ImportTest, files_that_hold_unreadable_rows_only_hold_no_event) {
    folder.write("events.csv", "user,item,time,type,value\na,x\n");
    config.max_bad_rows = 1;
    EXPECT_THAT(import_error(), HasSubstr("events: the files hold no event"));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr("wrong number of columns"));
}

/// KuaiRand's exposures as they are: two CSV files in wide form.
TEST_F(ImportTest, takes_the_kuairand_slice_as_it_is) {
    const char* data_folder = std::getenv("SHORTLIST_DATA");
    if (data_folder == nullptr) GTEST_SKIP() << "SHORTLIST_DATA is not set: it names the folder of the real data sets";
    const std::filesystem::path source = std::filesystem::path(data_folder) / "kuairand_pure_slice";
    config.events.path = {(source / "log_val.csv").string(), (source / "log_test.csv").string()};
    config.events.columns.user = "user_id";
    config.events.columns.item = "video_id";
    config.events.columns.time.column = "time_ms";
    config.events.columns.type.clear();
    config.events.columns.value.clear();
    config.events.context = {"tab"};
    for (const auto* flag : {"is_click", "is_like", "is_follow", "is_comment", "is_forward", "is_hate", "long_view"})
        config.events.flags[flag] = flag;
    config.events.values["watch"] = {"play_time_ms", "duration_ms"};
    config.items.path = {(source / "video_features_basic_pure.csv").string()};
    config.items.attributes["author_id"].type = AttributeType::Category;
    config.items.attributes["upload_dt"].type = AttributeType::Time;
    config.items.attributes["video_duration"].type = AttributeType::Number;
    config.items.attributes["tag"].type = AttributeType::Categories;
    config.users.path = {(source / "user_features_pure.csv").string()};
    config.users.attributes["user_active_degree"].type = AttributeType::Category;
    config.users.attributes["register_days"].type = AttributeType::Number;
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    // Counted with Python's csv module: 228,329 rows behind the two lines of names, of which 222,452 differ in a mapped column.
    EXPECT_EQ(report->rows_read, 228'329U);
    EXPECT_EQ(report->rows_quarantined, 0U);
    const Dataset data = load();
    const auto count = [&data](std::string_view type) {
        return std::count(data.events.type.begin(), data.events.type.end(), static_cast<std::uint16_t>(data.events.types.find(type)));
    };
    EXPECT_EQ(count("impression"), 222'452);
    EXPECT_EQ(count("is_click"), 100'013);
    EXPECT_EQ(count("is_like"), 3'872);
    EXPECT_EQ(count("long_view"), 70'486);
    EXPECT_EQ(count("watch"), 222'452);
    EXPECT_EQ(std::count_if(data.events.value.begin(), data.events.value.end(), [](float value) { return !std::isnan(value); }), 222'452 - 3'568);
    EXPECT_EQ(data.users.size(), 27'285U);
}

}  // namespace
}  // namespace shortlist::data
