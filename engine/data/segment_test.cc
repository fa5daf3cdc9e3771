#include "engine/data/segment_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/event_testing_internal.h"
#include "engine/data/log.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

// Every kind of record, every field there and not there; a record of each kind at either end for some seed.
std::vector<Record> any_records(std::uint64_t seed, std::size_t count) {
    Rng rng(seed);
    std::vector<Record> records;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        if (rng.chance(0.1)) {
            records.emplace_back(Tick{static_cast<TimeUs>(i)});
        } else if (rng.chance(0.1)) {
            ItemUpsert item;
            item.id = "i" + number;
            item.attributes = {
                {"price", 1.5}, {"words", std::vector<std::string>{"a", ""}}, {"vector", std::vector<float>{1, -2}}, {"at", std::int64_t{7}}};
            records.emplace_back(item);
        } else if (rng.chance(0.1)) {
            UserUpsert user;
            user.id = "u" + number;
            records.emplace_back(user);
        } else {
            Event event = event_of("u" + std::to_string(rng.below(5)), "i" + number, static_cast<TimeUs>(i));
            if (rng.chance(0.5)) event.event_id = "e" + number;
            if (rng.chance(0.5)) event.value = static_cast<float>(i) / 3;
            if (rng.chance(0.5)) event.request_id = "r" + number;
            if (rng.chance(0.5)) event.position = static_cast<std::int32_t>(i);
            for (std::uint64_t field = rng.below(3); field > 0; --field)
                event.context.emplace_back("f" + std::to_string(field), rng.chance(0.5) ? "tv" : "");
            records.emplace_back(event);
        }
    }
    return records;
}

ServedList any_list(Rng& rng, std::uint64_t offset) {
    ServedList list;
    list.request.request_id = "r" + std::to_string(offset);
    list.request.user = "u1";
    list.request.size = 2;
    list.request.context = {{"device", "tv"}};
    list.request.exclude = {"i9"};
    list.bundle = "one";
    list.epoch = "history-0";
    list.offset = offset;
    list.items = {{"i1", 0.5F}, {"i2", 0.25F}};
    if (rng.chance(0.5)) list.features = std::vector<float>{1, kNoValue, -0.0F, 4};
    return list;
}

// The same with a list before some of them.
std::vector<Record> with_lists(const std::vector<Record>& records, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<Record> all;
    for (const auto& record : records) {
        while (rng.chance(0.3)) all.emplace_back(any_list(rng, all.size()));
        all.push_back(record);
    }
    return all;
}

bool is_list(const Record& record) { return std::holds_alternative<ServedList>(record); }

Status write(const std::filesystem::path& folder, std::uint64_t begin, const std::vector<Record>& records) {
    return write_segment(folder, {begin, begin + records.size()}, [&](RecordClass wanted, const RecordVisit& visit) -> Status {
        for (std::size_t r = 0; r < records.size(); ++r) {
            if (is_list(records[r]) == (wanted == RecordClass::List)) SHORTLIST_TRY(visit(begin + r, records[r]));
        }
        return {};
    });
}

class SegmentTest : public testing::Test {
protected:
    // What is read, as bytes, which tell any two records apart.
    Result<std::vector<std::string>> read(const Segment& segment, std::uint64_t from = 0) const {
        std::vector<std::string> found;
        SHORTLIST_TRY(read_segment(folder.path(), segment, {RecordClass::State, from}, [&](std::uint64_t sequence, const Record& record) -> Status {
            EXPECT_EQ(sequence, std::max(from, segment.begin) + found.size());
            found.push_back(bytes_of(record));
            return {};
        }));
        return found;
    }
    static std::vector<std::string> bytes_of_all(const std::vector<Record>& records, std::size_t from = 0) {
        std::vector<std::string> bytes;
        for (std::size_t r = from; r < records.size(); ++r) bytes.push_back(bytes_of(records[r]));
        return bytes;
    }
    [[nodiscard]] std::filesystem::path only_segment() const {
        return std::filesystem::directory_iterator(folder.path() / "log" / "segments")->path();
    }
    TemporaryFolder folder;
};

TEST_F(SegmentTest, gives_back_every_record_to_the_bit) {
    std::uint64_t begin = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto records = any_records(seed, 1 + 60 * seed);
        ASSERT_TRUE(write(folder.path(), begin, records));
        const Segment segment{begin, begin + records.size()};
        EXPECT_EQ(read(segment).value(), bytes_of_all(records));
        EXPECT_EQ(read(segment, begin + 40).value(), bytes_of_all(records, 40));
        begin = segment.end;
        EXPECT_EQ(list_segments(folder.path(), 0)->size(), seed);
        EXPECT_EQ(list_segments(folder.path(), 0)->back().end, begin);
    }
}

TEST_F(SegmentTest, gives_back_its_lists_to_who_asks_for_them_and_to_nobody_else) {
    const auto records = any_records(4, 200);
    const auto all = with_lists(records, 5);
    constexpr std::uint64_t kBegin = 10;
    ASSERT_TRUE(write(folder.path(), kBegin, all));
    const Segment segment{kBegin, kBegin + all.size()};
    std::vector<std::string> found;
    ASSERT_TRUE(read_segment(folder.path(), segment, {}, [&](std::uint64_t sequence, const Record& record) -> Status {
        EXPECT_EQ(bytes_of(record), bytes_of(all.at(sequence - kBegin)));
        found.push_back(bytes_of(record));
        return {};
    }));
    EXPECT_EQ(found, bytes_of_all(records));
    constexpr std::uint64_t kFrom = 100;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t r = kFrom - kBegin; r < all.size(); ++r) {
        if (is_list(all[r])) expected.push_back(kBegin + r);
    }
    std::vector<std::uint64_t> lists;
    ASSERT_TRUE(read_segment(folder.path(), segment, {RecordClass::List, kFrom}, [&](std::uint64_t sequence, const Record& record) -> Status {
        EXPECT_EQ(bytes_of(record), bytes_of(all.at(sequence - kBegin)));
        lists.push_back(sequence);
        return {};
    }));
    EXPECT_EQ(lists, expected);
    EXPECT_GT(lists.size(), 20U);
}

TEST_F(SegmentTest, whose_lists_are_damaged_or_fewer_than_it_says_is_an_error_to_who_reads_them) {
    ASSERT_TRUE(write(folder.path(), 0, with_lists(any_records(1, 50), 2)));
    const Segment segment = list_segments(folder.path(), 0)->front();
    const std::filesystem::path place = std::filesystem::relative(only_segment(), folder.path());
    const auto ignore = [](std::uint64_t, const Record&) { return Status(); };
    const auto lists = [&] { return read_segment(folder.path(), segment, {RecordClass::List, 0}, ignore); };
    const auto state = [&] { return read_segment(folder.path(), segment, {RecordClass::State, 0}, ignore); };
    ASSERT_TRUE(lists());
    const auto bytes = folder.read(place / "lists.state");
    folder.write(place / "lists.state", bytes.substr(0, bytes.size() - 1));
    EXPECT_THAT(lists().error().message, HasSubstr("lists.state"));
    EXPECT_TRUE(state()) << "others do not look at them";
    folder.write(place / "lists.state", bytes);
    auto manifest = folder.read(place / "manifest.json");
    const auto at = manifest.find("\"lists\":") + 8;
    folder.write(place / "manifest.json", manifest.replace(at, manifest.find(',', at) - at, "1"));
    EXPECT_EQ(lists().error().code, ErrorCode::DataLoss);
    EXPECT_EQ(state().error().code, ErrorCode::DataLoss);
}

// Written before there were lists: format 1, without their file and their number.
TEST_F(SegmentTest, of_the_first_format_has_no_lists) {
    const auto records = any_records(1, 50);
    ASSERT_TRUE(write(folder.path(), 0, records));
    const std::filesystem::path place = std::filesystem::relative(only_segment(), folder.path());
    std::filesystem::remove(only_segment() / "lists.state");
    auto manifest = folder.read(place / "manifest.json");
    manifest.replace(manifest.find("\"format\":3"), 10, "\"format\":1");
    manifest.erase(manifest.find("\"lists\":0,"), 10);
    folder.write(place / "manifest.json", manifest);
    EXPECT_EQ(read({0, 50}).value(), bytes_of_all(records));
    EXPECT_TRUE(
        read_segment(folder.path(), {0, 50}, {RecordClass::List, 0}, [](std::uint64_t, const Record&) { return base::internal_error("a list"); }));
}

// With them as columns, and as they are found in a segment of before, which has none.
TEST_F(SegmentTest, tells_the_ids_of_its_events) {
    const auto records = any_records(3, 300);
    ASSERT_TRUE(write(folder.path(), 40, records));
    std::vector<std::tuple<std::uint64_t, EventId, TimeUs>> expected;
    for (std::size_t r = 0; r < records.size(); ++r) {
        if (const auto* event = std::get_if<Event>(&records[r])) expected.emplace_back(40 + r, event_id_of(*event), event->time);
    }
    EXPECT_EQ(events_in(folder.path(), {40, 340}).value(), expected.size());
    const std::filesystem::path place = std::filesystem::relative(only_segment(), folder.path());
    auto manifest = folder.read(place / "manifest.json");
    for (const char* format : {"3", "2"}) {
        manifest.replace(manifest.find("\"format\":") + 9, 1, format);
        folder.write(place / "manifest.json", manifest);
        std::vector<std::tuple<std::uint64_t, EventId, TimeUs>> marks;
        ASSERT_TRUE(read_segment_ids(folder.path(), {40, 340}, [&marks](std::uint64_t sequence, const EventMark& event) {
            marks.emplace_back(sequence, event.id, event.time);
        }));
        EXPECT_EQ(marks, expected);
    }
    const auto bytes = folder.read(place / "events.parquet");
    folder.write(place / "events.parquet", bytes.substr(0, bytes.size() / 2));
    manifest.replace(manifest.find("\"format\":") + 9, 1, "3");
    folder.write(place / "manifest.json", manifest);
    EXPECT_EQ(read_segment_ids(folder.path(), {40, 340}, [](std::uint64_t, const EventMark&) {}).error().code, ErrorCode::DataLoss);
}

TEST_F(SegmentTest, can_be_of_events_alone_or_of_changes_alone) {
    const std::vector<Record> events{event_of("a", "x", 1), event_of("b", "y", 2)};
    const std::vector<Record> ticks{Tick{60}};
    ASSERT_TRUE(write(folder.path(), 0, events));
    ASSERT_TRUE(write(folder.path(), 2, ticks));
    EXPECT_EQ(read({0, 2}).value(), bytes_of_all(events));
    EXPECT_EQ(read({2, 3}).value(), bytes_of_all(ticks));
}

TEST_F(SegmentTest, has_its_events_as_a_table_that_anyone_can_read) {
    Event event = event_of("ann", "x", 5);
    event.context = {{"device", "tv"}};
    ASSERT_TRUE(write(folder.path(), 0, std::vector<Record>{Tick{1}, event}));
    const auto table =
        open_table({(only_segment() / "events.parquet").string(), FileFormat::Parquet, {"sequence", "user"}}).value()->next()->value().table;
    EXPECT_EQ(table.rows, 1U);
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(table.columns[0].values)[0], 1);
    EXPECT_EQ(std::get<CodedColumn>(table.columns[1].values).values[0], "ann");
}

TEST_F(SegmentTest, of_which_a_part_is_missing_or_damaged_is_an_error_that_names_it) {
    ASSERT_TRUE(write(folder.path(), 0, any_records(1, 100)));
    const std::filesystem::path place = std::filesystem::relative(only_segment(), folder.path());
    for (const auto* name : {"events.parquet", "changes.state", "manifest.json"}) {
        const auto bytes = folder.read(place / name);
        folder.write(place / name, bytes.substr(0, bytes.size() / 2));
        const auto error = read({0, 100}).error();
        EXPECT_EQ(error.code, ErrorCode::DataLoss) << name;
        EXPECT_THAT(error.message, HasSubstr(name));
        folder.write(place / name, bytes);
        EXPECT_TRUE(read({0, 100})) << name;
    }
    folder.write(place / "manifest.json", R"({"format": 4})");
    EXPECT_EQ(read({0, 100}).error().code, ErrorCode::FailedPrecondition);
}

TEST_F(SegmentTest, that_is_missing_between_others_is_an_error) {
    for (std::uint64_t begin = 0; begin < 3; ++begin) ASSERT_TRUE(write(folder.path(), begin, std::vector<Record>{Tick{1}}));
    folder.write("log/segments/staging/events.parquet", "half a segment");
    folder.write("log/segments/notes.txt", "nothing of ours");
    EXPECT_EQ(list_segments(folder.path(), 0)->size(), 3U);
    std::filesystem::remove_all(folder.path() / "log/segments/00000000000000000001-00000000000000000002");
    const auto gap = list_segments(folder.path(), 0);
    ASSERT_FALSE(gap);
    EXPECT_EQ(gap.error().code, ErrorCode::DataLoss);
    EXPECT_THAT(gap.error().message, HasSubstr("record 1 is in no segment"));
}

// A log that seals as it grows reads as one that never does.
TEST(Log, reads_the_same_whatever_is_sealed) {
    TemporaryFolder sealing;
    TemporaryFolder whole;
    const auto records = any_records(3, 700);
    const auto read = [](const Log& log, std::uint64_t from) {
        std::vector<std::string> found;
        EXPECT_TRUE(log.read_tail(from, [&](std::uint64_t offset, const Record& record) -> Status {
            EXPECT_EQ(offset, from + found.size());
            found.push_back(bytes_of(record));
            return {};
        }));
        return found;
    };
    auto never = Log::open_writer(whole.path()).value();
    ASSERT_TRUE(never.append(records));
    const auto expected = read(never, 0);
    const auto first_event = std::ranges::find_if(records, [](const Record& record) { return std::holds_alternative<Event>(record); });
    for (std::size_t begin = 0; begin < records.size(); begin += 70) {
        auto log = Log::open_writer(sealing.path()).value();
        EXPECT_EQ(log.end(), begin);
        const auto reader = Log::open_reader(sealing.path()).value();
        ASSERT_TRUE(log.append(std::span(records).subspan(begin, 70)));
        EXPECT_EQ(log.seal(50).value(), (begin + 70) / 50 * 50);
        EXPECT_EQ(log.end(), begin + 70);
        EXPECT_EQ(read(reader, 0).size(), begin) << "what was there when it was opened, wherever it is now";
        EXPECT_EQ(read(log, 0), std::vector(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(begin) + 70));
        EXPECT_EQ(read(log, 33).size(), begin + 37);
        const auto again = log.append(std::span(&*first_event, 1)).value();
        EXPECT_TRUE(again[0].duplicate) << "the id of a sealed event stays known";
        EXPECT_EQ(again[0].offset, static_cast<std::uint64_t>(first_event - records.begin()));
    }
    std::filesystem::remove_all(sealing.path() / "log" / "tail");
    EXPECT_EQ(Log::open_writer(sealing.path())->end(), 700U) << "no number is given away twice, even where the tail is lost";
}

// Lists lie between the records, sealed or not, also at the seams; those who do not ask for them see the log as if there were none.
TEST(Log, keeps_lists_apart_from_what_changes_state) {
    TemporaryFolder folder;
    const auto all = with_lists(any_records(6, 500), 7);
    auto log = Log::open_writer(folder.path()).value();
    for (std::size_t begin = 0; begin < all.size(); begin += 90) {
        ASSERT_TRUE(log.append(std::span(all).subspan(begin, std::min<std::size_t>(90, all.size() - begin))));
        if (begin % 180 == 0) {
            ASSERT_TRUE(log.seal(64));
        }
        for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{70}, log.end() - 5}) {
            std::vector<std::uint64_t> found;
            ASSERT_TRUE(log.read_tail(from, [&](std::uint64_t offset, const Record& record) -> Status {
                EXPECT_EQ(bytes_of(record), bytes_of(all.at(offset)));
                found.push_back(offset);
                return {};
            }));
            ASSERT_TRUE(log.read_lists(from, [&](std::uint64_t offset, const ServedList& list) -> Status {
                EXPECT_EQ(bytes_of(list), bytes_of(all.at(offset)));
                found.push_back(offset);
                return {};
            }));
            std::ranges::sort(found);
            ASSERT_EQ(found.size(), log.end() - from) << "each record once";
            EXPECT_EQ(found.front(), from);
            EXPECT_EQ(found.back(), log.end() - 1);
        }
    }
    const auto data = load_dataset(folder.path()).value();
    EXPECT_EQ(data.events.size() + data.changes.size(), 500U);
    EXPECT_EQ(data.log_end, all.size());
}

TEST(Log, seals_under_the_eyes_of_who_reads_it) {
    TemporaryFolder folder;
    const auto records = any_records(9, 300);
    auto log = Log::open_writer(folder.path()).value();
    ASSERT_TRUE(log.append(records));
    std::vector<std::string> found;
    ASSERT_TRUE(log.read_tail(0, [&](std::uint64_t, const Record& record) -> Status {
        if (found.size() == 100) {
            EXPECT_EQ(log.seal(40).value(), 280U);
        }
        found.push_back(bytes_of(record));
        return {};
    }));
    EXPECT_EQ(found.size(), 300U);
    EXPECT_EQ(load_dataset(folder.path())->events.size() + load_dataset(folder.path())->changes.size(), 300U);
    auto again = Log::open_reader(folder.path()).value();
    EXPECT_EQ(again.end(), 300U);
}

TEST(Log, seals_what_is_there_and_does_not_wait_for_an_end_of_what_comes) {
    TemporaryFolder folder;
    const auto records = any_records(9, 20);
    auto log = Log::open_writer(folder.path()).value();
    ASSERT_TRUE(log.append(records));
    std::atomic<bool> is_sealed = false;
    std::thread writer([&] {
        const auto segments = folder.path() / "log/segments";
        while (!std::filesystem::exists(segments)) std::this_thread::yield();
        // Each record takes less time than its segment.
        for (TimeUs tick = 1; tick < 1000 && !is_sealed; ++tick) EXPECT_TRUE(log.append_tick(tick));
    });
    EXPECT_EQ(log.seal(1).value(), records.size());
    is_sealed = true;
    writer.join();
    EXPECT_EQ(load_dataset(folder.path())->log_end, log.end());
}

}  // namespace
}  // namespace shortlist::data
