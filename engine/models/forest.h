/// A forest of decision trees as it is served: read from LightGBM's text format, checked, immutable, scored here.
/// Any number of threads may call one Forest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/models/forest_program.h"
#include "engine/models/trees.h"

namespace shortlist::models {

/// The sum of one score per tree. A row is `feature_count()` floats in the order of `feature_names()`; a category is its
/// code as a float; NaN is missing. Scores are LightGBM's raw scores: log-odds for a binary objective, any unit for ranking.
///
/// Splits follow LightGBM to the letter:
///   - numerical: left when value <= threshold; a missing value (NaN, or also zero, as the node says) goes the node's way;
///     where the node knows no missing value, NaN counts as 0;
///   - categorical: left when the value, cut towards zero, is in the node's set; NaN, negative, unseen and huge values go right;
///   - |value| <= 1e-35 counts as 0.
/// Scores are finite for every row: parse() refuses outputs past 1e100.
class Forest {
public:
    /// Reads the text that LightGBM's SaveModelToString writes (version v4). The text is hostile until checked: sizes agree,
    /// children form a tree, indices are in range, no number is NaN; a forest that parses can be scored on any row.
    /// Errors: InvalidArgument, for what is damaged and for what is not supported: several classes, linear trees,
    /// averaged output (random forests). The message names the tree.
    /// Cost    O(bytes) time and memory; nothing is reserved that the text does not pay for.
    [[nodiscard]] static Result<Forest> parse(std::string_view text);

    /// Scores rows of shape (out.size(), feature_count()), row-major.
    /// Requires rows.size() == out.size() x feature_count(). A row's score does not depend on the rows beside it.
    /// Cost    O(rows / 64 x nodes): a tree of up to 256 leaves is evaluated whole, for 64 rows and more at once; a larger one is
    ///         walked, O(depth) a row. Allocates only while the scratch is too small.
    void score(std::span<const float> rows, std::span<double> out, ForestScratch& scratch) const;

    /// Says what each feature did to the score of one row: fills `contributions`, shape (feature_count(),), and returns the
    /// base score, which the sum of contributions completes to score(row) up to rounding. A split is credited with the change of
    /// the node's mean output from parent to child; cheap, and enough to name main reasons (it is not Shapley's fair share).
    /// Requires both spans to be feature_count() long.
    /// Cost    O(trees x depth), no allocation.
    /// Source  A. Saabas, "Interpreting random forests", 2014.
    double explain(std::span<const float> row, std::span<double> contributions) const noexcept;

    [[nodiscard]] std::span<const std::string> feature_names() const noexcept { return feature_names_; }
    [[nodiscard]] std::size_t feature_count() const noexcept { return feature_names_.size(); }
    [[nodiscard]] std::size_t tree_count() const noexcept { return trees_.trees.size(); }
    /// What a row's path can be followed in, one tree after the other.
    [[nodiscard]] const Trees& trees() const noexcept { return trees_; }
    /// True where a score is the log-odds of a choice (objective binary): 1 / (1 + exp(-score)) is its probability.
    [[nodiscard]] bool scores_are_log_odds() const noexcept { return scores_are_log_odds_; }

private:
    class Parser;
    Forest() = default;

    [[nodiscard]] double value_at(std::int32_t node) const noexcept;

    std::vector<std::string> feature_names_;
    bool scores_are_log_odds_ = false;
    Trees trees_;
    std::vector<double> node_values_;  ///< Mean output below each node, for explain() only.
    ForestProgram program_;
};

}  // namespace shortlist::models
