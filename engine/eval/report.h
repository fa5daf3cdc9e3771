/// Collects what each stage scored for each user, and makes the table of an evaluation from it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/eval/interval.h"
#include "engine/eval/pooled.h"

namespace shortlist::eval {

/// One line of the quality table.
struct MetricRow {
    std::string stage;   ///< A retriever's name, blended, ranked, slate, popularity, random.
    std::string metric;
    std::size_t k = 0;   ///< Positions counted; 0 for a metric without a cut.
    double mean = 0.0;
    double low = 0.0;
    double high = 0.0;
    std::size_t users = 0;
};

/// Two stages on the same users.
struct Comparison {
    std::string stage;
    std::string baseline;
    std::string metric;
    std::size_t k = 0;
    Interval difference;  ///< stage - baseline; the stage is better where low is above 0.
    double ratio = 0.0;   ///< Mean of the stage over that of the baseline, on the users who have both; 0 where the latter is 0.
};

struct MetricKey {
    std::string name;
    std::size_t k = 0;
    friend bool operator==(const MetricKey&, const MetricKey&) = default;
};

/// ndcg, map, mrr, precision, recall, hit_rate at each of `ks`, in the order in which StageScores::add_list fills them.
[[nodiscard]] std::vector<MetricKey> list_metric_keys(std::span<const std::size_t> ks);

/// A value for each user, stage and metric, missing until it is set, and figures of all users together. Memory: 8 bytes a value.
/// Threads may set values of different users together; the rest runs alone.
class StageScores {
public:
    StageScores(std::size_t users, std::vector<std::string> stages, std::vector<MetricKey> metrics);

    [[nodiscard]] const std::vector<std::string>& stages() const noexcept { return stages_; }
    [[nodiscard]] const std::vector<MetricKey>& metrics() const noexcept { return metrics_; }

    /// Sets one value; `stage` and `metric` are indices into stages() and metrics().
    void set(std::size_t user, std::size_t stage, std::size_t metric, double value);
    /// Sets every metric of list_metric_keys that is among metrics() from one list: `served` in served order, `relevant` ascending.
    void add_list(std::size_t user, std::size_t stage, std::span<const ItemRow> served, std::span<const ItemRow> relevant);

    /// Adds a figure of all users together to a stage, behind its metrics.
    void set_pooled(std::size_t stage, const MetricKey& key, Pooled pooled);

    /// A row for each stage and metric for which any user has a value, then its pooled figures, stage by stage.
    [[nodiscard]] std::vector<MetricRow> rows(const BootstrapConfig& config, base::ThreadPool& threads) const;
    /// Each metric and pooled figure that both stages have, stage against baseline, paired by user.
    [[nodiscard]] std::vector<Comparison> compare(std::size_t stage, std::size_t baseline, const BootstrapConfig& config,
                                                  base::ThreadPool& threads) const;

private:
    [[nodiscard]] std::size_t column(std::size_t stage, std::size_t metric) const noexcept { return stage * metrics_.size() + metric; }
    [[nodiscard]] std::vector<double> values_of(std::size_t stage) const;
    void compare_pooled(std::size_t stage, std::size_t baseline, double level, std::vector<Comparison>& comparisons) const;

    std::size_t users_;
    std::vector<std::string> stages_;
    std::vector<MetricKey> metrics_;
    std::vector<double> values_;  // shape (users, stages x metrics)
    std::vector<std::vector<std::pair<MetricKey, Pooled>>> pooled_;  // by stage
};

}  // namespace shortlist::eval
