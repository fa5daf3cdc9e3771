#include "engine/kernels/forest.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/base/check.h"
#include "engine/kernels/bytes_internal.h"

#define SHORTLIST_KERNEL_FILE "engine/kernels/forest.inc"
#include "engine/kernels/for_each_level.inc"

namespace shortlist::kernels {

std::vector<float> rank_table(std::span<const float> thresholds) {
    SHORTLIST_CHECK(thresholds.size() <= kForestThresholdsMax, thresholds.size());
    // One group more where the last is full: what lies above all thresholds still finds a group to count in.
    const std::size_t groups = thresholds.size() / kLanes + 1;
    std::vector<float> table(kLanes + groups * kLanes, std::numeric_limits<float>::infinity());
    const auto all = std::span(table).subspan(kLanes);
    std::copy(thresholds.begin(), thresholds.end(), all.begin());
    for (std::size_t group = 0; group < groups; ++group) table[group] = all[group * kLanes + kLanes - 1];
    return table;
}

void rank_values(std::span<const float> values, std::span<const float> table, std::span<std::uint8_t> ranks, CpuLevel level) noexcept {
    SHORTLIST_CHECK(values.size() == ranks.size() && table.size() >= 2 * kLanes, values.size(), ranks.size(), table.size());
    twin(level, scalar::rank_values, avx2::rank_values, avx512::rank_values)(values.data(), values.size(), table.data(), table.size() == 2 * kLanes,
                                                                             ranks.data());
}

std::size_t forest_slot_bytes(std::size_t outcomes) noexcept { return (kForestLeavesMax + outcomes) * kForestRows; }

void fill_leaf_slots(std::span<std::uint8_t> slots) noexcept {
    SHORTLIST_CHECK(slots.size() >= forest_slot_bytes(0), slots.size());
    for (std::size_t leaf = 0; leaf < kForestLeavesMax; ++leaf) std::memset(slots.data() + leaf * kForestRows, static_cast<int>(leaf), kForestRows);
}

void add_tree(const ForestTree& tree, std::span<const std::uint8_t> codes, std::span<std::uint8_t> slots, std::span<double> scores,
              CpuLevel level) noexcept {
    SHORTLIST_CHECK(scores.size() <= kForestRows, scores.size());
    twin(level, scalar::add_tree, avx2::add_tree, avx512::add_tree)(tree, codes.data(), slots.data(), scores.data(), scores.size());
}

}  // namespace shortlist::kernels
