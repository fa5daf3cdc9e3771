/// Approximate inner products of one query with many rows, at half a byte a dimension: the first pass of an exact search, which takes
/// as long as reading the rows does. Rows are quantised symmetrically with a scale of their own (x ~ scale * code, code in
/// [-7, 7]), the query likewise in [-127, 127]. They lie in blocks of 16 rows, 8 dimensions of all of them side by side: 4 dimensions in the
/// low halves of 64 bytes and the next 4 in the high halves, each half being what one VNNI instruction multiplies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/aligned.h"
#include "engine/kernels/cpu.h"
#include "engine/kernels/top_k.h"

namespace shortlist::kernels {

inline constexpr std::size_t kBlockRows = 16;

/// Immutable once made. Memory: half a byte a row and dimension (rows padded to 16, dimensions to 8), and 4 bytes a row.
struct Int4Blocks {
    std::size_t rows = 0;
    std::size_t groups = 0;             ///< Groups of 8 dimensions.
    AlignedVector<std::uint8_t>
        codes;  ///< Code + 8 of row r, dimension d: the half d % 8 / 4 of [((r / 16) * groups + d / 8) * 64 + (r % 16) * 4 + d % 4].
    AlignedVector<float> scales;        ///< Of each row, padded to whole blocks.

    [[nodiscard]] std::size_t blocks() const noexcept { return scales.size() / kBlockRows; }
};

/// matrix: shape (rows, dimension), row-major, finite; dimension in [1, 1024]. Values of a row whose magnitudes are all
/// below 1e-30 become 0. The error of a value is at most scale / 2. Cost O(rows x dimension).
[[nodiscard]] Int4Blocks quantise_rows(std::span<const float> matrix, std::size_t dimension);

/// A query at one byte a dimension; memory is kept between uses.
struct Int8Query {
    AlignedVector<std::int8_t> codes;  ///< Padded with zeros to a multiple of 8.
    std::int32_t code_sum = 0;
    float scale = 0;
    /// What quantisation may have taken from the integer dot product of a row, in units of one standard deviation: errors spread evenly
    /// over a step of the row's codes, and over a step of the query's.
    float deviation = 0;
};
void quantise_query(std::span<const float> query, Int8Query& out);

struct Int4Scan {
    const Int4Blocks& blocks;
    const Int8Query& query;                   ///< Of the same dimension.
    std::span<const std::uint64_t> eligible;  ///< Bit r % 64 of word r / 64 allows row r; empty allows all.
    float allowance = 0;                      ///< Added to each integer dot product: to rank rows by what they may score at best.
};

/// Offers rows of blocks [begin, end) to `best`, in ascending order, where they score above its threshold. The score is
/// scale of the row x (integer dot product of the codes + allowance): one positive factor, the query's scale, short of the
/// approximate inner product. Scores are equal at every level: the integers fit a float exactly.
void scan_blocks(const Int4Scan& scan, std::size_t begin, std::size_t end, TopK& best, CpuLevel level = active_cpu_level());

}  // namespace shortlist::kernels
