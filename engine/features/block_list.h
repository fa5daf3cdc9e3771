/// Blocks of state by code, in the order in which the codes were first met: what one user did by category, by creator, by item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/base/byte_stream.h"
#include "engine/base/ids.h"

namespace shortlist::features {

/// One allocation: the stride, past a few keys a hash table of their places, keys, blocks. Cost: 16 bytes, and for each code 4 + 4 x
/// stride, up to 10 for its place, and at most half of it for what may come. Copies are deep. One thread at a time.
class BlockList {
public:
    BlockList() = default;
    BlockList(const BlockList& other);
    BlockList& operator=(const BlockList& other);
    BlockList(BlockList&& other) noexcept;
    BlockList& operator=(BlockList&& other) noexcept;
    ~BlockList() = default;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The block of `code`, or an empty span.
    [[nodiscard]] std::span<const std::uint32_t> find(std::uint32_t code) const noexcept;
    /// Brings near what a look-up of `code` reads first; once that is there, what it leads to.
    void prefetch(std::uint32_t code) const noexcept;
    void prefetch_block(std::uint32_t code) const noexcept;
    /// The block of `code`, all zero when it is new. Requires code != kNoRow and one stride, at least 1, for the list's whole life. The
    /// span holds until the next call.
    [[nodiscard]] std::span<std::uint32_t> find_or_add(std::uint32_t code, std::size_t stride);
    /// Drops the `count` blocks whose first words are least, of equal ones the earlier; the others stay in their order. Requires count < size().
    void drop_least(std::size_t count);
    /// Gives each code another; no two the same.
    void rename(const std::function<std::uint32_t(std::uint32_t code)>& renamed);

    /// Codes and blocks as bytes, and back. Bytes that no list of this stride gives fail the reader.
    void save(base::ByteWriter& out) const;
    [[nodiscard]] static BlockList load(std::size_t stride, base::ByteReader& in);
    /// Beside sizeof(BlockList).
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    [[nodiscard]] std::size_t stride() const noexcept { return words_[0]; }
    [[nodiscard]] std::uint32_t* slots() const noexcept { return words_.get() + 1; }
    [[nodiscard]] std::uint32_t* keys() const noexcept;
    [[nodiscard]] std::uint32_t* block(std::size_t place) const noexcept { return keys() + capacity_ + place * stride(); }
    [[nodiscard]] std::size_t place_of(std::uint32_t code) const noexcept;
    void enter(std::size_t place) const noexcept;
    void enter_all() const noexcept;
    void grow(std::size_t capacity, std::size_t stride);

    std::unique_ptr<std::uint32_t[]> words_;  // NOLINT(modernize-avoid-c-arrays): two sizes beside a pointer, not three pointers
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

}  // namespace shortlist::features
