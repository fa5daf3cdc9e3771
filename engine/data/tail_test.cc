#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

#include "engine/base/random.h"
#include "engine/data/history_internal.h"
#include "engine/data/tail_internal.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

Record event_of_user(std::uint64_t number) {
    Event event;
    event.user = std::to_string(number);
    return event;
}

std::vector<TailBlock> block_of(std::uint64_t first, std::uint64_t count) {
    std::vector<TailBlock> blocks;
    for (std::uint64_t i = first; i < first + count; ++i) add_record(event_of_user(i), blocks);
    return blocks;
}

class TailTest : public testing::Test {
protected:
    TailTest() { std::filesystem::create_directory(log_folder(folder.path())); }
    Result<Tail> open(Tail::Access access) const { return Tail::open(folder.path(), access); }
    TemporaryFolder folder;
};

Status ignore(std::uint64_t, const Record&) { return {}; }

Result<std::vector<std::uint64_t>> users_in(const Tail& tail, Tail::Range range) {
    std::vector<std::uint64_t> users;
    SHORTLIST_TRY(tail.read(range, RecordClass::State, [&users](std::uint64_t sequence, const Record& record) -> Status {
        users.push_back(std::stoull(std::get<Event>(record).user));
        EXPECT_EQ(sequence, users.back());
        return {};
    }));
    return users;
}

std::vector<std::uint64_t> numbers(std::uint64_t begin, std::uint64_t end) {
    std::vector<std::uint64_t> all(end - begin);
    std::iota(all.begin(), all.end(), begin);
    return all;
}

// 600 records, so that sequences fill more than a byte; written one, two and three at a time.
TEST_F(TailTest, reads_back_records_in_order_from_anywhere_within_what_was_written_together) {
    {
        auto tail = open(Tail::Access::Write).value();
        EXPECT_EQ(tail.end(), 0U);
        for (std::uint64_t i = 0; i < 600; i += 6) {
            ASSERT_TRUE(tail.append(block_of(i, 1)));
            ASSERT_TRUE(tail.append(block_of(i + 1, 2)));
            ASSERT_TRUE(tail.append(block_of(i + 3, 3)));
        }
        EXPECT_EQ(tail.end(), 600U);
    }
    for (const auto access : {Tail::Access::Read, Tail::Access::Write}) {
        const auto tail = open(access).value();
        EXPECT_EQ(tail.end(), 600U);
        for (const std::uint64_t from : {0U, 250U, 251U, 252U, 253U, 254U, 599U}) {
            EXPECT_EQ(users_in(tail, {from, 600}).value(), numbers(from, 600));
            EXPECT_EQ(users_in(tail, {from, from + 1}).value(), numbers(from, from + 1));
        }
    }
}

TEST_F(TailTest, a_megabyte_is_read_at_a_time_however_much_is_written_at_once) {
    const auto blocks = block_of(0, 100'000);
    EXPECT_GT(blocks.size(), 3U);
    for (const auto& block : blocks) EXPECT_LT(block.bytes.size(), (std::size_t{1} << 20) + 100);
    ASSERT_TRUE(open(Tail::Access::Write)->append(blocks));
    const auto tail = open(Tail::Access::Write).value();
    EXPECT_EQ(tail.end(), 100'000U);
    EXPECT_EQ(users_in(tail, {0, 100'000}).value(), numbers(0, 100'000));
}

TEST_F(TailTest, keeps_of_what_it_lets_go_of_only_what_was_written_with_the_next_record) {
    auto tail = open(Tail::Access::Write).value();
    for (std::uint64_t i = 0; i < 12; i += 3) ASSERT_TRUE(tail.append(block_of(i, 3)));
    ASSERT_TRUE(tail.forget_before(7));
    EXPECT_EQ(users_in(tail, {7, 12}).value(), numbers(7, 12));
    EXPECT_EQ(users_in(tail, {6, 12}).value(), numbers(6, 12));
    EXPECT_EQ(users_in(tail, {5, 12}).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(tail.forget_before(12));
    EXPECT_EQ(users_in(tail, {8, 12}).error().code, ErrorCode::NotFound);
    EXPECT_EQ(tail.end(), 12U);
}

TEST_F(TailTest, rewrites_also_what_was_let_go_of_and_is_still_there) {
    auto tail = open(Tail::Access::Write).value();
    for (std::uint64_t i = 0; i < 12; i += 3) ASSERT_TRUE(tail.append(block_of(i, 3)));
    ASSERT_TRUE(tail.forget_before(7));
    ASSERT_TRUE(tail.rewrite(0, [](const Record& record) -> std::optional<Record> {
        const auto& user = std::get<Event>(record).user;
        return user == "6" || user == "10" ? std::optional<Record>(Removed{"item " + user}) : std::nullopt;
    }));
    std::vector<std::string> found;
    ASSERT_TRUE(tail.read({6, 12}, RecordClass::State, [&found](std::uint64_t, const Record& record) -> Status {
        const auto* removed = std::get_if<Removed>(&record);
        found.push_back(removed == nullptr ? std::get<Event>(record).user : removed->item);
        return {};
    }));
    EXPECT_THAT(found, testing::ElementsAre("item 6", "7", "8", "9", "item 10", "11"));
}

// Ids that are alike are what a compressor leaves out.
TEST_F(TailTest, whose_files_were_written_anew_hold_ids_as_they_are) {
    auto tail = open(Tail::Access::Write).value();
    for (std::uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(tail.append(block_of(1'000'000'000 + i, 1)));
    ASSERT_TRUE(tail.rewrite(0, [](const Record&) { return std::optional<Record>(); }));
    std::string files;
    for (const auto& [name, bytes] : folder.contents("log/tail")) files += bytes;
    for (std::uint64_t i = 0; i < 200; ++i) EXPECT_THAT(files, HasSubstr(std::to_string(1'000'000'000 + i)));
}

void put_big_endian(std::uint64_t value, std::string& out) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 255U);
}

// As it was before records shared keys: one a key, and the ids of events beside them.
TEST_F(TailTest, reads_on_from_what_was_written_before_records_shared_a_key_and_drops_its_ids) {
    const std::string path = (log_folder(folder.path()) / "tail").string();
    rocksdb::Options options;
    options.create_if_missing = true;
    const auto with_database = [&](const auto& use) {
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, path, &opened).ok());
        const std::unique_ptr<rocksdb::DB> database(opened);
        use(*database);
    };
    const auto ids_in = [](rocksdb::DB& database) {
        int ids = 0;
        const std::unique_ptr<rocksdb::Iterator> at(database.NewIterator(rocksdb::ReadOptions()));
        for (at->SeekToFirst(); at->Valid(); at->Next()) ids += at->key()[0] == 'i' ? 1 : 0;
        return ids;
    };
    with_database([](rocksdb::DB& database) {
        for (std::uint64_t i = 0; i < 5; ++i) {
            std::string key = "r", bytes, id = "i", sequence;
            put_big_endian(i, key);
            put_big_endian(i, id);
            put_big_endian(~i, id);
            put_big_endian(i, sequence);
            encode_record(event_of_user(i), bytes);
            ASSERT_TRUE(database.Put(rocksdb::WriteOptions(), key, bytes).ok());
            ASSERT_TRUE(database.Put(rocksdb::WriteOptions(), id, sequence).ok());
        }
    });
    EXPECT_EQ(users_in(open(Tail::Access::Read).value(), {1, 5}).value(), numbers(1, 5));
    {
        auto tail = open(Tail::Access::Write).value();
        EXPECT_EQ(tail.end(), 5U);
        ASSERT_TRUE(tail.append(block_of(5, 3)));
        EXPECT_EQ(users_in(tail, {3, 8}).value(), numbers(3, 8));
        ASSERT_TRUE(tail.forget_before(4));
        EXPECT_EQ(users_in(tail, {4, 8}).value(), numbers(4, 8));
        EXPECT_EQ(users_in(tail, {3, 8}).error().code, ErrorCode::NotFound);
    }
    with_database([&](rocksdb::DB& database) { EXPECT_EQ(ids_in(database), 0); });
}

TEST_F(TailTest, that_was_never_written_reads_as_empty) {
    const auto tail = open(Tail::Access::Read);
    ASSERT_TRUE(tail);
    EXPECT_EQ(tail->end(), 0U);
    EXPECT_TRUE(tail->read({0, 5}, RecordClass::State, ignore));
}

TEST_F(TailTest, knows_its_end_also_where_only_a_stream_moved_on) {
    ASSERT_TRUE(open(Tail::Access::Write)->append({}, Tail::Durability::Synced, std::array{StreamPosition{"topic", 0, 7, 0}}));
    EXPECT_EQ(open(Tail::Access::Write)->end(), 0U);
}

// The writer goes on, and puts what it has in a file again and again, each time with the end of a write-ahead log.
TEST_F(TailTest, opened_beside_its_writer_has_all_that_was_written_before) {
    constexpr std::uint64_t kRecords = 150;
    auto writing = open(Tail::Access::Write).value();
    ASSERT_TRUE(writing.append(block_of(0, 1)));
    std::thread writer([&] {
        for (std::uint64_t i = 1; i < kRecords; ++i) {
            EXPECT_TRUE(writing.append(block_of(i, 1)));
            if (i % 2 == 0) {
                EXPECT_TRUE(writing.rewrite(0, [](const Record&) { return std::optional<Record>(); }));
            }
        }
    });
    std::uint64_t written = 0;
    while (written < kRecords) {
        written = writing.end();
        const auto tail = open(Tail::Access::Read);
        EXPECT_TRUE(tail) << tail.error().message;
        if (!tail) break;
        EXPECT_GE(tail->end(), written);
        EXPECT_EQ(users_in(*tail, {0, tail->end()}).value_or(numbers(0, 0)), numbers(0, tail->end()));
    }
    writer.join();
}

TEST_F(TailTest, stops_at_the_first_error_of_the_visitor) {
    auto tail = open(Tail::Access::Write).value();
    ASSERT_TRUE(tail.append(block_of(0, 2)));
    int visits = 0;
    const auto status = tail.read({0, 5}, RecordClass::State, [&visits](std::uint64_t, const Record&) -> Status {
        ++visits;
        return base::invalid_argument("enough");
    });
    EXPECT_EQ(status.error().message, "enough");
    EXPECT_EQ(visits, 1);
}

TEST_F(TailTest, names_the_record_that_does_not_read) {
    auto tail = open(Tail::Access::Write).value();
    auto blocks = block_of(0, 2);
    blocks.back().bytes[blocks.back().bytes.size() / 2 + 5] = 'x';  // the version of the second record: its length is 4 bytes before
    ASSERT_TRUE(tail.append(blocks));
    const auto status = tail.read({0, 5}, RecordClass::State, ignore);
    EXPECT_EQ(status.error().code, ErrorCode::DataLoss);
    EXPECT_THAT(status.error().message, HasSubstr("tail, record 1: a log record has version"));
}

/// The folder's only write-ahead log that holds anything, from the project's folder.
std::string log_file_of(const TemporaryFolder& folder) {
    std::string found;
    for (const auto& [path, bytes] : folder.contents("log/tail")) {
        if (path.ends_with(".log") && !bytes.empty()) found = path;
    }
    return found;
}

// Forty synced writes of three records, cut off anywhere as a crash may leave the last file: what was written whole before the cut is there.
TEST_F(TailTest, of_which_the_end_is_cut_off_has_all_that_stands_before_the_cut) {
    std::vector<std::size_t> sizes{0};  // of the file, after each write
    {
        auto tail = open(Tail::Access::Write).value();
        for (std::uint64_t i = 0; i < 40; ++i) {
            ASSERT_TRUE(tail.append(block_of(3 * i, 3)));
            sizes.push_back(folder.read(log_file_of(folder)).size());
        }
    }
    const std::string path = log_file_of(folder);
    const auto files = folder.contents("log/tail");
    Rng rng(7);
    for (int cut = 0; cut < 30; ++cut) {
        const std::size_t size = cut == 0 ? 0 : rng.below(sizes.back() + 1);
        std::filesystem::remove_all(log_folder(folder.path()) / "tail");
        for (const auto& [name, bytes] : files) folder.write(name, name == path ? bytes.substr(0, size) : bytes);
        const auto whole = static_cast<std::uint64_t>(std::ranges::upper_bound(sizes, size) - sizes.begin() - 1);
        const auto tail = open(Tail::Access::Write);
        ASSERT_TRUE(tail) << tail.error().message;
        EXPECT_EQ(tail->end(), 3 * whole) << "cut at " << size;
        EXPECT_EQ(users_in(*tail, {0, 3 * whole}).value(), numbers(0, 3 * whole));
    }
}

TEST_F(TailTest, that_is_damaged_before_its_end_is_an_error_and_not_a_shorter_tail) {
    {
        auto tail = open(Tail::Access::Write).value();
        for (std::uint64_t i = 0; i < 4000; i += 10) ASSERT_TRUE(tail.append(block_of(i, 10)));
    }
    const std::string path = log_file_of(folder);
    auto bytes = folder.read(path);
    ASSERT_GT(bytes.size(), 100'000U);
    bytes[20'000] = static_cast<char>(bytes[20'000] ^ 1);
    folder.write(path, bytes);
    const auto tail = open(Tail::Access::Write);
    ASSERT_FALSE(tail);
    EXPECT_EQ(tail.error().code, ErrorCode::DataLoss);
    EXPECT_THAT(tail.error().message, HasSubstr("log/tail: "));
}

TEST_F(TailTest, damaged_files_are_an_error_and_not_an_empty_tail) {
    { ASSERT_TRUE(open(Tail::Access::Write)->append(block_of(0, 1))); }
    folder.write("log/tail/CURRENT", "rubbish");
    for (const auto access : {Tail::Access::Read, Tail::Access::Write}) {
        const auto tail = open(access);
        ASSERT_FALSE(tail);
        EXPECT_EQ(tail.error().code, ErrorCode::DataLoss) << tail.error().message;
        EXPECT_THAT(tail.error().message, HasSubstr("log/tail: "));
    }
}

TEST_F(TailTest, where_no_folder_can_be_made_is_unavailable) {
    std::filesystem::remove(log_folder(folder.path()));
    folder.write("log", "a file");
    EXPECT_EQ(open(Tail::Access::Write).error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace shortlist::data
