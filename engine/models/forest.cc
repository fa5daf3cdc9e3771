#include "engine/models/forest.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace shortlist::models {
namespace {

/// LightGBM's kZeroThreshold, the float 1e-35.
constexpr float kZero = 1e-35F;

/// Rows that share one pass over the trees: their scores and the current tree stay in the first-level cache.
constexpr std::size_t kRowBlock = 64;

}  // namespace

bool Forest::holds_category(std::uint32_t set, float value) const noexcept {
    // Casts only what an int holds; the negated form sends NaN right. -0.5 is category 0, as in C's cast.
    if (!(value > -1.0F && value < 2147483648.0F)) return false;
    const auto category = static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
    const CategorySet& words = category_sets_[set];
    return category / 32 < words.words && (category_words_[words.begin + category / 32] >> (category % 32) & 1U) != 0;
}

std::int32_t Forest::special_child_of(const Node& node, float value) const noexcept {
    if (node.kind == Split::Categorical) return holds_category(node.category_set, value) ? node.left : node.right;
    const bool missing = std::isnan(value) || std::abs(value) <= kZero;
    return (missing ? node.missing_goes_left : value <= node.threshold) ? node.left : node.right;
}

inline std::int32_t Forest::child_of(const Node& node, float value) const noexcept {
    if (node.kind != Split::Numerical) return special_child_of(node, value);
    const bool left = std::isnan(value) ? node.missing_goes_left : value <= node.threshold;
    return left ? node.left : node.right;
}

double Forest::value_at(std::int32_t node) const noexcept {
    return node < 0 ? leaf_values_[leaf_of(node)] : node_values_[static_cast<std::size_t>(node)];
}

void Forest::score(std::span<const float> rows, std::span<double> out) const noexcept {
    const std::size_t width = feature_count();
    SHORTLIST_CHECK(rows.size() == out.size() * width, rows.size(), out.size(), width);
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t begin = 0; begin < out.size(); begin += kRowBlock) {
        const std::size_t end = std::min(begin + kRowBlock, out.size());
        for (const std::int32_t root : roots_) {
            for (std::size_t row = begin; row < end; ++row) {
                const float* const values = rows.data() + row * width;
                std::int32_t at = root;
                while (at >= 0) {
                    const Node& node = nodes_[static_cast<std::size_t>(at)];
                    at = child_of(node, values[node.feature]);
                }
                out[row] += leaf_values_[leaf_of(at)];
            }
        }
    }
}

double Forest::explain(std::span<const float> row, std::span<double> contributions) const noexcept {
    SHORTLIST_CHECK(row.size() == feature_count() && contributions.size() == feature_count(), row.size(), contributions.size());
    std::fill(contributions.begin(), contributions.end(), 0.0);
    double base = 0.0;
    for (std::int32_t at : roots_) {
        base += value_at(at);
        while (at >= 0) {
            const Node& node = nodes_[static_cast<std::size_t>(at)];
            const std::int32_t next = child_of(node, row[node.feature]);
            contributions[node.feature] += value_at(next) - value_at(at);
            at = next;
        }
    }
    return base;
}

}  // namespace shortlist::models
