#include "engine/eval/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/check.h"
#include "engine/eval/ties_internal.h"

namespace shortlist::eval {
namespace {

double dcg(std::span<const float> gains, std::size_t k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < std::min(k, gains.size()); ++i)
        sum += (std::exp2(static_cast<double>(gains[i])) - 1.0) / std::log2(static_cast<double>(i + 2));
    return sum;
}

std::size_t hits(std::span<const float> gains, std::size_t k) {
    const auto first = gains.first(std::min(k, gains.size()));
    return static_cast<std::size_t>(std::count_if(first.begin(), first.end(), [](float gain) { return gain > 0.0F; }));
}

}  // namespace

double ndcg_at_k(std::span<const float> gains, std::span<const float> relevant_gains, std::size_t k) {
    std::vector<float> ideal(relevant_gains.begin(), relevant_gains.end());
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
    const double best = dcg(ideal, k);
    return best > 0.0 ? dcg(gains, k) / best : 0.0;
}

double precision_at_k(std::span<const float> gains, std::size_t k) { return static_cast<double>(hits(gains, k)) / static_cast<double>(k); }

double recall_at_k(std::span<const float> gains, std::size_t relevant, std::size_t k) {
    return relevant > 0 ? static_cast<double>(hits(gains, k)) / static_cast<double>(relevant) : 0.0;
}

double hit_rate_at_k(std::span<const float> gains, std::size_t k) { return hits(gains, k) > 0 ? 1.0 : 0.0; }

double reciprocal_rank_at_k(std::span<const float> gains, std::size_t k) {
    for (std::size_t i = 0; i < std::min(k, gains.size()); ++i) {
        if (gains[i] > 0.0F) return 1.0 / static_cast<double>(i + 1);
    }
    return 0.0;
}

double average_precision_at_k(std::span<const float> gains, std::size_t relevant, std::size_t k) {
    if (relevant == 0) return 0.0;
    double sum = 0.0;
    double found = 0.0;
    for (std::size_t i = 0; i < std::min(k, gains.size()); ++i) {
        if (!(gains[i] > 0.0F)) continue;
        found += 1.0;
        sum += found / static_cast<double>(i + 1);
    }
    return sum / static_cast<double>(std::min(k, relevant));
}

std::vector<float> judge(std::span<const ItemRow> served, std::span<const ItemRow> relevant) {
    std::vector<float> gains;
    gains.reserve(served.size());
    for (const ItemRow item : served) gains.push_back(std::binary_search(relevant.begin(), relevant.end(), item) ? 1.0F : 0.0F);
    return gains;
}

std::vector<std::uint32_t> rank_by_score(std::span<const float> scores, std::size_t k) {
    std::vector<std::uint32_t> order = indices(scores.size());
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
        const bool a_is_nan = std::isnan(scores[a]);
        const bool b_is_nan = std::isnan(scores[b]);
        if (a_is_nan != b_is_nan) return b_is_nan;
        if (!a_is_nan && scores[a] != scores[b]) return scores[a] > scores[b];
        return a < b;
    };
    k = std::min(k, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(), before);
    order.resize(k);
    return order;
}

std::optional<double> auc(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    check_scores(scores, labels);
    std::vector<std::uint32_t> order = indices(scores.size());
    return auc_of(sort_into_ties(scores, labels, order));
}

std::vector<GroupAuc> auc_by_group(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const std::uint32_t> groups) {
    check_scores(scores, labels);
    SHORTLIST_CHECK(scores.size() == groups.size(), scores.size(), groups.size());
    std::vector<std::uint32_t> order = indices(scores.size());
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return groups[a] < groups[b]; });
    std::vector<GroupAuc> found;
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && groups[order[end]] == groups[order[begin]]) ++end;
        const std::uint32_t group = groups[order[begin]];
        const auto area = auc_of(sort_into_ties(scores, labels, std::span(order).subspan(begin, end - begin)));
        if (area) found.push_back({group, *area, end - begin});
        begin = end;
    }
    return found;
}

}  // namespace shortlist::eval
