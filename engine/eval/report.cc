#include "engine/eval/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/base/check.h"
#include "engine/eval/metrics.h"

namespace shortlist::eval {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A list judged, and how to score it.
struct Judged {
    std::span<const float> gains;
    std::span<const float> relevant_gains;
};
struct ListMetric {
    std::string_view name;
    double (*score)(const Judged& list, std::size_t k);
};
constexpr std::array<ListMetric, 6> kListMetrics{{
    {"ndcg", [](const Judged& list, std::size_t k) { return ndcg_at_k(list.gains, list.relevant_gains, k); }},
    {"map", [](const Judged& list, std::size_t k) { return average_precision_at_k(list.gains, list.relevant_gains.size(), k); }},
    {"mrr", [](const Judged& list, std::size_t k) { return reciprocal_rank_at_k(list.gains, k); }},
    {"precision", [](const Judged& list, std::size_t k) { return precision_at_k(list.gains, k); }},
    {"recall", [](const Judged& list, std::size_t k) { return recall_at_k(list.gains, list.relevant_gains.size(), k); }},
    {"hit_rate", [](const Judged& list, std::size_t k) { return hit_rate_at_k(list.gains, k); }},
}};

}  // namespace

std::vector<MetricKey> list_metric_keys(std::span<const std::size_t> ks) {
    std::vector<MetricKey> keys;
    for (const std::size_t k : ks) {
        for (const ListMetric& metric : kListMetrics) keys.push_back({std::string(metric.name), k});
    }
    return keys;
}

StageScores::StageScores(std::size_t users, std::vector<std::string> stages, std::vector<MetricKey> metrics)
    : users_(users),
      stages_(std::move(stages)),
      metrics_(std::move(metrics)),
      values_(users * stages_.size() * metrics_.size(), kMissing),
      pooled_(stages_.size()) {
    SHORTLIST_CHECK(!stages_.empty() && !metrics_.empty(), stages_.size(), metrics_.size());
}

void StageScores::set(std::size_t user, std::size_t stage, std::size_t metric, double value) {
    SHORTLIST_CHECK(user < users_ && stage < stages_.size() && metric < metrics_.size(), user, stage, metric);
    values_[user * stages_.size() * metrics_.size() + column(stage, metric)] = value;
}

void StageScores::add_list(std::size_t user, std::size_t stage, std::span<const ItemRow> served, std::span<const ItemRow> relevant) {
    const std::vector<float> gains = judge(served, relevant);
    const std::vector<float> relevant_gains(relevant.size(), 1.0F);
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
        const auto known =
            std::find_if(kListMetrics.begin(), kListMetrics.end(), [&](const ListMetric& one) { return one.name == metrics_[metric].name; });
        if (known != kListMetrics.end()) set(user, stage, metric, known->score({gains, relevant_gains}, metrics_[metric].k));
    }
}

void StageScores::set_pooled(std::size_t stage, const MetricKey& key, Pooled pooled) { pooled_[stage].emplace_back(key, std::move(pooled)); }

std::vector<MetricRow> StageScores::rows(const BootstrapConfig& config, base::ThreadPool& threads) const {
    const std::vector<Interval> intervals = bootstrap_means(values_, stages_.size() * metrics_.size(), config, threads);
    std::vector<MetricRow> table;
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
            const Interval& interval = intervals[column(stage, metric)];
            if (interval.users == 0) continue;
            const MetricKey& key = metrics_[metric];
            table.push_back({stages_[stage], key.name, key.k, interval.mean, interval.low, interval.high, interval.users});
        }
        for (const auto& [key, pooled] : pooled_[stage]) {
            const Interval interval = interval_of(pooled, config.level);
            table.push_back({stages_[stage], key.name, key.k, interval.mean, interval.low, interval.high, interval.users});
        }
    }
    return table;
}

std::vector<double> StageScores::values_of(std::size_t stage) const {
    std::vector<double> values;
    values.reserve(users_ * metrics_.size());
    for (std::size_t user = 0; user < users_; ++user) {
        const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(user * stages_.size() * metrics_.size() + column(stage, 0));
        values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(metrics_.size()));
    }
    return values;
}

std::vector<Comparison> StageScores::compare(std::size_t stage, std::size_t baseline, const BootstrapConfig& config,
                                             base::ThreadPool& threads) const {
    const std::vector<double> ours = values_of(stage);
    const std::vector<double> theirs = values_of(baseline);
    const std::vector<Interval> differences = paired_differences(ours, theirs, metrics_.size(), config, threads);
    std::vector<Comparison> comparisons;
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
        if (differences[metric].users == 0) continue;
        Comparison comparison{stages_[stage], stages_[baseline], metrics_[metric].name, metrics_[metric].k, differences[metric], 0.0};
        double our_sum = 0.0;
        double their_sum = 0.0;
        for (std::size_t at = metric; at < ours.size(); at += metrics_.size()) {
            if (std::isnan(ours[at]) || std::isnan(theirs[at])) continue;
            our_sum += ours[at];
            their_sum += theirs[at];
        }
        if (their_sum > 0.0) comparison.ratio = our_sum / their_sum;
        comparisons.push_back(std::move(comparison));
    }
    compare_pooled(stage, baseline, config.level, comparisons);
    return comparisons;
}

void StageScores::compare_pooled(std::size_t stage, std::size_t baseline, double level, std::vector<Comparison>& comparisons) const {
    for (const auto& ours : pooled_[stage]) {
        const MetricKey& key = ours.first;
        const auto same = [&key](const auto& other) { return other.first == key; };
        const auto theirs = std::find_if(pooled_[baseline].begin(), pooled_[baseline].end(), same);
        if (theirs == pooled_[baseline].end()) continue;
        const double ratio = theirs->second.value > 0.0 ? ours.second.value / theirs->second.value : 0.0;
        comparisons.push_back({stages_[stage], stages_[baseline], key.name, key.k, difference_of(ours.second, theirs->second, level), ratio});
    }
}

}  // namespace shortlist::eval
