#include "engine/data/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

/// What an event says, in words: what must survive.
struct ToldEvent {
    TimeUs time;
    EventId id;
    std::string user, item, type;
    float value;
    std::uint64_t request;
    std::int32_t position;
    std::vector<std::string> context;
    friend bool operator==(const ToldEvent& a, const ToldEvent& b) {
        const bool values = a.value == b.value || (std::isnan(a.value) && std::isnan(b.value));
        return values && std::tie(a.time, a.id, a.user, a.item, a.type, a.request, a.position, a.context) ==
                             std::tie(b.time, b.id, b.user, b.item, b.type, b.request, b.position, b.context);
    }
};

std::vector<ToldEvent> told(const Dataset& data) {
    const EventTable& events = data.events;
    std::vector<ToldEvent> told;
    for (std::size_t i = 0; i < events.size(); ++i) {
        ToldEvent event{events.time[i],
                        events.id[i],
                        std::string(data.users.ids[events.user[i]]),
                        std::string(data.items.ids[events.item[i]]),
                        std::string(events.types[events.type[i]]),
                        events.value[i],
                        events.request[i],
                        events.position[i],
                        {}};
        for (std::size_t f = 0; f < events.context.size(); ++f) {
            event.context.push_back(events.context_names[f] + "=" + std::string(events.context_values[f][events.context[f][i]]));
        }
        told.push_back(std::move(event));
    }
    std::ranges::sort(told, [](const ToldEvent& a, const ToldEvent& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
    return told;
}

class Exporter : public ImportTest, public testing::WithParamInterface<ExportFormat> {
protected:
    Exporter() {
        config.events.columns.event_id = "";
        config.events.columns.request_id = "request";
        config.events.columns.position = "position";
        config.events.context = {"user id", "time"};
        config.events.columns.type = "type";
        config.items.path = {"items.ndjson"};
        config.items.attributes = {{"price", {AttributeType::Number, "", ""}},    {"genre", {AttributeType::Category, "", ""}},
                                   {"tags", {AttributeType::Categories, "", ""}}, {"title", {AttributeType::Text, "", ""}},
                                   {"taste", {AttributeType::Vector, "", ""}},    {"born", {AttributeType::Time, "", ""}},
                                   {"id", {AttributeType::Category, "tags", ""}}, {"none", {AttributeType::Vector, "nothing", ""}}};
        config.items.id = "item";
        config.users.attributes = {{"age", {AttributeType::Number, "", ""}}};
        folder.write("events.csv",
                     "user,item,time,type,value,request,position,user id\n"
                     "u1,i1,1650000000,view,0.1,r1,0,x\nu2,i2,1650000000.25,view,,r1,1,\nu1,i3,1650000002,like,3,,,\"y \"\"z\"\"\"\n"
                     "u3,i1,1650000003,view,16777217,,,x\n");
        folder.write("items.ndjson",
                     "{\"item\": \"i3\", \"price\": 0.3, \"genre\": \"war\", \"tags\": [\"b, c\", \"a\"], \"title\": \"A \\\"b\\\" \\u00e9\\n\", "
                     "\"taste\": [1e-30, 3.4e38], \"born\": \"1066-10-14T09:00:00.000001Z\", \"nothing\": null}\n"
                     "{\"item\": \"i1\", \"genre\": \"art\", \"price\": -0.0}\n{\"item\": \"unseen\", \"genre\": \"war\"}\n");
    }
    ExportOptions to(const std::string& name) {
        ExportOptions out;
        out.format = GetParam();
        out.out = folder.path() / name;
        out.complete = [this](const std::filesystem::path&, const DataConfig& data) -> Status {
            exported = data;
            return {};
        };
        return out;
    }
    /// Imports the exported files in their folder.
    ImportReport import_again(const std::string& name) {
        const auto path = folder.path() / name;
        const auto report = import_data(exported, path, options);
        EXPECT_TRUE(report) << (report ? "" : report.error().message);
        EXPECT_TRUE(report && report->rows_quarantined == 0) << folder.read(name + "/quarantine/import.ndjson");
        return report.value_or(ImportReport{});
    }
    /// The exported files of a folder, without what an import made beside them.
    std::map<std::string, std::string> files(const std::string& name) {
        std::map<std::string, std::string> files;
        for (const auto& [path, bytes] : folder.contents(name)) {
            if (path.find('/') == path.rfind('/')) files[path.substr(name.size())] = bytes;
        }
        return files;
    }
    void arrive_live() {
        auto log = Log::open_writer(folder.path()).value();
        Event late{"given", 1'650'000'001 * kSecondUs, "u9", "i1", "view", 0.5F, "r1", 4, {{"surface", "home"}, {"time", "noon"}}};
        ItemUpsert item;
        item.id = "i1";
        item.attributes = {{"price", 2.5}, {"born", std::int64_t{-1}}};
        UserUpsert user;
        user.id = "u9";
        user.attributes = {{"age", 30.0}};
        const std::vector<Record> records{late, item, user, Event{"", 1'650'000'009 * kSecondUs, "u1", "new", "like", kNoValue, "", kNoPosition, {}}};
        ASSERT_TRUE(log.append(std::span<const Record>(records)));
        ASSERT_TRUE(log.append_tick(1'650'000'060 * kSecondUs));
    }

    DataConfig exported;
};

INSTANTIATE_TEST_SUITE_P(Formats, Exporter, testing::Values(ExportFormat::Parquet, ExportFormat::Ndjson),
                         [](const auto& format) { return format.param == ExportFormat::Parquet ? "parquet" : "ndjson"; });

TEST_P(Exporter, an_export_imported_and_exported_again_has_the_same_bytes) {
    ASSERT_TRUE(import()) << import_error();
    arrive_live();
    const auto report = export_data(folder.path(), to("first"));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->events, 6U);
    EXPECT_EQ(report->items, 5U);
    EXPECT_EQ(report->users, 4U);
    const auto first = files("first");
    EXPECT_EQ(first.size(), 3U);
    EXPECT_EQ(import_again("first").events_kept, 6U);
    ASSERT_TRUE(export_data(folder.path() / "first", to("second")));
    EXPECT_EQ(files("second"), first);
}

TEST_P(Exporter, imported_and_live_events_and_the_catalogue_are_the_same_again) {
    ASSERT_TRUE(import()) << import_error();
    arrive_live();
    ASSERT_TRUE(export_data(folder.path(), to("first")));
    import_again("first");
    const auto before = load_dataset(folder.path(), LiveContext::All).value();
    const auto after = load_dataset(folder.path() / "first").value();
    EXPECT_TRUE(told(before) == told(after));
    EXPECT_THAT(after.events.context_names, testing::ElementsAre("user id", "time", "surface"));
    for (std::uint32_t row = 0; row < before.items.size(); ++row) EXPECT_EQ(before.items.ids[row], after.items.ids[row]);
    EXPECT_EQ(after.items.find("price")->numbers[1], 2.5F);
    EXPECT_EQ(after.items.find("born")->times, before.items.find("born")->times);
    EXPECT_EQ(after.items.find("taste")->numbers[0], 1e-30F);
    EXPECT_EQ(after.items.find("taste")->numbers[1], 3.4e38F);
    EXPECT_EQ(after.items.find("title")->texts, before.items.find("title")->texts);
    EXPECT_EQ(after.users.find("age")->numbers[after.users.ids.find("u9")], 30.0F);
}

TEST_P(Exporter, what_is_exported_is_a_duplicate_in_the_log_that_it_came_from) {
    ASSERT_TRUE(import()) << import_error();
    arrive_live();
    ASSERT_TRUE(export_data(folder.path(), to("first")));
    const auto& columns = exported.events.columns;
    config = exported;
    config.events.path = {"first/" + exported.events.path[0]};
    config.items.path = {"first/" + exported.items.path[0]};
    config.users.path = {"first/" + exported.users.path[0]};
    EXPECT_EQ(columns.event_id, "event_id");
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->duplicates, 2U) << "those that arrived live are in the log";
    EXPECT_EQ(report->events_kept, 4U);
}

TEST_P(Exporter, a_given_test_part_and_an_order_without_times_stay_so) {
    config.events.columns.time = {"", OrderSource::File, TimeUnit::Auto};
    config.test_events = {"test.csv"};
    folder.write("test.csv", "user,item,time,type,value,request,position,user id\nu3,i3,5,view,1,,,\nu1,i2,1,view,2,,,\n");
    ASSERT_TRUE(import()) << import_error();
    const auto report = export_data(folder.path(), to("first"));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->test_events, 2U);
    EXPECT_EQ(exported.events.columns.time.order, OrderSource::File);
    import_again("first");
    const auto after = load_dataset(folder.path() / "first").value();
    EXPECT_EQ(after.given_test_begin, 4U);
    EXPECT_TRUE(told(load()) == told(after));
    const auto first = files("first");
    ASSERT_TRUE(export_data(folder.path() / "first", to("second")));
    EXPECT_EQ(files("second").at("/events" + std::string(GetParam() == ExportFormat::Parquet ? ".parquet" : ".ndjson")),
              first.at("/events" + std::string(GetParam() == ExportFormat::Parquet ? ".parquet" : ".ndjson")));
}

TEST_P(Exporter, a_folder_that_holds_something_and_an_empty_log_are_refused_and_a_failure_leaves_nothing) {
    EXPECT_EQ(export_data(folder.path(), to("first")).error().code, ErrorCode::FailedPrecondition);
    ASSERT_TRUE(import()) << import_error();
    folder.write("taken/file", "x");
    EXPECT_EQ(export_data(folder.path(), to("taken")).error().code, ErrorCode::AlreadyExists);
    EXPECT_EQ(folder.read("taken/file"), "x");
    auto failing = to("first");
    failing.complete = [](const std::filesystem::path&, const DataConfig&) -> Status { return base::unavailable("the disk is full"); };
    EXPECT_THAT(export_data(folder.path(), failing).error().message, HasSubstr("the disk is full"));
    EXPECT_TRUE(folder.contents("first").empty());
    EXPECT_TRUE(folder.contents(".first.partial").empty());
    std::filesystem::create_directory(folder.path() / "first");
    EXPECT_TRUE(export_data(folder.path(), to("first"))) << "an empty folder is as good as none";
}

}  // namespace
}  // namespace shortlist::data
