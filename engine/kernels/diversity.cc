#include "engine/kernels/diversity.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/kernels/lanes_internal.h"

#define SHORTLIST_KERNEL_FILE "engine/kernels/diversity.inc"
#include "engine/kernels/for_each_level.inc"

namespace shortlist::kernels {

void dot_columns(std::span<const float> columns, std::span<const float> vector, std::span<float> out, CpuLevel level) noexcept {
    SHORTLIST_CHECK(out.size() % kLanes == 0 && columns.size() == vector.size() * out.size(), columns.size(), vector.size(), out.size());
    twin(level, scalar::dot_columns, avx2::dot_columns, avx512::dot_columns)(columns.data(), vector.data(), vector.size(), out.data(), out.size());
}

std::size_t pick_least_similar(std::span<const float> base, std::span<const float> similarity, std::span<float> largest, float weight,
                               CpuLevel level) noexcept {
    const std::size_t count = base.size();
    SHORTLIST_CHECK(count % kLanes == 0 && similarity.size() == count && largest.size() == count, count, similarity.size(), largest.size());
    return twin(level, scalar::pick_least_similar, avx2::pick_least_similar, avx512::pick_least_similar)(base.data(), similarity.data(),
                                                                                                         largest.data(), count, weight);
}

}  // namespace shortlist::kernels
