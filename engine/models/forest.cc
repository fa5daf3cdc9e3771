#include "engine/models/forest.h"

#include <algorithm>

#include "engine/base/check.h"

namespace shortlist::models {

double Forest::value_at(std::int32_t node) const noexcept {
    return node < 0 ? trees_.leaf_values[Trees::leaf_of(node)] : node_values_[static_cast<std::size_t>(node)];
}

void Forest::score(std::span<const float> rows, std::span<double> out, ForestScratch& scratch) const {
    const std::size_t width = feature_count();
    SHORTLIST_CHECK(rows.size() == out.size() * width, rows.size(), out.size(), width);
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t begin = 0; begin < out.size(); begin += kernels::kForestRows) {
        const auto scores = out.subspan(begin, std::min(kernels::kForestRows, out.size() - begin));
        const float* const batch = rows.data() + begin * width;
        program_.code(batch, width, scores.size(), scratch);
        for (std::size_t tree = 0; tree < tree_count(); ++tree) {
            if (program_.holds(tree)) {
                program_.add_tree(tree, trees_, scratch, scores);
                continue;
            }
            for (std::size_t r = 0; r < scores.size(); ++r)
                scores[r] += trees_.leaf_values[trees_.leaf_of_row(trees_.trees[tree], batch + r * width)];
        }
    }
}

double Forest::explain(std::span<const float> row, std::span<double> contributions) const noexcept {
    SHORTLIST_CHECK(row.size() == feature_count() && contributions.size() == feature_count(), row.size(), contributions.size());
    std::fill(contributions.begin(), contributions.end(), 0.0);
    double base = 0.0;
    for (const auto& tree : trees_.trees) {
        std::int32_t at = tree.root;
        base += value_at(at);
        while (at >= 0) {
            const Trees::Node& node = trees_.nodes[static_cast<std::size_t>(at)];
            const std::int32_t next = trees_.child_of(node, row[node.feature]);
            contributions[node.feature] += value_at(next) - value_at(at);
            at = next;
        }
    }
    return base;
}

}  // namespace shortlist::models
