// Compares the metrics with what scikit-learn and SciPy gave: tests/golden/eval/make_golden.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>

#include "engine/eval/interval.h"
#include "engine/eval/list_metrics.h"
#include "engine/eval/metrics.h"
#include "engine/eval/pooled.h"

namespace shortlist::eval {
namespace {

struct Case {
    std::string name;
    std::map<std::string, std::vector<double>> fields;

    [[nodiscard]] const std::vector<double>& at(const std::string& field) const { return fields.at(field); }
    template <class T>
    [[nodiscard]] std::vector<T> as(const std::string& field) const {
        std::vector<T> values;
        for (const double value : at(field)) values.push_back(static_cast<T>(value));
        return values;
    }
    [[nodiscard]] std::size_t k() const { return static_cast<std::size_t>(at("k")[0]); }
    [[nodiscard]] std::size_t relevant() const {
        std::size_t count = 0;
        for (const double gain : at("gains")) count += gain > 0.0 ? 1 : 0;
        return count;
    }
};

std::vector<Case> read_cases() {
    std::ifstream file(SHORTLIST_SOURCE_DIR "/tests/golden/eval/metrics.golden");
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        Case one;
        std::istringstream words(line);
        words >> one.name;
        std::string field;
        for (std::string word; words >> word;) {
            if (word == "|") {
                words >> field;
                one.fields[field];
            } else {
                one.fields[field].push_back(std::stod(word));
            }
        }
        cases.push_back(std::move(one));
    }
    return cases;
}

using Score = std::function<double(const Case&)>;

std::map<std::string, Score> metrics_under_test() {
    using Labels = std::uint8_t;
    return {
        {"ndcg", [](const Case& c) { return ndcg_at_k(c.as<float>("gains"), c.as<float>("gains"), c.k()); }},
        {"precision", [](const Case& c) { return precision_at_k(c.as<float>("gains"), c.k()); }},
        {"recall", [](const Case& c) { return recall_at_k(c.as<float>("gains"), c.relevant(), c.k()); }},
        {"average_precision", [](const Case& c) { return average_precision_at_k(c.as<float>("gains"), c.relevant(), c.k()); }},
        {"reciprocal_rank", [](const Case& c) { return reciprocal_rank_at_k(c.as<float>("gains"), c.k()); }},
        {"auc", [](const Case& c) { return auc(c.as<float>("scores"), c.as<Labels>("labels")).value(); }},
        {"grouped_auc",
         [](const Case& c) {
             const auto groups = c.as<std::uint32_t>("groups");
             const std::size_t users = *std::max_element(groups.begin(), groups.end()) + 1;
             return grouped_auc(auc_by_group(c.as<float>("scores"), c.as<Labels>("labels"), groups), users)->value;
         }},
        {"log_loss",
         [](const Case& c) {
             const std::vector<std::uint32_t> one_user(c.at("labels").size(), 0);
             return log_loss(c.at("probabilities"), {c.as<Labels>("labels"), one_user, 1}).value;
         }},
        {"intra_list_distance",
         [](const Case& c) { return intra_list_distance(c.as<float>("embeddings"), static_cast<std::size_t>(c.at("width")[0])); }},
        {"intra_list_mismatch", [](const Case& c) { return intra_list_mismatch(c.as<std::uint32_t>("categories")); }},
    };
}

/// How many golden cases each metric misses by more than 1e-9.
std::map<std::string, int> count_misses(const std::map<std::string, Score>& metrics, std::map<std::string, int>& compared) {
    std::map<std::string, int> misses;
    for (const Case& one : read_cases()) {
        const auto metric = metrics.find(one.name);
        if (metric == metrics.end()) continue;
        ++compared[one.name];
        misses[one.name] += std::abs(metric->second(one) - one.at("expect")[0]) > 1e-9 ? 1 : 0;
    }
    return misses;
}

TEST(Golden, every_metric_equals_scikit_learn_and_scipy) {
    std::map<std::string, int> compared;
    const auto misses = count_misses(metrics_under_test(), compared);
    for (const auto& [name, _] : metrics_under_test()) {
        EXPECT_GE(compared[name], 3) << name;
        EXPECT_EQ(misses.at(name), 0) << name;
    }
}

// The partner of the test above: faults of the kind one makes are seen.
TEST(Golden, a_planted_fault_is_seen) {
    auto metrics = metrics_under_test();
    metrics["ndcg"] = [](const Case& c) {  // linear gain
        auto gains = c.as<float>("gains");
        for (float& gain : gains) gain = std::log2(gain + 1.0F);
        return ndcg_at_k(gains, gains, c.k());
    };
    metrics["average_precision"] = [](const Case& c) { return average_precision_at_k(c.as<float>("gains"), 30, c.k()); };
    metrics["auc"] = [](const Case& c) {  // ties all won
        auto scores = c.as<float>("scores");
        for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += c.at("labels")[i] > 0 ? 1e-3F : 0.0F;
        return auc(scores, c.as<std::uint8_t>("labels")).value();
    };
    std::map<std::string, int> compared;
    const auto misses = count_misses(metrics, compared);
    for (const char* name : {"ndcg", "average_precision", "auc"}) EXPECT_GT(misses.at(name), 0) << name;
}

// SciPy's 20,000 resamples against our 20,000: the bounds of two bootstraps differ by chance, a twentieth of their distance at most.
TEST(Golden, bootstrap_bounds_are_those_of_scipy) {
    base::ThreadPool threads(2);
    BootstrapConfig config;
    config.resamples = 20'000;
    int compared = 0;
    for (const Case& one : read_cases()) {
        if (one.name != "bootstrap") continue;
        ++compared;
        const Interval interval = bootstrap_mean(one.at("values"), config, threads);
        const auto& expect = one.at("expect");
        EXPECT_NEAR(interval.mean, expect[0], 1e-12);
        EXPECT_NEAR(interval.low, expect[1], 0.05 * (expect[2] - expect[1]));
        EXPECT_NEAR(interval.high, expect[2], 0.05 * (expect[2] - expect[1]));
    }
    EXPECT_EQ(compared, 2);
}

}  // namespace
}  // namespace shortlist::eval
