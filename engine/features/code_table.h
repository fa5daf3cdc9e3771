/// A small hash table from a code to a block of doubles: what one user did by category, by creator, by item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/byte_stream.h"
#include "engine/base/ids.h"

namespace shortlist::features {

/// Open addressing, at most 7/8 full, never shrinks. Cost: 4 + 8 x stride bytes a slot. Copies are deep. One thread at a time.
class CodeTable {
public:
    /// The block of `code`, or an empty span.
    [[nodiscard]] std::span<const double> find(std::uint32_t code, std::size_t stride) const noexcept;
    /// The block of `code`, all zero when it is new. Requires code != kNoRow and one stride for the table's whole life.
    [[nodiscard]] std::span<double> find_or_add(std::uint32_t code, std::size_t stride);
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The table as bytes, and back, slot for slot. Bytes that no table of this stride gives fail the reader.
    void save(base::ByteWriter& out) const;
    [[nodiscard]] static CodeTable load(std::size_t stride, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept { return keys_.capacity() * sizeof(std::uint32_t) + blocks_.capacity() * sizeof(double); }

private:
    [[nodiscard]] bool is_whole(std::size_t stride) const noexcept;
    [[nodiscard]] std::size_t slot_of(std::uint32_t code) const noexcept;
    void grow(std::size_t stride);

    std::vector<std::uint32_t> keys_;  // kNoRow: free; the count is 0 or a power of two
    std::vector<double> blocks_;
    std::size_t size_ = 0;
};

}  // namespace shortlist::features
