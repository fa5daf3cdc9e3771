/// Rows to train and validate a ranker on: one per candidate of a request, with the request's rows side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace shortlist::training {

/// Labels are grades as in NDCG: a gain of 2^label - 1.
inline constexpr float kLabelMax = 31.0F;

struct RankingRows {
    std::vector<std::string> feature_names;
    std::vector<std::uint8_t> categorical;   ///< Shape (features,): 1 where the value is the code of a category.
    std::vector<float> values;               ///< Shape (rows, features), row-major; NaN is missing.
    std::vector<float> labels;               ///< Shape (rows,): whole grades 0..31; 0 is irrelevant.
    std::vector<std::uint32_t> group_sizes;  ///< Rows of each request, in order; the sum is the number of rows.
    std::vector<float> weights;              ///< Shape (rows,), >= 0, one at least above; empty means 1 for every row.

    [[nodiscard]] std::size_t size() const noexcept { return labels.size(); }
    [[nodiscard]] std::size_t feature_count() const noexcept { return feature_names.size(); }

    /// Checks that the shapes agree and that names, labels and weights are as said above. A name is not empty, stands there once,
    /// and has no space, control character or one of ",:[]{}\ which the text of a model cannot carry.
    /// Errors: InvalidArgument, naming the first row or feature that is wrong.
    /// Cost    O(rows + features log features).
    [[nodiscard]] Status validate() const;
};

/// Columns that hold the same value in every row, ascending; a missing value is one, too. No order can be learned from them. With no
/// rows there are none.
[[nodiscard]] std::vector<std::size_t> constant_columns(const RankingRows& rows);
/// Takes out columns, given in ascending order.
void drop_columns(std::span<const std::size_t> columns, RankingRows& rows);

}  // namespace shortlist::training
