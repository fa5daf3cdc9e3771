#include "engine/kernels/forest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/aligned.h"
#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(RankValues, count_the_thresholds_below_for_every_number_of_them) {
    Rng rng(1);
    for (std::size_t count = 0; count <= kForestThresholdsMax; ++count) {
        auto thresholds = random_floats(rng, count);
        std::sort(thresholds.begin(), thresholds.end());
        auto values = random_floats(rng, 37);
        values.insert(values.end(), thresholds.begin(), thresholds.end());
        values.insert(values.end(), {kInfinity, -kInfinity, 0.0F, std::numeric_limits<float>::quiet_NaN()});
        for (const CpuLevel level : levels_here()) {
            std::vector<std::uint8_t> ranks(values.size());
            rank_values(values, rank_table(thresholds), ranks, level);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const auto below = std::count_if(thresholds.begin(), thresholds.end(), [&](float t) { return t < values[i]; });
                ASSERT_EQ(ranks[i], below) << name_of(level) << ", " << count << " thresholds, value " << values[i];
            }
        }
    }
}

TEST(RankValues, take_an_infinite_threshold_as_any_other) {
    const std::vector<float> thresholds = {-kInfinity, 1.0F, kInfinity};
    const std::vector<float> values = {-kInfinity, 0.0F, 1.0F, 2.0F, kInfinity};
    for (const CpuLevel level : levels_here()) {
        std::vector<std::uint8_t> ranks(values.size());
        rank_values(values, rank_table(thresholds), ranks, level);
        EXPECT_EQ(ranks, (std::vector<std::uint8_t>{0, 1, 1, 2, 2})) << name_of(level);
    }
}

constexpr std::size_t kColumns = 5;

// A tree of random shape over random columns, every third node listing categories. Columns 0 to 3 hold ranks, column 4 codes below 16 or 255.
struct RandomTree {
    RandomTree(Rng& rng, std::size_t leaves) : outcomes(leaves) {
        for (std::size_t leaf = 0; leaf < leaves; ++leaf) values.push_back(rng.normal());
        std::vector<std::uint16_t> open;
        for (std::size_t leaf = 0; leaf < leaves; ++leaf) open.push_back(static_cast<std::uint16_t>(leaf));
        while (open.size() > 1) {
            ForestNode node;
            node.left = take(rng, open);
            node.right = take(rng, open);
            node.out = static_cast<std::uint16_t>(kForestLeavesMax + nodes.size());
            if (rng.chance(0.3)) {
                node.column = 4;
                node.list = static_cast<std::uint32_t>(lists.size() / kForestCategoriesMax);
                for (std::size_t i = 0; i < kForestCategoriesMax; ++i) lists.push_back(rng.chance(0.5) ? 255 : 0);
            } else {
                node.column = static_cast<std::uint32_t>(rng.below(4));
                node.threshold = static_cast<std::uint8_t>(rng.below(255));
            }
            nodes.push_back(node);
            open.push_back(node.out);
        }
        root = open.front();
    }
    static std::uint16_t take(Rng& rng, std::vector<std::uint16_t>& open) {
        std::swap(open[rng.below(open.size())], open.back());
        const std::uint16_t taken = open.back();
        open.pop_back();
        return taken;
    }
    [[nodiscard]] ForestTree get() const { return {nodes, lists, values, root}; }
    // The leaf of a row, from the root down.
    [[nodiscard]] std::size_t leaf_of(std::span<const std::uint8_t> codes, std::size_t row) const {
        std::uint16_t at = root;
        while (at >= kForestLeavesMax) {
            const ForestNode& node = nodes[at - kForestLeavesMax];
            const std::uint8_t code = codes[node.column * kForestRows + row];
            const bool listed = node.list != ForestNode::kNoList && code < 16 && lists[node.list * kForestCategoriesMax + code] == 255;
            at = listed || (node.list == ForestNode::kNoList && code <= node.threshold) ? node.left : node.right;
        }
        return at;
    }

    std::size_t outcomes;
    std::vector<ForestNode> nodes;
    std::vector<std::uint8_t> lists;
    std::vector<double> values;
    std::uint16_t root = 0;
};

AlignedVector<std::uint8_t> random_codes(Rng& rng) {
    AlignedVector<std::uint8_t> codes(kColumns * kForestRows);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const bool category = i / kForestRows == 4;
        codes[i] = category && rng.chance(0.2) ? kForestNowhere : static_cast<std::uint8_t>(rng.below(category ? 16 : 256));
    }
    return codes;
}

TEST(AddTree, finds_the_leaf_that_a_walk_from_the_root_finds) {
    Rng rng(2);
    for (const std::size_t leaves : {1, 2, 3, 31, 64, 255, 256}) {
        const RandomTree tree(rng, leaves);
        const auto codes = random_codes(rng);
        for (const CpuLevel level : levels_here()) {
            AlignedVector<std::uint8_t> slots(forest_slot_bytes(tree.outcomes));
            fill_leaf_slots(slots);
            for (const std::size_t rows : {1, 63, 64, 65, 128, 129, 192, 256}) {
                std::vector<double> scores(rows, 0.5);
                add_tree(tree.get(), codes, slots, scores, level);
                for (std::size_t r = 0; r < rows; ++r)
                    ASSERT_EQ(scores[r], 0.5 + tree.values[tree.leaf_of(codes, r)]) << name_of(level) << ", " << leaves << " leaves, row " << r;
            }
        }
    }
}

// A node that lists categories in two columns: the second choice lies over the first, in the same slot.
TEST(AddTree, may_write_over_the_slot_it_reads_on_the_right) {
    std::vector<std::uint8_t> lists(2 * kForestCategoriesMax, 0);
    lists[3] = lists[kForestCategoriesMax + 5] = 255;
    ForestNode first;
    first.column = 0;
    first.list = 0;
    first.left = 1;
    first.right = 2;
    first.out = 256;
    ForestNode second = first;
    second.column = 1;
    second.list = 1;
    second.right = 256;
    const std::vector<ForestNode> nodes = {first, second};
    AlignedVector<std::uint8_t> codes(2 * kForestRows, kForestNowhere);
    codes[0] = 3;
    codes[kForestRows + 1] = 5;
    codes[kForestRows + 2] = 3;
    const std::vector<double> values = {0, 10, 20};
    for (const CpuLevel level : levels_here()) {
        AlignedVector<std::uint8_t> slots(forest_slot_bytes(1));
        fill_leaf_slots(slots);
        std::vector<double> scores(4, 0.0);
        add_tree({nodes, lists, values, 256}, codes, slots, scores, level);
        EXPECT_EQ(scores, (std::vector<double>{10, 10, 20, 20})) << name_of(level);
    }
}

}  // namespace
}  // namespace shortlist::kernels
