// From rows of event files to events: ids, order, wide rows, context, times and unknown items.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/base/random.h"
#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// Events 0 and 1 as they would arrive live from the rows of live_rows().
std::vector<Event> live_events() {
    std::vector<Event> events(2);
    events[0].user = "a";
    events[0].item = "x";
    events[0].time = 1'650'000'001 * kSecondUs;
    events[0].type = "watch";
    events[0].value = 0.5F;
    events[0].request_id = "r1";
    events[0].position = 3;
    events[0].context = {{"device", "tv"}, {"country", "de"}};
    events[1].user = "b";
    events[1].item = "y";
    events[1].time = 1'650'000'002 * kSecondUs;
    events[1].type = "watch";
    events[1].context = {{"device", ""}, {"country", "fr"}};
    return events;
}

constexpr std::string_view kLiveRows =
    "user,item,time,value,request,place,device,country\n"
    "a,x,1650000001,0.5,r1,3,tv,de\n"
    "b,y,1650000002,,,,,fr\n";

class EventImportTest : public ImportTest {
protected:
    /// Every field is mapped but the type, which is one for all.
    void map_every_field() {
        config.events.columns.type.clear();
        config.events.type = "watch";
        config.events.columns.request_id = "request";
        config.events.columns.position = "place";
        config.events.context = {"device", "country"};
    }
    /// Only user and item; nothing is known of the time.
    void map_pairs_only() {
        config.events.columns.time = TimeSource();
        config.events.columns.type.clear();
        config.events.columns.value.clear();
    }
    void map_wide() {
        config.events.columns.type.clear();
        config.events.columns.value.clear();
        config.events.flags = {{"click", "is_click"}, {"like", "is_like"}};
        config.events.values = {{"rating", {"stars", ""}}, {"watch", {"play_ms", "duration_ms"}}};
    }
};

TEST_F(EventImportTest, a_row_has_every_field_and_the_id_that_it_has_live) {
    map_every_field();
    import_events(kLiveRows);
    const Dataset data = load();
    const auto live = live_events();
    ASSERT_EQ(data.events.size(), 2U);
    EXPECT_THAT(data.events.id, ElementsAre(event_id_of(live[0]), event_id_of(live[1])));
    EXPECT_THAT(data.events.request, ElementsAre(request_hash("r1"), 0U));
    EXPECT_THAT(data.events.position, ElementsAre(3, kNoPosition));
    EXPECT_THAT(data.events.context_names, ElementsAre("device", "country"));
    EXPECT_THAT(data.events.context[0], ElementsAre(1U, 0U));
    EXPECT_THAT(data.events.context[1], ElementsAre(1U, 2U));
    EXPECT_EQ(data.events.context_values[1][2], "fr");
}

TEST_F(EventImportTest, a_column_may_hold_several_fields) {
    config.events.context = {"item", "type"};
    import_events("user,item,time,type,value\na,x,1650000001,watch,1\n");
    const Dataset data = load();
    EXPECT_EQ(data.events.context_values[0][data.events.context[0][0]], "x");
    EXPECT_EQ(data.events.context_values[1][data.events.context[1][0]], "watch");
    EXPECT_EQ(data.items.ids[0], "x");
}

TEST_F(EventImportTest, rows_without_position_or_request_have_none) {
    import_events("user,item,time,type,value\na,x,1650000001,watch,1\n");
    EXPECT_THAT(load().events.position, ElementsAre(kNoPosition));
    EXPECT_THAT(load().events.request, ElementsAre(0U));
}

TEST_F(EventImportTest, of_a_wide_row_each_flag_and_amount_is_an_event_of_its_own_ordinal) {
    map_wide();
    import_events(
        "user,item,time,is_click,is_like,stars,play_ms,duration_ms\n"
        "a,x,1650000001,1,1,4,500,2000\n");
    const Dataset data = load();
    EXPECT_THAT(types_of(data), ElementsAre("impression", "click", "like", "rating", "watch"));
    std::vector<std::uint64_t> ordinals;
    for (const auto& id : data.events.id) {
        ordinals.push_back(id.low & 255U);
        EXPECT_EQ(id.high, data.events.id[0].high);
    }
    EXPECT_THAT(ordinals, ElementsAre(0U, 1U, 2U, 3U, 4U));
    for (const std::size_t event : {0, 1, 2}) EXPECT_TRUE(std::isnan(data.events.value[event])) << event;
    EXPECT_EQ(data.events.value[3], 4.0F);
    EXPECT_EQ(data.events.value[4], 0.25F);
}

TEST_F(EventImportTest, wide_rows_that_differ_in_a_flag_or_an_amount_are_two_impressions) {
    map_wide();
    const auto report = import_events(
        "user,item,time,is_click,is_like,stars,play_ms,duration_ms\n"
        "a,x,1650000001,1,0,,,\n"
        "a,x,1650000001,1,0,,,\n"
        "a,x,1650000001,0,1,,,\n"
        "a,x,1650000001,0,0,,,\n"
        "a,x,1650000001,0,0,4,,\n"
        "a,x,1650000001,0,0,,4,\n");
    EXPECT_EQ(report.duplicates, 2U) << "the second row, its impression and its click";
    const auto types = types_of(load());
    EXPECT_EQ(std::count(types.begin(), types.end(), "impression"), 5);
}

TEST_F(EventImportTest, an_amount_without_its_divisor_has_no_value) {
    map_wide();
    import_events("user,item,time,is_click,is_like,stars,play_ms,duration_ms\na,x,1650000001,0,0,,500,\n");
    const Dataset data = load();
    EXPECT_THAT(types_of(data), ElementsAre("impression", "watch"));
    EXPECT_TRUE(std::isnan(data.events.value[1]));
}

TEST_F(EventImportTest, where_nothing_is_known_of_the_time_it_is_0) {
    map_pairs_only();
    import_events("user,item\na,x\nb,y\n");
    EXPECT_THAT(load().events.time, ElementsAre(0, 0));
}

TEST_F(EventImportTest, the_order_of_files_goes_on_from_one_to_the_next) {
    map_pairs_only();
    config.events.columns.time.order = OrderSource::File;
    config.events.path = {"events.csv", "more.csv"};
    folder.write("more.csv", "user,item\nc,x\nd,x\n");
    import_events("user,item\na,x\nb,x\n");
    EXPECT_THAT(load().events.time, ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(users_of(load()), ElementsAre("a", "b", "c", "d"));
}

TEST_F(EventImportTest, 1970_has_begun_at_time_0_and_an_event_needs_a_time) {
    config.max_bad_rows = 0.5;
    const auto report = import_events("user,item,time,type,value\na,x,1970-01-01,watch,1\na,x,,watch,1\n");
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("not a time", 1U)));
    EXPECT_THAT(load().events.time, ElementsAre(0));
}

// A sort that goes digit by digit must find each bit: two events whose times differ in one bit only, the later first.
TEST_F(EventImportTest, times_that_differ_in_one_bit_are_in_order) {
    config.events.columns.time.unit = TimeUnit::Microseconds;
    for (int bit = 0; bit < 50; ++bit) {
        const TimeUs late = TimeUs{1} << bit;
        import_events("user,item,time,type,value\na,x," + std::to_string(late) + ",watch,1\nb,x,0,watch,1\n");
        EXPECT_THAT(load().events.time, ElementsAre(0, late)) << bit;
    }
}

// Property: both parts of the log are in order of (time, id), whatever the times; many of them are equal.
TEST_F(EventImportTest, both_parts_are_sorted_by_time_and_then_by_id) {
    config.events.columns.time.unit = TimeUnit::Microseconds;
    config.test_events = {"test.csv"};
    for (const std::uint64_t range : {std::uint64_t{3}, std::uint64_t{5000}, static_cast<std::uint64_t>(kNow)}) {
        Rng rng(range);
        const auto rows = [&rng, range](const std::string& user) {
            std::string csv = "user,item,time,type,value\n";
            for (int i = 0; i < 200; ++i) csv += user + ",x" + std::to_string(i) + "," + std::to_string(rng.below(range)) + ",watch,1\n";
            return csv;
        };
        folder.write("test.csv", rows("late"));
        EXPECT_EQ(import_events(rows("early")).given_test_begin, 200U);
        const Dataset data = load();
        std::vector<std::pair<TimeUs, EventId>> order;
        std::set<ItemRow> items;
        for (std::size_t i = 0; i < data.events.size(); ++i) {
            order.emplace_back(data.events.time[i], data.events.id[i]);
            EXPECT_EQ(data.users.ids[data.events.user[i]], i < 200 ? "early" : "late");
            if (i < 200) items.insert(data.events.item[i]);
        }
        ASSERT_EQ(order.size(), 400U);
        EXPECT_EQ(items.size(), 200U) << "each row once";
        EXPECT_TRUE(std::is_sorted(order.begin(), order.begin() + 200)) << range;
        EXPECT_TRUE(std::is_sorted(order.begin() + 200, order.end())) << range;
    }
}

TEST_F(EventImportTest, names_its_stages_and_counts_the_rows_of_the_test_part) {
    map_pairs_only();
    config.test_events = {"test.csv"};
    folder.write("test.csv", "user,item\na,z\na,x\n");
    std::vector<std::string> stages;
    options.progress = [&stages](std::string_view stage, double) { stages.emplace_back(stage); };
    EXPECT_EQ(import_events("user,item\na,x\na,y\nb,y\n").rows_read, 5U);
    EXPECT_THAT(stages, ElementsAre("events", "test_events"));
}

TEST_F(EventImportTest, the_format_may_be_said_where_the_name_does_not_tell_it) {
    config.events.path = {"events.log"};
    config.events.format = FileFormat::Csv;
    folder.write("events.log", "user,item,time,type,value\na,x,1650000001,watch,1\n");
    ASSERT_TRUE(import());
    EXPECT_THAT(users_of(load()), ElementsAre("a"));
}

TEST_F(EventImportTest, bad_rows_of_the_test_part_count_too) {
    config.test_events = {"test.csv"};
    folder.write("test.csv", "user,item,time,type,value\n,x,1650000001,watch,1\n");
    folder.write("events.csv", "user,item,time,type,value\na,x,1650000001,watch,1\n");
    EXPECT_THAT(import_error(), HasSubstr("events: 1 of 2 rows are bad (1 missing id)"));
}

TEST_F(EventImportTest, a_test_part_that_is_not_there_fails) {
    config.test_events = {"none.csv"};
    folder.write("events.csv", "user,item,time,type,value\na,x,1650000001,watch,1\n");
    EXPECT_THAT(import_error(), HasSubstr("none.csv: no such file"));
}

TEST_F(EventImportTest, files_may_hold_nothing_but_what_came_live) {
    map_every_field();
    {
        auto log = Log::open_writer(folder.path());
        ASSERT_TRUE(log->append(live_events()));
    }
    const auto report = import_events(kLiveRows);
    EXPECT_EQ(report.duplicates, 2U);
    EXPECT_EQ(report.events_kept, 0U);
    EXPECT_EQ(load().events.size(), 2U);
}

TEST_F(EventImportTest, an_item_that_only_former_events_mention_is_unknown) {
    import_events("user,item,time,type,value\na,former,1650000001,watch,1\n");
    folder.write("items.csv", "id\nx\n");
    config.items.path = {"items.csv"};
    config.unknown_items = UnknownItems::Quarantine;
    config.max_bad_rows = 1;
    const auto report = import_events(
        "user,item,time,type,value\n"
        "a,x,1650000001,watch,1\n"
        "a,former,1650000001,watch,1\n"
        "a,,1650000001,watch,1\n");
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("missing id", 1U), Pair("unknown item", 1U)));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr(R"("row":1,"reason":"unknown item","field":"item","value":"former"})"));
    EXPECT_EQ(report.unknown_items, 1U) << "former, in the catalogue still";
}

TEST_F(EventImportTest, an_item_that_was_described_live_is_known) {
    {
        auto log = Log::open_writer(folder.path());
        ItemUpsert upsert;
        upsert.id = "live";
        ASSERT_TRUE(log->append(std::vector<Record>{upsert}));
    }
    folder.write("items.csv", "id\nx\n");
    config.items.path = {"items.csv"};
    config.unknown_items = UnknownItems::Quarantine;
    const auto report = import_events("user,item,time,type,value\na,live,1650000001,watch,1\na,x,1650000001,watch,1\n");
    EXPECT_THAT(report.quarantined, IsEmpty());
    EXPECT_EQ(report.unknown_items, 0U);
    EXPECT_EQ(report.tail_events, 0U);
}

TEST_F(EventImportTest, types_past_the_65535th_are_quarantined) {
    std::string csv = "user,item,time,type,value\n";
    for (int type = 0; type < 65'537; ++type) csv += "a,x,1,t" + std::to_string(type) + ",1\n";
    const auto report = import_events(csv);
    EXPECT_EQ(report.events_kept, 65'535U);
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("more than 65,535 types", 2U)));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"),
                HasSubstr(R"("row":65535,"reason":"more than 65,535 types","field":"type","value":"t65535"})"));
}

}  // namespace
}  // namespace shortlist::data
