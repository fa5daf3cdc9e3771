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

    /// A row's count grew, and its key is another. Cost: O(log most), and for a row on the list a move of those that it passes.
    void update(std::uint32_t row, double before, double after);

    /// Best first, ties to the lower row.
    [[nodiscard]] std::span<const Leader> best() const noexcept { return best_; }
    /// The list as bytes, and back: its order cannot be told from the counts alone. Bytes that no list of rows below `rows` gives
    /// fail the reader.
    void save(base::ByteWriter& out) const;
    void load(std::size_t rows, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept { return best_.capacity() * sizeof(Leader); }

private:
    void insert(const Leader& grown);

    std::size_t most_;
    std::vector<Leader> best_;
};

}  // namespace shortlist::features
