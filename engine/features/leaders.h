/// The rows of greatest count of a slot, kept up to date as counts grow: all counts of a slot fade at one rate, so rows that nothing happens to
/// keep their key, and a tick costs only the rows that it counts in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/byte_stream.h"
#include "engine/base/check.h"

namespace shortlist::features {

/// One thread changes it; copies are independent.
class Leaders {
public:
    struct Leader {
        double key = 0;  ///< See key_in() of state_block.h: higher is more.
        std::uint32_t row = 0;
    };

    /// Keeps the `most` best rows, at least 1.
    explicit Leaders(std::size_t most) : most_(most) { SHORTLIST_CHECK(most >= 1); }

    /// A row's count is about to grow: takes the row, whose key is this, off the list where it is on it; insert() it when it has
    /// grown. Cost of each O(log most) for a row below the list, else a move of up to `most` entries.
    void remove(std::uint32_t row, double key);
    void insert(std::uint32_t row, double key);

    /// Best first, ties to the lower row.
    [[nodiscard]] std::span<const Leader> best() const noexcept { return best_; }
    /// The list as bytes, and back: its order cannot be told from the counts alone. Bytes that no list of rows below `rows` gives
    /// fail the reader.
    void save(base::ByteWriter& out) const;
    void load(std::size_t rows, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept { return best_.capacity() * sizeof(Leader); }

private:
    std::size_t most_;
    std::vector<Leader> best_;
};

}  // namespace shortlist::features
