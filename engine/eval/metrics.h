/// Metrics of ranked lists and of scores: pure functions over spans, one list or one set of scores a call. Means over users
/// and their intervals are interval.h and report.h.
///
/// Lists: `gains` holds the grade of each served item in served order, shape (n,); a grade above 0 means relevant. What was
/// relevant and not served counts too: `relevant` is how many items were relevant in all, served or not. An empty list
/// scores 0; so does a list for whom nothing was relevant, so that a mean over requests keeps them: filter first to drop
/// them. `k` is at least 1. Cost O(k) unless said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::eval {

/// Normalised discounted cumulative gain, in [0, 1].
///     DCG@k  = sum over positions i = 1..min(k, n) of (2^gain_i - 1) / log2(i + 1)
///     NDCG@k = DCG@k / (DCG@k of relevant_gains in descending order)
/// relevant_gains  grades of all relevant items, served or not, in any order.
/// Cost    O(k + r log r), r relevant items.
/// Source  Jarvelin & Kekalainen, TOIS 2002; exponential gain as in Burges et al., ICML 2005.
[[nodiscard]] double ndcg_at_k(std::span<const float> gains, std::span<const float> relevant_gains, std::size_t k);

/// Relevant items among the first k, over k. A list shorter than k is taken as padded with irrelevant items.
[[nodiscard]] double precision_at_k(std::span<const float> gains, std::size_t k);

/// Relevant items among the first k, over all relevant ones.
[[nodiscard]] double recall_at_k(std::span<const float> gains, std::size_t relevant, std::size_t k);

/// 1 when any of the first k is relevant.
[[nodiscard]] double hit_rate_at_k(std::span<const float> gains, std::size_t k);

/// 1 / position of the first relevant item among the first k, positions from 1; 0 without one. Its mean is MRR@k.
[[nodiscard]] double reciprocal_rank_at_k(std::span<const float> gains, std::size_t k);

/// Mean of precision@i over the positions i <= k that hold a relevant item, over min(k, relevant). Its mean is MAP@k.
/// With k >= n and everything relevant served, it is scikit-learn's average_precision_score of an order without ties.
[[nodiscard]] double average_precision_at_k(std::span<const float> gains, std::size_t relevant, std::size_t k);

/// Grade 1 for each served item that stands in `relevant`, which ascends; 0 for the others.
/// Cost O(n log r).
[[nodiscard]] std::vector<float> judge(std::span<const ItemRow> served, std::span<const ItemRow> relevant);

/// Indices of the k highest scores, best first; ties go to the lower index, NaN stands behind every number.
/// Cost O(n log k).
[[nodiscard]] std::vector<std::uint32_t> rank_by_score(std::span<const float> scores, std::size_t k);

/// Area under the ROC curve: the chance that a positive scores above a negative; equal scores count half (Mann-Whitney).
/// scores, labels  shape (n,), a label other than 0 is positive; scores are finite.
/// Returns nothing where only one class is there. Cost O(n log n).
[[nodiscard]] std::optional<double> auc(std::span<const float> scores, std::span<const std::uint8_t> labels);

/// AUC of one group of rows: of one user, say.
struct GroupAuc {
    std::uint32_t group = 0;
    double auc = 0.0;
    std::size_t rows = 0;
};
/// auc() of each group that holds both classes, groups ascending. Cost O(n log n).
[[nodiscard]] std::vector<GroupAuc> auc_by_group(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                                 std::span<const std::uint32_t> groups);

}  // namespace shortlist::eval
