#include "engine/kernels/linear_systems.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/kernels/lanes_internal.h"

namespace shortlist::kernels {

namespace {
// Packed rows stay within 24 KiB of the first-level cache while the tiles of the matrix pass over them.
std::size_t chunk_rows(std::size_t width) noexcept { return std::max<std::size_t>(16, 6144 / width); }

/// Rows copied side by side, each padded to `width`.
struct Packed {
    const float* values;
    std::size_t count;
    std::size_t width;
};

/// Rows of a matrix that come next; `values` is moved from cache line to cache line of all of them.
struct Ahead {
    const float* values;
    std::size_t dimension;
    std::span<const std::uint32_t> rows;
    std::size_t lines_done = 0;

    void to_next_line() noexcept {
        values += kLanes;
        if (++lines_done * kLanes >= dimension) rows = {};
    }
};

/// Of U^T y = b: the inverses of U's diagonal, and y.
struct Unknowns {
    float inverses[kWidthMax];
    float values[kWidthMax];
};
}  // namespace

constexpr std::size_t kSystemsInTurn = 2;

// Tiles that fill the registers of each level: sums, one row of right-hand lanes, one broadcast.
namespace scalar {
constexpr std::size_t kTileRows = 2;
constexpr std::size_t kTileColumns = 1;
constexpr std::size_t kSolveColumns = 1;
}  // namespace scalar
namespace avx2 {
constexpr std::size_t kTileRows = 4;
constexpr std::size_t kTileColumns = 1;
constexpr std::size_t kSolveColumns = 1;
}  // namespace avx2
namespace avx512 {
constexpr std::size_t kTileRows = 8;
constexpr std::size_t kTileColumns = 3;
constexpr std::size_t kSolveColumns = 2;
}  // namespace avx512

}  // namespace shortlist::kernels

#define SHORTLIST_KERNEL_FILE "engine/kernels/linear_systems.inc"
#include "engine/kernels/for_each_level.inc"

namespace shortlist::kernels {

std::size_t gather_size(std::size_t width) noexcept { return chunk_rows(width) * (width + 1); }

void add_outer_products(const WeightedRows& rows, std::span<float> a, std::span<float> b, std::span<float> packed, CpuLevel level) noexcept {
    const std::size_t width = padded_width(rows.dimension);
    SHORTLIST_CHECK(a.size() == width * width && b.size() == width && packed.size() >= gather_size(width), a.size(), b.size(), packed.size());
    SHORTLIST_CHECK(rows.weights.empty() || rows.weights.size() == rows.rows.size(), rows.weights.size(), rows.rows.size());
    twin(level, scalar::add_outer_products, avx2::add_outer_products, avx512::add_outer_products)(rows, a.data(), b.data(), packed.data());
}

void solve_systems(std::span<float> a, std::span<float> b, std::size_t width, CpuLevel level) noexcept {
    SHORTLIST_CHECK(width % kLanes == 0 && width >= kLanes && width <= kWidthMax, width);
    SHORTLIST_CHECK(b.size() % width == 0 && a.size() == b.size() * width, a.size(), b.size(), width);
    twin(level, scalar::solve_systems, avx2::solve_systems, avx512::solve_systems)(a.data(), b.data(), width, b.size() / width);
}

}  // namespace shortlist::kernels
