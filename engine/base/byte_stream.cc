#include "engine/base/byte_stream.h"

#include <algorithm>
#include <utility>

namespace shortlist::base {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

}  // namespace

ByteWriter::ByteWriter(Sink sink) : sink_(std::move(sink)) { buffer_.reserve(kPieceBytes); }

void ByteWriter::put_bytes(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > kPieceBytes) flush();
    if (bytes.size() > kPieceBytes)
        sink_(bytes);
    else
        buffer_ += bytes;
}

void ByteWriter::put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    put_bytes(text);
}

void ByteWriter::flush() {
    sink_(buffer_);
    buffer_.clear();
}

ByteReader::ByteReader(Source source, std::uint64_t bytes) : source_(std::move(source)), bytes_(bytes), left_(bytes) {}

void ByteReader::fail() noexcept {
    ok_ = false;
    left_ = 0;
}

bool ByteReader::fits(std::uint64_t bytes) noexcept {
    if (bytes > left_) fail();
    return ok_;
}

std::size_t ByteReader::take_count(std::size_t least_bytes) {
    const auto count = take<std::uint64_t>();
    if (count > left_ / least_bytes) fail();
    return ok_ ? static_cast<std::size_t>(count) : 0;
}

std::string ByteReader::take_text() {
    std::string text;
    const auto size = take<std::uint32_t>();
    if (!fits(size)) return text;
    text.resize(size);
    take_bytes(text.data(), size);
    return ok_ ? text : std::string();
}

void ByteReader::take_bytes(char* out, std::size_t bytes) {
    if (!ok_) return;
    left_ -= bytes;
    while (bytes > 0) {
        if (at_ == buffer_.size()) {
            buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, left_ + bytes)));
            buffer_.resize(source_(buffer_));
            at_ = 0;
            if (buffer_.empty()) return fail();  // the stream is shorter than was said
        }
        const std::size_t some = std::min(bytes, buffer_.size() - at_);
        std::memcpy(out, buffer_.data() + at_, some);
        at_ += some;
        out += some;
        bytes -= some;
    }
}

}  // namespace shortlist::base
