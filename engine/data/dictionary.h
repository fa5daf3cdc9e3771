/// Strings to rows and back, append-only: a string keeps its row for ever.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/ids.h"

namespace shortlist::data {

/// Readers may run together; add() must run alone. Cost: one hash a call; about 80 bytes an entry beside its text.
class Dictionary {
public:
    Dictionary() = default;
    Dictionary(const Dictionary& other);
    Dictionary& operator=(const Dictionary& other);
    Dictionary(Dictionary&&) = default;
    Dictionary& operator=(Dictionary&&) = default;

    /// The row of `text`, or kNoRow.
    [[nodiscard]] std::uint32_t find(std::string_view text) const;
    /// The row of `text`, which is added behind the others when it is new.
    std::uint32_t add(std::string_view text);
    /// Requires row < size(). The view stays valid as long as the dictionary.
    [[nodiscard]] std::string_view operator[](std::uint32_t row) const { return texts_[row]; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    std::deque<std::string> texts_;  // a deque never moves its strings, so the map may hold views of them
    std::unordered_map<std::string_view, std::uint32_t> rows_;
};

}  // namespace shortlist::data
