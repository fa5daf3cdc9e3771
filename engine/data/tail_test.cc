#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/history_internal.h"
#include "engine/data/tail_internal.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

TailEntry entry_of(std::uint64_t number) {
    Event event;
    event.user = std::to_string(number);
    TailEntry entry;
    entry.id = EventId{number, ~number};
    encode_record(event, entry.bytes);
    return entry;
}

class TailTest : public testing::Test {
protected:
    TailTest() { std::filesystem::create_directory(log_folder(folder.path())); }
    Result<Tail> open(Tail::Access access) const { return Tail::open(folder.path(), access); }
    TemporaryFolder folder;
};

Status ignore(std::uint64_t, const Record&) { return {}; }

// 600 records, so that sequences fill more than a byte.
TEST_F(TailTest, reads_back_records_in_order_and_finds_each_by_its_id) {
    {
        auto tail = open(Tail::Access::Write).value();
        EXPECT_EQ(tail.end(), 0U);
        for (std::uint64_t i = 0; i < 600; i += 2) ASSERT_TRUE(tail.append(std::array{entry_of(i), entry_of(i + 1)}));
        EXPECT_EQ(tail.end(), 600U);
    }
    for (const auto access : {Tail::Access::Read, Tail::Access::Write}) {
        const auto tail = open(access).value();
        EXPECT_EQ(tail.end(), 600U);
        std::uint64_t expected = 250;
        ASSERT_TRUE(tail.read({250, 600}, RecordClass::State, [&expected](std::uint64_t sequence, const Record& record) -> Status {
            EXPECT_EQ(sequence, expected);
            EXPECT_EQ(std::get<Event>(record).user, std::to_string(expected));
            ++expected;
            return {};
        }));
        EXPECT_EQ(expected, 600U);
        for (std::uint64_t i = 0; i < 600; ++i) EXPECT_EQ(tail.find(EventId{i, ~i}).value(), i);
        EXPECT_EQ((tail.find(EventId{1, 1}).value()), std::nullopt) << "both halves of an id count";
        EXPECT_EQ((tail.find(EventId{2, ~std::uint64_t{1}}).value()), std::nullopt);
    }
}

TEST_F(TailTest, that_was_never_written_reads_as_empty) {
    const auto tail = open(Tail::Access::Read);
    ASSERT_TRUE(tail);
    EXPECT_EQ(tail->end(), 0U);
    EXPECT_EQ(tail->find(EventId{1, 1}).value(), std::nullopt);
    EXPECT_TRUE(tail->read({0, 5}, RecordClass::State, ignore));
}

TEST_F(TailTest, stops_at_the_first_error_of_the_visitor) {
    auto tail = open(Tail::Access::Write).value();
    ASSERT_TRUE(tail.append(std::array{entry_of(0), entry_of(1)}));
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
    ASSERT_TRUE(tail.append(std::array{entry_of(0), TailEntry{"rubbish", std::nullopt}}));
    const auto status = tail.read({0, 5}, RecordClass::State, ignore);
    EXPECT_EQ(status.error().code, ErrorCode::DataLoss);
    EXPECT_THAT(status.error().message, HasSubstr("tail, record 1: a log record has version"));
}

TEST_F(TailTest, damaged_files_are_an_error_and_not_an_empty_tail) {
    { ASSERT_TRUE(open(Tail::Access::Write)->append(std::array{entry_of(0)})); }
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
