#include "engine/data/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

WriteState numbers(std::uint64_t count) {
    return [count](base::ByteWriter& out) {
        for (std::uint64_t i = 0; i < count; ++i) out.put(i);
    };
}

std::function<Status(base::ByteReader&)> expect_numbers(std::uint64_t count) {
    return [count](base::ByteReader& in) -> Status {
        for (std::uint64_t i = 0; i < count; ++i) EXPECT_EQ(in.take<std::uint64_t>(), i);
        return {};
    };
}

Status take_nothing(base::ByteReader&) { return {}; }

class StateFile : public testing::Test {
protected:
    TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "state" / "a.state";
};

TEST_F(StateFile, is_read_back_and_replaced_whole) {
    EXPECT_EQ(load_state_file(path, take_nothing).error().code, ErrorCode::NotFound);
    for (const std::uint64_t count : {std::uint64_t{300'000}, std::uint64_t{0}, std::uint64_t{3}}) {
        ASSERT_TRUE(save_state_file(path, numbers(count)));
        EXPECT_TRUE(load_state_file(path, expect_numbers(count)));
    }
    EXPECT_EQ(folder.contents("state").size(), 1U) << "nothing is left beside it";
}

TEST_F(StateFile, is_not_read_when_any_byte_is_another) {
    ASSERT_TRUE(save_state_file(path, numbers(20)));
    const auto bytes = folder.read("state/a.state");
    const auto fails = [&](const std::string& changed) {
        folder.write("state/a.state", changed);
        bool called = false;
        const auto status = load_state_file(path, [&called](base::ByteReader&) -> Status {
            called = true;
            return {};
        });
        EXPECT_FALSE(called) << "bytes that are not what was written";
        return status.error();
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_NE(fails(changed).message, "") << i;
        EXPECT_NE(fails(bytes.substr(0, i)).message, "") << i;
    }
    EXPECT_EQ(fails(bytes.substr(0, bytes.size() - 1)).code, ErrorCode::DataLoss);
    EXPECT_THAT(fails(bytes + " ").message, HasSubstr("damaged"));
    EXPECT_THAT(fails("").message, HasSubstr("a.state: not a file of state"));
    std::string newer = bytes;
    newer[4] = 2;
    const auto error = fails(newer);
    EXPECT_EQ(error.code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(error.message, HasSubstr("has format 2; this program reads format 1"));
}

TEST_F(StateFile, must_be_read_to_its_end_and_not_past_it) {
    ASSERT_TRUE(save_state_file(path, numbers(3)));
    EXPECT_EQ(load_state_file(path, take_nothing).error().code, ErrorCode::DataLoss);
    const auto past = [](base::ByteReader& in) -> Status {
        for (int i = 0; i < 4; ++i) (void)in.take<std::uint64_t>();
        return {};
    };
    EXPECT_EQ(load_state_file(path, past).error().code, ErrorCode::DataLoss);
    const auto refuses = [](base::ByteReader&) -> Status { return base::failed_precondition("of another log"); };
    EXPECT_EQ(load_state_file(path, refuses).error().message, "of another log");
}

TEST_F(StateFile, that_cannot_be_written_leaves_the_one_before) {
    ASSERT_TRUE(save_state_file(path, numbers(3)));
    folder.write("state/a.state.next/inside", "a folder where the new file would be");
    EXPECT_EQ(save_state_file(path, numbers(4)).error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(load_state_file(path, expect_numbers(3)));
}

TEST(DigestOfState, is_equal_for_equal_bytes_only) {
    EXPECT_EQ(digest_of_state(numbers(3)), digest_of_state(numbers(3)));
    EXPECT_NE(digest_of_state(numbers(3)), digest_of_state(numbers(4)));
    EXPECT_EQ(digest_of_state(numbers(0)).size(), 32U);
    EXPECT_EQ(digest_of_state(numbers(0)), "99aa06d3014798d86001c324468d497f") << "XXH3-128 of nothing";
}

TEST_F(StateFile, keeps_its_bytes_while_it_is_open) {
    ASSERT_TRUE(save_state_file(path, numbers(1000)));
    const auto file = OpenStateFile::open(path);
    ASSERT_TRUE(file);
    std::uint64_t place = 0;
    ASSERT_TRUE(file->read([&](base::ByteReader& in) -> Status {
        for (int i = 0; i < 600; ++i) (void)in.take<std::uint64_t>();
        place = in.position();
        while (in.left() > 0) (void)in.take<std::uint64_t>();
        return {};
    }));
    ASSERT_TRUE(save_state_file(path, numbers(3)));
    std::array<std::uint64_t, 2> found{};
    const std::span<char> into(reinterpret_cast<char*>(found.data()), sizeof found);
    ASSERT_TRUE(file->read_at(place, into));
    EXPECT_EQ(found, (std::array<std::uint64_t, 2>{600, 601}));
    EXPECT_TRUE(file->read_at(8 * 998, into));
    EXPECT_EQ(file->read_at(8 * 998 + 1, into).error().code, ErrorCode::DataLoss) << "that would be of the digest";
    EXPECT_EQ(file->read_at(~std::uint64_t{0}, into).error().code, ErrorCode::DataLoss);
}

}  // namespace
}  // namespace shortlist::data
