/// The two inner loops of greedy maximal marginal relevance. Any thread may call; nothing is allocated.
#pragma once

#include <cstddef>
#include <span>

#include "engine/kernels/cpu.h"

namespace shortlist::kernels {

/// out[c] = sum over d of columns[d][c] * vector[d], summed in ascending d.
/// columns: shape (vector.size(), out.size()), row-major, so that sixteen candidates lie side by side; out.size() is a multiple of 16.
void dot_columns(std::span<const float> columns, std::span<const float> vector, std::span<float> out, CpuLevel level = active_cpu_level()) noexcept;

/// One step of the choice: largest[c] = max(largest[c], similarity[c]), and the first c that has the greatest
/// base[c] - weight * largest[c]. A base of -infinity is never chosen while another is finite. No NaN.
/// All three have the same size, a multiple of 16.
[[nodiscard]] std::size_t pick_least_similar(std::span<const float> base, std::span<const float> similarity, std::span<float> largest, float weight,
                                             CpuLevel level = active_cpu_level()) noexcept;

}  // namespace shortlist::kernels
