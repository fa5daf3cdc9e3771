#include "engine/data/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "engine/data/event_testing_internal.h"
#include "engine/data/importer.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Status import_csv(const TemporaryFolder& folder, std::string_view csv) {
    folder.write("events.csv", csv);
    DataConfig config;
    config.events.path = {"events.csv"};
    config.events.columns.user = "user";
    config.events.columns.item = "item";
    config.events.columns.time = {"time", OrderSource::None, TimeUnit::Microseconds};
    config.events.type = "watch";
    config.events.context = {"device"};
    const base::ManualClock clock(kDayUs);
    ImportOptions options;
    options.clock = &clock;
    SHORTLIST_TRY(import_data(config, folder.path(), options));
    return {};
}

TEST(Log, reads_back_what_was_appended_in_order_of_offsets) {
    TemporaryFolder folder;
    auto log = Log::open_writer(folder.path());
    ASSERT_TRUE(log);
    const std::vector<Event> events{event_of("a", "x", 5), event_of("b", "y", 3)};
    const auto outcomes = log->append(events);
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[0].offset, 0U);
    EXPECT_EQ((*outcomes)[1].offset, 1U);
    EXPECT_FALSE((*outcomes)[1].duplicate);
    std::vector<std::string> users;
    ASSERT_TRUE(log->read_tail(0, [&users](std::uint64_t, const Record& record) -> Status {
        users.push_back(std::get<Event>(record).user);
        return {};
    }));
    EXPECT_THAT(users, ElementsAre("a", "b"));
    EXPECT_EQ((*outcomes)[0].id, event_id_of(events[0]));
    EXPECT_EQ(log->epoch(), "");
}

TEST(Log, an_upsert_is_written_each_time_and_has_no_id) {
    TemporaryFolder folder;
    auto log = Log::open_writer(folder.path());
    ItemUpsert item;
    item.id = "x";
    const auto outcomes = log->append(std::vector<Record>{item, event_of("a", "x", 5), item, event_of("a", "x", 5)});
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[0].id, EventId{});
    EXPECT_FALSE((*outcomes)[2].duplicate);
    EXPECT_EQ((*outcomes)[2].offset, 2U);
    EXPECT_TRUE((*outcomes)[3].duplicate);
    EXPECT_EQ((*outcomes)[3].offset, 1U) << "where the first one is";
    EXPECT_EQ(log->end(), 3U);
}

TEST(Log, a_tick_is_a_record_among_the_others) {
    TemporaryFolder folder;
    {
        auto log = Log::open_writer(folder.path());
        ASSERT_TRUE(log->append(std::vector<Event>{event_of("a", "x", 5)}));
        ASSERT_TRUE(log->append_tick(60));
        ASSERT_TRUE(log->append_tick(120));
        ASSERT_TRUE(log->sync());
        EXPECT_EQ(log->end(), 3U);
        EXPECT_EQ((*log->append(std::vector<Event>{event_of("a", "x", 6)}))[0].offset, 3U);
    }
    const auto data = load_dataset(folder.path()).value();
    EXPECT_THAT(data.events.time, ElementsAre(5, 6));
    ASSERT_EQ(data.changes.size(), 2U);
    for (const auto& change : data.changes) EXPECT_EQ(change.before, 1U) << "of the events, not of the records";
    EXPECT_EQ(std::get<Tick>(data.changes[1].record).time, 120);
    EXPECT_FALSE(data.unchanged) << "ticks change no item";
}

std::vector<StreamPosition> by_topic(const Log& log) {
    auto positions = log.positions().value();
    std::ranges::sort(positions, {}, [](const StreamPosition& position) { return std::pair(position.topic, position.partition); });
    return positions;
}

TEST(Log, says_where_each_stream_stands_also_when_it_is_opened_again) {
    TemporaryFolder folder;
    const StreamPosition clicks{"clicks", 0, 17, 5};
    const StreamPosition others{"clicks", 300, 1, 4};
    const StreamPosition views{"views", 0, 1'000'000'000'000, 0};
    {
        auto log = Log::open_writer(folder.path());
        ASSERT_TRUE(log);
        EXPECT_THAT(by_topic(*log), testing::IsEmpty());
        ASSERT_TRUE(log->append(std::vector<Record>{event_of("a", "x", 5)}, std::vector{StreamPosition{"clicks", 0, 16, 3}, views}));
        ASSERT_TRUE(log->append(std::vector<Record>{}, std::vector{clicks, others})) << "a stream may move on and bring nothing";
    }
    EXPECT_THAT(by_topic(*Log::open_writer(folder.path())), ElementsAre(clicks, others, views));
    EXPECT_THAT(by_topic(*Log::open_reader(folder.path())), ElementsAre(clicks, others, views));
    EXPECT_EQ(Log::open_reader(folder.path())->end(), 1U) << "positions are no records";
}

TEST(Log, offsets_of_the_tail_begin_behind_the_history) {
    TemporaryFolder folder;
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,5,phone\nb,x,6,phone\n"));
    auto log = Log::open_writer(folder.path());
    EXPECT_TRUE(log->epoch().starts_with("history-"));
    ASSERT_TRUE(log->append(std::vector<Event>{event_of("c", "x", 7), event_of("d", "x", 8)}));
    EXPECT_EQ(log->end(), 4U);
    EXPECT_EQ((*log->append(std::vector<Event>{event_of("d", "x", 8)}))[0].offset, 3U) << "where the first one is";
    const auto offsets_from = [&log](std::uint64_t from) {
        std::vector<std::uint64_t> offsets;
        EXPECT_TRUE(log->read_tail(from, [&offsets](std::uint64_t offset, const Record&) -> Status {
            offsets.push_back(offset);
            return {};
        }));
        return offsets;
    };
    EXPECT_THAT(offsets_from(0), ElementsAre(2U, 3U));
    EXPECT_THAT(offsets_from(2), ElementsAre(2U, 3U));
    EXPECT_THAT(offsets_from(3), ElementsAre(3U));
    EXPECT_THAT(offsets_from(4), ElementsAre());
}

TEST(Log, an_event_appended_twice_is_written_once_and_keeps_its_offset) {
    TemporaryFolder folder;
    {
        auto log = Log::open_writer(folder.path());
        ASSERT_TRUE(log->append(std::vector<Event>{event_of("a", "x", 5), event_of("a", "x", 5)}));
        EXPECT_EQ(log->end(), 1U);
    }
    auto log = Log::open_writer(folder.path());  // also after it is opened again
    const auto outcomes = log->append(std::vector<Event>{event_of("b", "x", 5), event_of("a", "x", 5)});
    ASSERT_TRUE(outcomes);
    EXPECT_FALSE((*outcomes)[0].duplicate);
    EXPECT_TRUE((*outcomes)[1].duplicate);
    EXPECT_EQ((*outcomes)[1].offset, 0U);
    EXPECT_EQ(log->end(), 2U);
}

TEST(Log, an_event_that_was_imported_is_a_duplicate) {
    TemporaryFolder folder;
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,5,phone\n"));
    auto log = Log::open_writer(folder.path());
    ASSERT_TRUE(log);
    EXPECT_EQ(log->tail_begin(), 1U);
    auto same = event_of("a", "x", 5);
    same.context = {{"device", "phone"}};
    auto other = same;
    other.context = {{"device", "desktop"}};
    const auto outcomes = log->append(std::vector<Event>{same, other});
    ASSERT_TRUE(outcomes);
    EXPECT_TRUE((*outcomes)[0].duplicate);
    EXPECT_FALSE((*outcomes)[1].duplicate);
    EXPECT_EQ((*outcomes)[1].offset, 1U);
}

// Ten imported events and thirty live ones, of which sealed and not sealed are known by where they were first; the horizon covers the last 25.
TEST(Log, knows_the_newest_ids_within_its_horizon_wherever_they_lie_also_when_it_is_opened_again) {
    TemporaryFolder folder;
    std::string csv = "user,item,time,device\n";
    for (int i = 0; i < 10; ++i) csv += "a,x," + std::to_string(i) + ",\n";
    ASSERT_TRUE(import_csv(folder, csv));
    const auto event = [](int i) { return event_of("a", "x", i); };
    LogConfig config;
    config.id_horizon = 50;
    {
        auto log = Log::open_writer(folder.path(), config);
        for (int i = 10; i < 40; i += 3) ASSERT_TRUE(log->append(std::vector<Event>{event(i), event(i + 1), event(i + 2)}));
        ASSERT_EQ(log->seal(10).value(), 30U);
        ASSERT_EQ((*log->append(std::vector<Event>{event(40)}))[0].offset, 40U);
    }
    const auto outcome_of = [&](int i) { return Log::open_writer(folder.path(), config)->append(std::vector<Event>{event(i)}).value()[0]; };
    for (int i = 0; i <= 40; ++i) {
        const auto outcome = outcome_of(i);
        EXPECT_TRUE(outcome.duplicate) << i;
        EXPECT_EQ(outcome.offset, static_cast<std::uint64_t>(i));
    }
    config.id_horizon = 25;
    for (int i = 16; i <= 40; ++i) EXPECT_EQ(outcome_of(i).offset, static_cast<std::uint64_t>(i));
    EXPECT_FALSE(outcome_of(0).duplicate) << "the oldest of 41";
}

TEST(Log, a_second_writer_is_told_which_process_holds_the_project) {
    TemporaryFolder folder;
    const auto first = Log::open_writer(folder.path());
    ASSERT_TRUE(first);
    const auto second = Log::open_writer(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::FailedPrecondition);
    EXPECT_EQ(second.error().message, folder.path().string() + ": process " + std::to_string(::getpid()) +
                                          " writes this project; stop it first, for a project has one writer at a time");
    EXPECT_EQ(folder.read("log/writer.lock"), std::to_string(::getpid()));
}

TEST(Log, a_lock_signed_by_a_longer_name_is_signed_anew) {
    TemporaryFolder folder;
    folder.write("log/writer.lock", "1234567890123456789");
    const auto log = Log::open_writer(folder.path());
    EXPECT_EQ(folder.read("log/writer.lock"), std::to_string(::getpid()));
}

TEST(Log, where_no_folder_can_be_made_nothing_is_opened_for_writing) {
    TemporaryFolder folder;
    folder.write("log", "a file");
    EXPECT_EQ(Log::open_writer(folder.path()).error().code, ErrorCode::Unavailable);
    std::filesystem::remove(folder.path() / "log");
    folder.write("log/writer.lock/inside", "a folder");
    EXPECT_THAT(Log::open_writer(folder.path()).error().message, HasSubstr("writer.lock: cannot open: Is a directory"));
}

TEST(Log, the_lock_goes_with_the_writer) {
    TemporaryFolder folder;
    { ASSERT_TRUE(Log::open_writer(folder.path())); }
    EXPECT_TRUE(Log::open_writer(folder.path()));
}

TEST(Log, a_reader_sees_what_a_writer_has_appended) {
    TemporaryFolder folder;
    auto writer = Log::open_writer(folder.path());
    ASSERT_TRUE(writer->append(std::vector<Event>{event_of("a", "x", 5)}));
    const auto reader = Log::open_reader(folder.path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->end(), 1U);
}

TEST(LoadDataset, of_a_project_without_a_log_is_empty) {
    TemporaryFolder folder;
    const auto data = load_dataset(folder.path());
    ASSERT_TRUE(data);
    EXPECT_EQ(data->events.size(), 0U);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "log")) << "reading makes no files";
}

TEST(LoadDataset, puts_the_tail_behind_the_history_whatever_its_times) {
    TemporaryFolder folder;
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,7,phone\nb,y,5,\n"));
    auto log = Log::open_writer(folder.path());
    auto live = event_of("c", "x", 1);
    live.value = 0.5F;
    live.position = 3;
    live.request_id = "r1";
    live.context = {{"device", "tv"}, {"unknown", "left out"}};
    ASSERT_TRUE(log->append(std::vector<Event>{live}));
    const auto data = load_dataset(folder.path());
    ASSERT_TRUE(data);
    EXPECT_THAT(data->events.time, ElementsAre(5, 7, 1));
    EXPECT_EQ(data->imported_events, 2U);
    EXPECT_EQ(data->users.ids[data->events.user[2]], "c");
    EXPECT_EQ(data->items.ids[data->events.item[2]], "x");
    EXPECT_EQ(data->events.value[2], 0.5F);
    EXPECT_EQ(data->events.position[2], 3);
    EXPECT_EQ(data->events.request[2], request_hash("r1"));
    EXPECT_EQ(data->events.id[2], event_id_of(live));
    EXPECT_EQ(data->events.context_values[0][data->events.context[0][2]], "tv");
    EXPECT_EQ(data->events.context_values[0][data->events.context[0][1]], "phone");
    EXPECT_EQ(data->events.context[0][0], 0U);
}

// The second import must not make history of what came live: a fold would begin with prices of its own future.
TEST(LoadDataset, keeps_what_there_was_before_the_first_change) {
    TemporaryFolder folder;
    folder.write("items.csv", "id,price\nx,1\n");
    folder.write("events.csv", "user,item\nu,x\n");
    DataConfig config;
    config.events.path = {"events.csv"};
    config.events.columns.user = "user";
    config.events.columns.item = "item";
    config.items.path = {"items.csv"};
    config.items.attributes["price"].type = AttributeType::Number;
    const base::ManualClock clock(kDayUs);
    ImportOptions options;
    options.clock = &clock;
    ASSERT_TRUE(import_data(config, folder.path(), options));
    EXPECT_FALSE(load_dataset(folder.path())->unchanged);
    {
        auto log = Log::open_writer(folder.path());
        ItemUpsert dearer;
        dearer.id = "x";
        dearer.attributes = {{"price", 2.0}};
        ItemUpsert fresh;
        fresh.id = "y";
        fresh.attributes = {{"price", 9.0}};
        ASSERT_TRUE(log->append(std::vector<Record>{event_of("v", "x", 5), dearer, event_of("v", "z", 6), fresh}));
    }
    const auto epoch = Log::open_reader(folder.path())->epoch();
    for (int time = 0; time < 2; ++time) {
        const auto data = load_dataset(folder.path()).value();
        ASSERT_EQ(data.changes.size(), 2U);
        EXPECT_EQ(data.changes[0].before, 2U);
        EXPECT_EQ(data.changes[1].before, 3U);
        EXPECT_THAT(std::vector<std::string_view>({data.items.ids[0], data.items.ids[1], data.items.ids[2]}), ElementsAre("x", "z", "y"));
        EXPECT_THAT(data.items.attributes[0].numbers[0], 2.0F);
        EXPECT_THAT(data.items.attributes[0].numbers[2], 9.0F);
        ASSERT_TRUE(data.unchanged);
        EXPECT_EQ(data.unchanged->items.size(), 3U);
        EXPECT_EQ(data.unchanged->items.attributes[0].numbers[0], 1.0F);
        EXPECT_TRUE(std::isnan(data.unchanged->items.attributes[0].numbers[2]));
        ASSERT_TRUE(import_data(config, folder.path(), options));
    }
    EXPECT_NE(Log::open_reader(folder.path())->epoch(), epoch) << "rows for the ids of the tail";
}

TEST(AppendEvent, a_type_past_the_65535th_becomes_other) {
    Dataset data;
    for (int type = 0; type < 65'536; ++type) {
        Event event = event_of("a", "x", type);
        event.type = "t" + std::to_string(type);
        append_event(event, data);
    }
    EXPECT_EQ(data.events.types[data.events.type[65'534]], "t65534");
    EXPECT_EQ(data.events.types[data.events.type[65'535]], "other");
    append_event(event_of("a", "x", 1), data);
    Event known = event_of("a", "x", 2);
    known.type = "t7";
    append_event(known, data);
    EXPECT_EQ(data.events.types[data.events.type[65'536]], "other");
    EXPECT_EQ(data.events.type[65'537], 7U);
}

TEST(LoadDataset, applies_upserts_and_keeps_rows_over_an_import) {
    TemporaryFolder folder;
    folder.write("items.csv", "id,price,tags\nx,1,a\ny,2,\"a,b\"\n");
    DataConfig config;
    folder.write("events.csv", "user,item\nu,x\n");
    config.events.path = {"events.csv"};
    config.events.columns.user = "user";
    config.events.columns.item = "item";
    config.items.path = {"items.csv"};
    config.items.attributes["price"].type = AttributeType::Number;
    config.items.attributes["tags"].type = AttributeType::Categories;
    const base::ManualClock clock(kDayUs);
    ImportOptions options;
    options.clock = &clock;
    ASSERT_TRUE(import_data(config, folder.path(), options));
    {
        auto log = Log::open_writer(folder.path());
        ItemUpsert fresh;
        fresh.id = "new";
        fresh.attributes = {{"price", 9.0}, {"tags", std::vector<std::string>{"c", "a"}}, {"no such attribute", 1.0}};
        ItemUpsert changed;
        changed.id = "x";
        changed.attributes = {{"tags", std::vector<std::string>{}}, {"price", std::string("of another type: left out")}};
        ASSERT_TRUE(log->append(std::vector<Record>{fresh, changed}));
    }
    const auto check = [&folder] {
        const auto data = load_dataset(folder.path()).value();
        EXPECT_EQ(data.items.ids.find("new"), 2U);
        const auto& prices = data.items.find("price")->numbers;
        EXPECT_THAT(std::vector<float>(prices.begin(), prices.begin() + 3), ElementsAre(1.0F, 2.0F, 9.0F));
        const auto& offsets = data.items.find("tags")->offsets;
        EXPECT_THAT(std::vector<std::uint64_t>(offsets.begin(), offsets.begin() + 4), ElementsAre(0U, 0U, 2U, 4U));
        EXPECT_EQ(data.items.find("tags")->values[data.items.find("tags")->codes[2]], "c");
    };
    check();
    folder.write("items.csv", "id,price,tags\nlate,3,\nx,1,a\ny,2,\"a,b\"\n");
    ASSERT_TRUE(import_data(config, folder.path(), options));
    check();
    EXPECT_EQ(load_dataset(folder.path())->items.ids.find("late"), 3U);
}

TEST(LoadDataset, says_which_file_is_damaged) {
    TemporaryFolder folder;
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,7,phone\n"));
    for (const auto& [path, bytes] : folder.contents("log")) {
        if (!path.ends_with(".parquet") && !path.ends_with(".json")) continue;
        folder.write(path, bytes.substr(0, bytes.size() / 2));
        const auto data = load_dataset(folder.path());
        ASSERT_FALSE(data) << path;
        EXPECT_EQ(data.error().code, ErrorCode::DataLoss) << data.error().message;
        EXPECT_THAT(data.error().message, HasSubstr(std::filesystem::path(path).filename().string()));
        folder.write(path, bytes);
    }
    EXPECT_TRUE(load_dataset(folder.path()));
}

TEST(LoadDataset, survives_a_kill_before_the_history_was_put_in_force) {
    TemporaryFolder folder;
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,7,phone\n"));
    folder.write("log/history-staging/events.parquet", "half a file");
    folder.write("log/CURRENT.next", "history-0");
    EXPECT_EQ(load_dataset(folder.path())->events.size(), 1U);
    ASSERT_TRUE(import_csv(folder, "user,item,time,device\na,x,7,phone\nb,x,8,\n"));
    EXPECT_EQ(load_dataset(folder.path())->events.size(), 2U);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "log/history-staging"));
}

}  // namespace
}  // namespace shortlist::data
