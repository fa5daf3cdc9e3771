/// Figures of all users together that are no means over users, with intervals from how far each user moves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/eval/interval.h"
#include "engine/eval/metrics.h"

namespace shortlist::eval {

/// A figure, and by user the first-order change that the user brings to it; NaN for users who have no part in it. The square of the
/// standard error is n / (n - 1) times the sum of the squares over the n users who have.
struct Pooled {
    double value = 0.0;
    std::vector<double> influence;
};

/// value +- z standard errors, z the normal quantile of `level`; the value alone where fewer than two users have a part.
/// Source  Hampel, The influence curve, JASA 1974; Efron & Tibshirani 1993, chapter 21 (infinitesimal jackknife).
[[nodiscard]] Interval interval_of(const Pooled& pooled, double level);

/// Interval of a - b, paired by user: both are of the same users.
[[nodiscard]] Interval difference_of(const Pooled& a, const Pooled& b, double level);

/// Rows that users were shown: `labels` 0 or 1, `users` below user_count; all spans of one length.
struct JudgedRows {
    std::span<const std::uint8_t> labels;
    std::span<const std::uint32_t> users;
    std::size_t user_count = 0;
};

/// auc() of all rows together; nothing where a class is missing. Scores must be finite. Cost O(n log n).
/// Source  Obuchowski, Nonparametric analysis of clustered ROC curve data, Biometrics 1997 (the influence of a cluster).
[[nodiscard]] std::optional<Pooled> pooled_auc(std::span<const float> scores, const JudgedRows& rows);

/// Mean of each user's auc() weighted by the user's rows; nothing where there is none.
/// users: auc_by_group() by user, each below user_count. Cost O(users).
/// Source  Zhu et al., Deep Interest Network, KDD 2018, section 6.2.
[[nodiscard]] std::optional<Pooled> grouped_auc(std::span<const GroupAuc> users, std::size_t user_count);

/// Mean of -ln(probability of the label that came), probabilities drawn into [2^-52, 1 - 2^-52]; 0 for no rows. Cost O(n).
[[nodiscard]] Pooled log_loss(std::span<const double> probabilities, const JudgedRows& rows);

/// Distinct items served over items there are; 0 for an empty catalogue.
/// served  shape (users, width), row by row: a list for each user; kNoRow stands where a list is shorter.
/// A user moves it by the items that nobody else was served. Cost O(served + items).
[[nodiscard]] Pooled catalogue_coverage(std::span<const ItemRow> served, std::size_t width, std::size_t item_count);

}  // namespace shortlist::eval
