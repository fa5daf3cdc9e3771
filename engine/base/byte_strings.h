/// Byte streams that begin or end in one string, for who has all of the bytes at hand.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/byte_stream.h"

namespace shortlist::base {

/// What `write(ByteWriter&)` writes.
template <class Write>
[[nodiscard]] std::string bytes_written(Write write) {
    std::string bytes;
    ByteWriter out([&bytes](std::string_view more) { bytes += more; });
    write(out);
    out.flush();
    return bytes;
}

/// A ByteReader over a string, which must outlive it.
class StringReader : public ByteReader {
public:
    explicit StringReader(std::string_view bytes) : ByteReader([this](std::span<char> into) { return fill(into); }, bytes.size()), rest_(bytes) {}

private:
    std::size_t fill(std::span<char> into) {
        const std::size_t some = std::min(into.size(), rest_.size());
        std::copy_n(rest_.data(), some, into.data());
        rest_.remove_prefix(some);
        return some;
    }

    std::string_view rest_;
};

}  // namespace shortlist::base
