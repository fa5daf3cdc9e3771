/// The form in which trees score many rows at once: features coded as bytes, and each tree a straight line of choices between
/// bytes. See engine/kernels/forest.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/aligned.h"
#include "engine/kernels/forest.h"
#include "engine/models/trees.h"

namespace shortlist::models {

/// Memory of one scoring at a time, kept between uses.
struct ForestScratch {
    kernels::AlignedVector<std::uint8_t> codes;  ///< Shape (columns, kForestRows).
    kernels::AlignedVector<std::uint8_t> slots;
};

/// Immutable once made. Any thread may call, each with a scratch of its own.
class ForestProgram {
public:
    /// A program without trees.
    ForestProgram() = default;
    /// Trees for which it would not pay are left out: of more than kForestLeavesMax leaves, or with many categories. Cost O(nodes log nodes).
    explicit ForestProgram(const Trees& trees);

    [[nodiscard]] bool holds(std::size_t tree) const noexcept { return trees_[tree].held; }

    /// Codes up to kForestRows rows, shape (count, width). Cost O(count x columns). Allocates while the scratch is too small.
    void code(const float* rows, std::size_t width, std::size_t count, ForestScratch& scratch) const;

    /// scores[r] += the score of row r by one tree that the program holds, of the rows coded last.
    void add_tree(std::size_t tree, const Trees& trees, ForestScratch& scratch, std::span<double> scores) const noexcept;

private:
    class Compiler;

    /// Who counts as missing and where it goes: nodes of one feature and threshold set may differ in it.
    struct Rule {
        Trees::Split kind;
        bool missing_goes_left;
        bool operator==(const Rule&) const = default;
    };
    static constexpr std::array<Rule, 4> kRules{
        {{Trees::Split::Numerical, false}, {Trees::Split::Numerical, true}, {Trees::Split::ZeroMissing, false}, {Trees::Split::ZeroMissing, true}}};
    static constexpr std::uint32_t kNoColumn = ~std::uint32_t{0};

    /// Up to kForestThresholdsMax thresholds of a feature, and a column for each rule that some node has.
    struct Ranked {
        std::uint32_t feature = 0;
        std::vector<float> table;
        std::array<std::uint32_t, kRules.size()> columns{kNoColumn, kNoColumn, kNoColumn, kNoColumn};
    };
    /// The categories that some node of a feature lists, ascending: sixteen a column.
    struct Listed {
        std::uint32_t feature = 0;
        std::vector<float> categories;
        std::uint32_t first_column = 0;

        [[nodiscard]] std::size_t columns() const noexcept;
    };
    struct Tree {
        bool held = false;
        std::size_t first_node = 0;
        std::size_t nodes = 0;
        std::uint16_t root = 0;
    };

    void code_ranked(const Ranked& ranked, std::span<const float> values, std::size_t at, ForestScratch& scratch) const noexcept;
    static void code_listed(const Listed& listed, std::span<const float> values, std::size_t at, ForestScratch& scratch) noexcept;

    std::vector<Ranked> ranked_;
    std::vector<Listed> listed_;
    std::size_t columns_ = 0;
    std::size_t outcomes_ = 0;  ///< Slots for outcomes that a tree needs at most.
    std::vector<Tree> trees_;
    std::vector<kernels::ForestNode> nodes_;
    std::vector<std::uint8_t> lists_;
};

}  // namespace shortlist::models
