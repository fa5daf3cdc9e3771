/// Dot products of fp32 vectors. Any thread may call; nothing is allocated. For one CpuLevel the bits of a result depend
/// on the values alone, not on where they lie; Avx2 and Avx512 give equal bits.
#pragma once

#include <cstddef>
#include <span>

#include "engine/kernels/cpu.h"

namespace shortlist::kernels {

/// sum over i of a[i] * b[i]; requires equal sizes. Relative error of order 1e-7 x sum |a[i] b[i]|.
[[nodiscard]] float dot(std::span<const float> a, std::span<const float> b, CpuLevel level = active_cpu_level()) noexcept;

/// out[r] = dot(row r of `matrix`, query), bit for bit. matrix: shape (out.size(), query.size()), row-major.
void dot_rows(std::span<const float> matrix, std::span<const float> query, std::span<float> out, CpuLevel level = active_cpu_level()) noexcept;

}  // namespace shortlist::kernels
