/// Small dense symmetric systems in fp32: building them from weighted rows, and solving them by Cholesky. They are the half
/// steps of alternating least squares. Widths are multiples of 16: see padded_width().
/// A symmetric matrix is stored row-major, width x width; only elements (i, j) with j >= i are meaningful, what lies below
/// is scratch. Any thread may call; nothing is allocated. Avx2 and Avx512 give equal bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/cpu.h"

namespace shortlist::kernels {

inline constexpr std::size_t kWidthMax = 1024;

/// The next multiple of 16.
[[nodiscard]] constexpr std::size_t padded_width(std::size_t dimension) noexcept { return (dimension + 15) / 16 * 16; }

/// Some rows of a matrix, each with a weight.
struct WeightedRows {
    std::span<const float> matrix;          ///< Shape (any, dimension), row-major.
    std::size_t dimension;
    std::span<const std::uint32_t> rows;    ///< In the order of summation.
    std::span<const float> weights;         ///< One for each of `rows`, not negative; empty means 1.
    std::span<const std::uint32_t> upcoming{};  ///< Rows that the next call will want, a hint to the caches.
};

/// A += sum of w y y^T and b += sum of w y over the weighted rows y, each padded with zeros to width W = padded_width(dimension).
/// a: shape (W, W). b: shape (W,). packed: scratch of gather_size(W) floats.
/// Cost O(rows x W^2 / 2). Each element is summed in the order of the rows, so splitting a sum over two calls changes no bit.
void add_outer_products(const WeightedRows& rows, std::span<float> a, std::span<float> b, std::span<float> packed,
                        CpuLevel level = active_cpu_level()) noexcept;
[[nodiscard]] std::size_t gather_size(std::size_t width) noexcept;

/// Solves A x = b for each of n positive definite systems; b becomes x, a is destroyed. Not positive definite: x holds NaN.
/// a: shape (n, W, W). b: shape (n, W), W <= kWidthMax. A system's bits do not depend on those beside it, but two together are
/// solved faster than one after the other. Cost O(n W^3 / 6).
void solve_systems(std::span<float> a, std::span<float> b, std::size_t width, CpuLevel level = active_cpu_level()) noexcept;

}  // namespace shortlist::kernels
