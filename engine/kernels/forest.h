/// Decision trees scored without a branch: every node of a tree is evaluated for many rows side by side, from the leaves up, and
/// the root's outcome names each row's leaf. Values become bytes first: a feature's thresholds are sorted, and a value's rank
/// among them decides exactly as the value does. Any thread may call; nothing is allocated. All levels give equal bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/cpu.h"

namespace shortlist::kernels {

inline constexpr std::size_t kForestRows = 256;           ///< That go through the trees together.
inline constexpr std::size_t kForestLeavesMax = 256;      ///< Of a tree: a leaf's number is a byte.
inline constexpr std::size_t kForestThresholdsMax = 255;  ///< Of a column: a rank is a byte.
inline constexpr std::size_t kForestCategoriesMax = 16;   ///< Of a column: one shuffle looks up as many.
inline constexpr std::uint8_t kForestNowhere = 255;       ///< A code past every threshold, and of no listed category.

/// Thresholds, ascending and at most kForestThresholdsMax, in the form that rank_values() searches: the last of each sixteen, then
/// all of them, both padded with infinity.
[[nodiscard]] std::vector<float> rank_table(std::span<const float> thresholds);

/// ranks[r] = how many thresholds of the table lie below values[r]; 0 for NaN. So value <= threshold t where rank <= t.
/// Requires equal sizes.
void rank_values(std::span<const float> values, std::span<const float> table, std::span<std::uint8_t> ranks,
                 CpuLevel level = active_cpu_level()) noexcept;

/// One node. Slots are kForestRows bytes each: slot l below 256 holds the byte l, as the outcome of a leaf; those behind are for
/// outcomes of nodes. The node writes to slot `out`, row by row, what slot `left` or slot `right` holds.
struct ForestNode {
    static constexpr std::uint32_t kNoList = ~std::uint32_t{0};

    std::uint32_t column = 0;      ///< Of codes.
    std::uint32_t list = kNoList;  ///< Of categories, whose codes go left; kNoList: codes up to `threshold` go left.
    std::uint16_t left = 0;
    std::uint16_t right = 0;
    std::uint16_t out = 0;
    std::uint8_t threshold = 0;
};

struct ForestTree {
    std::span<const ForestNode> nodes;   ///< Children before their parents.
    std::span<const std::uint8_t> lists; ///< kForestCategoriesMax bytes each: 255 where the category goes left, else 0.
    std::span<const double> leaf_values;
    std::uint16_t root = 0;              ///< The slot with the outcome: of the last node, or of the only leaf.
};

/// The slots of `outcomes` nodes, and those of leaves, filled.
[[nodiscard]] std::size_t forest_slot_bytes(std::size_t outcomes) noexcept;
void fill_leaf_slots(std::span<std::uint8_t> slots) noexcept;

/// scores[r] += the value of row r's leaf, for up to kForestRows rows.
/// codes: shape (columns, kForestRows). slots: forest_slot_bytes() of as many outcomes as the nodes use, begun by fill_leaf_slots().
/// Cost O(nodes) for every 64 rows, whatever way they go.
void add_tree(const ForestTree& tree, std::span<const std::uint8_t> codes, std::span<std::uint8_t> slots, std::span<double> scores,
              CpuLevel level = active_cpu_level()) noexcept;

}  // namespace shortlist::kernels
