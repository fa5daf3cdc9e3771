#include "engine/kernels/dot.h"

#include "engine/base/check.h"

#include "engine/kernels/lanes_internal.h"

#define SHORTLIST_KERNEL_FILE "engine/kernels/dot.inc"
#include "engine/kernels/for_each_level.inc"

namespace shortlist::kernels {

float dot(std::span<const float> a, std::span<const float> b, CpuLevel level) noexcept {
    SHORTLIST_DCHECK(a.size() == b.size(), a.size(), b.size());
    return twin(level, scalar::dot, avx2::dot, avx512::dot)(a.data(), b.data(), a.size());
}

void dot_rows(std::span<const float> matrix, std::span<const float> query, std::span<float> out, CpuLevel level) noexcept {
    SHORTLIST_DCHECK(matrix.size() == query.size() * out.size(), matrix.size(), query.size(), out.size());
    twin(level, scalar::dot_rows, avx2::dot_rows, avx512::dot_rows)(matrix.data(), query.data(), query.size(), out.data(), out.size());
}

}  // namespace shortlist::kernels
