/// Approximate inner products of one query with many rows, at one byte a dimension: the first pass of an exact search.
/// Rows are quantised symmetrically with a scale of their own (x ~ scale * code, code in [-127, 127]) and stored in
/// blocks of 16 rows, 4 dimensions of all of them side by side, which is what one VNNI instruction multiplies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/aligned.h"
#include "engine/kernels/cpu.h"
#include "engine/kernels/top_k.h"

namespace shortlist::kernels {

inline constexpr std::size_t kBlockRows = 16;

/// Immutable once made. Memory: one byte a row and dimension (rows padded to 16, dimensions to 4), and 4 bytes a row.
struct Int8Blocks {
    std::size_t rows = 0;
    std::size_t groups = 0;                ///< Groups of 4 dimensions.
    AlignedVector<std::uint8_t> codes;     ///< Code + 128 of row r, dimension d: [((r / 16) * groups + d / 4) * 64 + (r % 16) * 4 + d % 4].
    AlignedVector<float> scales;           ///< Of each row, padded to whole blocks.

    [[nodiscard]] std::size_t blocks() const noexcept { return scales.size() / kBlockRows; }
};

/// matrix: shape (rows, dimension), row-major, finite; dimension in [1, 1024]. Values of a row whose magnitudes are all
/// below 1e-30 become 0. The error of a value is at most scale / 2. Cost O(rows x dimension).
[[nodiscard]] Int8Blocks quantise_rows(std::span<const float> matrix, std::size_t dimension);

/// A query in the same form; memory is kept between uses.
struct Int8Query {
    AlignedVector<std::int8_t> codes;  ///< Padded with zeros to a multiple of 4.
    std::int32_t code_sum = 0;
    float scale = 0;
};
void quantise_query(std::span<const float> query, Int8Query& out);

struct Int8Scan {
    const Int8Blocks& blocks;
    const Int8Query& query;                    ///< Of the same dimension.
    std::span<const std::uint64_t> eligible;   ///< Bit r % 64 of word r / 64 allows row r; empty allows all.
};

/// Offers rows of blocks [begin, end) to `best`, in ascending order, where they score above its threshold. The score is
/// scale of the row x integer dot product of the codes: one positive factor, the query's scale, short of the approximate
/// inner product. The integers, and so the scores, are equal at every level: each fits a float exactly.
void scan_blocks(const Int8Scan& scan, std::size_t begin, std::size_t end, TopK& best, CpuLevel level = active_cpu_level());

}  // namespace shortlist::kernels
