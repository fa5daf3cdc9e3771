/// Strings to rows and back, append-only: a string keeps its row for ever.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::data {

/// 64 bits that depend on the text alone, the same in every process (XXH3).
[[nodiscard]] std::uint64_t text_hash(std::string_view text) noexcept;

/// Readers may run together; add() must run alone. Cost: one hash a call; 24 to 32 bytes an entry beside its text.
class Dictionary {
public:
    Dictionary() = default;
    Dictionary(const Dictionary& other);
    Dictionary& operator=(const Dictionary& other);
    Dictionary(Dictionary&&) = default;
    Dictionary& operator=(Dictionary&&) = default;
    ~Dictionary() = default;

    /// The row of `text`, or kNoRow.
    [[nodiscard]] std::uint32_t find(std::string_view text) const noexcept;
    /// The row of `text`, which is added behind the others when it is new.
    std::uint32_t add(std::string_view text);
    /// Requires row < size(). The view stays valid as long as the dictionary.
    [[nodiscard]] std::string_view operator[](std::uint32_t row) const noexcept { return {texts_[row].begin, texts_[row].length}; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    struct Text {
        const char* begin = nullptr;
        std::uint32_t length = 0;
        std::uint32_t hash = 0;
    };
    [[nodiscard]] std::size_t slot_of(std::string_view text, std::uint32_t hash) const noexcept;
    [[nodiscard]] const char* keep(std::string_view text);
    void grow();

    std::vector<Text> texts_;
    std::vector<std::uint32_t> slots_;  // 1 + row, 0 when free; a power of two of them, at most half full
    std::vector<std::unique_ptr<char[]>> blocks_;  // NOLINT(modernize-avoid-c-arrays): texts end to end; they never move
    std::size_t block_bytes_ = 0;                  // of the last block
    std::size_t used_bytes_ = 0;
    std::size_t text_bytes_ = 0;  // of all blocks
};

}  // namespace shortlist::data
