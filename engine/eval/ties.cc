#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/check.h"
#include "engine/eval/ties_internal.h"

namespace shortlist::eval {

void check_scores(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    SHORTLIST_CHECK(scores.size() == labels.size(), scores.size(), labels.size());
    SHORTLIST_CHECK(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isfinite(score); }));
}

std::vector<std::uint32_t> indices(std::size_t count) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    return order;
}

std::vector<Tie> sort_into_ties(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<std::uint32_t> order) {
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
    std::vector<Tie> ties;
    Tie tie;
    for (tie.begin = 0; tie.begin < order.size(); tie.begin = tie.end) {
        tie.positives = tie.negatives = 0.0;
        for (tie.end = tie.begin; tie.end < order.size() && scores[order[tie.end]] == scores[order[tie.begin]]; ++tie.end)
            (labels[order[tie.end]] != 0 ? tie.positives : tie.negatives) += 1.0;
        ties.push_back(tie);
        tie.positives_below += tie.positives;
        tie.negatives_below += tie.negatives;
    }
    return ties;
}

std::optional<double> auc_of(std::span<const Tie> ties) {
    double positives = 0.0;
    double negatives = 0.0;
    double wins = 0.0;
    for (const Tie& tie : ties) {
        wins += tie.positives * (tie.negatives_below + 0.5 * tie.negatives);
        positives += tie.positives;
        negatives += tie.negatives;
    }
    if (positives == 0.0 || negatives == 0.0) return std::nullopt;
    return wins / (positives * negatives);
}

}  // namespace shortlist::eval
