/// Decision trees as they were read: the nodes, in the form that a row walks along.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace shortlist::models {

/// Immutable once read. Any thread may ask.
struct Trees {
    enum class Split : std::uint8_t {
        Numerical,    ///< NaN is the only special value.
        ZeroMissing,  ///< Zero is missing too.
        Categorical,
    };

    /// A split. Trees stand one after the other, each in depth-first order, left first, so a parent stands before its children.
    struct Node {
        float threshold;             ///< The text's, rounded so that it decides alike for every float value.
        std::int32_t left;           ///< A node when >= 0; otherwise ~index of a leaf.
        std::int32_t right;
        std::uint32_t feature;
        std::uint32_t category_set;  ///< For Categorical only, which has no threshold.
        Split kind;
        bool missing_goes_left;
    };
    /// Bit c % 32 of words[c / 32] says whether category c goes left; categories past the words go right.
    struct CategorySet {
        std::uint32_t begin;
        std::uint32_t words;
    };
    /// leaves - 1 nodes from first_node on, and leaves from first_leaf on.
    struct Tree {
        std::int32_t root;  ///< As a child of a node.
        std::size_t first_node;
        std::size_t first_leaf;
        std::size_t leaves;
    };

    /// LightGBM's kZeroThreshold, the float 1e-35: what is no larger counts as 0.
    static constexpr float kZero = 1e-35F;

    /// Index of the leaf behind a link below 0; ~ of a negative number keeps its value as unsigned.
    [[nodiscard]] static std::size_t leaf_of(std::int32_t link) noexcept { return ~static_cast<std::uint32_t>(link); }
    /// Whether a numerical split of this kind takes the value as missing.
    [[nodiscard]] static bool is_missing(Split kind, float value) noexcept {
        return std::isnan(value) || (kind == Split::ZeroMissing && std::abs(value) <= kZero);
    }
    /// Whether a value is a category that can be listed: negative, huge and NaN are not; -0.5 is category 0, as in C's cast.
    [[nodiscard]] static bool is_category(float value) noexcept { return value > -1.0F && value < 2147483648.0F; }

    /// Where a row with this value goes on.
    [[nodiscard]] std::int32_t child_of(const Node& node, float value) const noexcept {
        const bool left = node.kind == Split::Categorical ? lists(category_sets[node.category_set], value)
                          : is_missing(node.kind, value)  ? node.missing_goes_left
                                                          : value <= node.threshold;
        return left ? node.left : node.right;
    }
    /// The leaf that a row ends in.
    [[nodiscard]] std::size_t leaf_of_row(const Tree& tree, const float* row) const noexcept {
        std::int32_t at = tree.root;
        while (at >= 0) {
            const Node& node = nodes[static_cast<std::size_t>(at)];
            at = child_of(node, row[node.feature]);
        }
        return leaf_of(at);
    }
    [[nodiscard]] bool lists(const CategorySet& set, float value) const noexcept {
        if (!is_category(value)) return false;
        const auto category = static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
        return category / 32 < set.words && (category_words[set.begin + category / 32] >> (category % 32) & 1U) != 0;
    }

    std::vector<Tree> trees;  ///< In the text's order, which is the order of summation.
    std::vector<Node> nodes;
    std::vector<double> leaf_values;
    std::vector<CategorySet> category_sets;
    std::vector<std::uint32_t> category_words;
};

}  // namespace shortlist::models
