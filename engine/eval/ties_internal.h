/// Rows in order of score, equal scores together: what every area under a ROC curve is counted from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace shortlist::eval {

/// Rows of one score, positions [begin, end) of the order, and how many of each class lie below them and among them.
struct Tie {
    std::size_t begin = 0, end = 0;
    double positives_below = 0.0, negatives_below = 0.0;
    double positives = 0.0, negatives = 0.0;
};

/// Scores and labels must be as many, and scores finite: NaN would break the order that ties are found in.
void check_scores(std::span<const float> scores, std::span<const std::uint8_t> labels);

/// 0, 1, 2, ... up to count.
[[nodiscard]] std::vector<std::uint32_t> indices(std::size_t count);

/// Sorts the rows named by `order` by score, ascending, and gives their ties.
[[nodiscard]] std::vector<Tie> sort_into_ties(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<std::uint32_t> order);

/// The area: the share of pairs in which a positive scores above a negative, ties half; nothing where a class is missing.
[[nodiscard]] std::optional<double> auc_of(std::span<const Tie> ties);

}  // namespace shortlist::eval
