#include "engine/base/byte_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace shortlist::base {
namespace {

// What was written, read in pieces of at most `piece` bytes, as of a stream said to be `said` bytes long.
struct Stream {
    std::string bytes;
    std::size_t at = 0;
    std::size_t piece = std::numeric_limits<std::size_t>::max();

    ByteWriter::Sink sink() {
        return [this](std::string_view more) { bytes += more; };
    }
    ByteReader::Source source() {
        return [this](std::span<char> into) {
            const std::size_t some = std::min({into.size(), bytes.size() - at, piece});
            std::copy_n(bytes.data() + at, some, into.data());
            at += some;
            return some;
        };
    }
};

std::vector<std::uint32_t> count_to(std::size_t n) {
    std::vector<std::uint32_t> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 0U);
    return numbers;
}

// Long enough to pass the buffers of both several times, and a run of numbers longer than a buffer.
TEST(ByteStream, gives_back_what_was_written_whatever_the_pieces) {
    for (const std::size_t piece : {std::numeric_limits<std::size_t>::max(), std::size_t{999'983}, std::size_t{4096}}) {
        Stream stream;
        stream.piece = piece;
        const auto many = count_to(700'000);
        ByteWriter writer(stream.sink());
        for (std::uint64_t i = 0; i < 200'000; ++i) {
            writer.put(i);
            writer.put(static_cast<float>(i) / 3);
        }
        writer.put_all(many);
        writer.put_text("a text");
        writer.put_all(std::vector<double>{});
        writer.put(std::uint8_t{7});
        writer.flush();
        ByteReader reader(stream.source(), stream.bytes.size());
        for (std::uint64_t i = 0; i < 200'000; ++i) {
            ASSERT_EQ(reader.take<std::uint64_t>(), i);
            ASSERT_EQ(reader.take<float>(), static_cast<float>(i) / 3);
        }
        EXPECT_EQ(reader.take_all<std::uint32_t>(), many);
        EXPECT_EQ(reader.take_text(), "a text");
        EXPECT_TRUE(reader.take_all<double>().empty());
        EXPECT_EQ(reader.left(), 1U);
        EXPECT_EQ(reader.take<std::uint8_t>(), 7);
        EXPECT_TRUE(reader.ok());
        EXPECT_EQ(reader.left(), 0U);
    }
}

TEST(ByteStream, from_the_first_value_that_does_not_fit_on_gives_nothing) {
    Stream stream;
    ByteWriter writer(stream.sink());
    writer.put(std::uint32_t{5});
    writer.flush();
    ByteReader reader(stream.source(), stream.bytes.size());
    EXPECT_EQ(reader.take<std::uint64_t>(), 0U);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.take<std::uint8_t>(), 0U) << "although it would fit";
    EXPECT_EQ(reader.take_text(), "");
    EXPECT_TRUE(reader.take_all<float>().empty());
}

TEST(ByteStream, believes_no_count_that_the_bytes_left_cannot_hold) {
    for (const std::uint64_t count : {std::uint64_t{3}, std::uint64_t{1} << 32, ~std::uint64_t{0}, std::uint64_t{1} << 62}) {
        Stream stream;
        ByteWriter writer(stream.sink());
        writer.put(count);
        writer.put(std::uint64_t{1});
        writer.put(std::uint32_t{1});
        writer.flush();
        ByteReader reader(stream.source(), stream.bytes.size());
        EXPECT_TRUE(reader.take_all<double>().empty());
        EXPECT_FALSE(reader.ok());
    }
    Stream stream;
    ByteWriter writer(stream.sink());
    writer.put(std::uint32_t{1} << 31);
    writer.flush();
    ByteReader reader(stream.source(), stream.bytes.size());
    EXPECT_EQ(reader.take_text(), "");
    EXPECT_FALSE(reader.ok());
}

TEST(ByteStream, notices_a_stream_that_is_shorter_than_was_said) {
    Stream stream;
    ByteWriter writer(stream.sink());
    writer.put_all(count_to(10));
    writer.flush();
    stream.bytes.resize(20);
    ByteReader reader(stream.source(), 48);
    EXPECT_TRUE(reader.take_all<std::uint32_t>().empty());
    EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace shortlist::base
