/// Trains a ranker's forest with LightGBM. What comes out is text, which models::Forest reads and serves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/training/ranking_rows.h"

namespace shortlist::training {

enum class ForestObjective {
    LambdaRank,  ///< Orders the rows of each request (Burges, MSR-TR-2010-82); a score means nothing but order.
    Binary,      ///< Tells label 0 from the others; a score is a log-odds.
};

/// Options of a ranker of `kind: lightgbm`.
struct LightGbmConfig {
    ForestObjective objective = ForestObjective::LambdaRank;
    std::size_t trees = 300;
    std::size_t leaves = 31;
    double learning_rate = 0.05;
    std::size_t min_rows_per_leaf = 50;
    double feature_fraction = 1.0;
    double bagging_fraction = 1.0;
    double regularization = 1.0;
    std::size_t early_stopping_rounds = 30;
    std::size_t truncation_level = 30;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("objective", objective,
                base::one_of<ForestObjective>({{"lambdarank", ForestObjective::LambdaRank}, {"binary", ForestObjective::Binary}}),
                "What is learned: the order within a request, or the probability of a label above 0.");
        v.field("trees", trees, base::range(1, 10000), "Trees at most; early stopping mostly ends sooner.");
        v.field("leaves", leaves, base::range(2, 4096), "Leaves of a tree at most.");
        v.field("learning_rate", learning_rate, base::range(1e-4, 1.0), "Share of a tree's step that is taken; smaller wants more trees.");
        v.field("min_rows_per_leaf", min_rows_per_leaf, base::range(1, 1000000),
                "Training rows in a leaf at least; more is steadier on noisy clicks.");
        v.field("feature_fraction", feature_fraction, base::range(0.01, 1.0), "Share of the features that each tree may use, drawn by seed.");
        v.field("bagging_fraction", bagging_fraction, base::range(0.01, 1.0),
                "Share of the requests (binary: of the rows) that each tree sees, drawn by seed.");
        v.field("regularization", regularization, base::range(0.0, 1e6), "L2 penalty on leaf values.");
        v.field("early_stopping_rounds", early_stopping_rounds, base::range(0, 10000),
                "Trees without a better validation metric after which training stops; 0 grows all trees.");
        v.field("truncation_level", truncation_level, base::range(1, 10000),
                "lambdarank: pairs count when one of the two ranks among this many; somewhat above the slate's size is good.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of all that is drawn.");
    }
};

/// How much one feature lowered the training loss: the sum over its splits.
struct FeatureGain {
    std::string feature;
    double gain = 0.0;
};

struct TrainedForest {
    std::string model_text;                 ///< LightGBM's format, cut after the best iteration.
    std::size_t best_iteration = 0;         ///< Trees in model_text.
    std::string metric;                     ///< ndcg@10 (more is better) or binary_logloss (less is better).
    std::vector<double> validation_metric;  ///< After each tree grown, the ones past the best among them.
    std::vector<FeatureGain> importance;    ///< All features, largest gain first, ties by name.
    double seconds = 0.0;                   ///< Spent here, by the monotonic clock.
};

/// Called after each tree with the number of trees and the validation metric.
using TreeProgress = std::function<void(std::size_t trees, double metric)>;

/// Grows trees on `train` and keeps as many as score best on `validation`, whose metric is LightGBM's: NDCG@10 with gain
/// 2^label - 1, where a request without a relevant row counts as 1; or the log loss.
/// Runs on one thread, or two from 100,000 rows on: their number goes by the rows and never by the machine's cores, so that the text
/// is the same bytes each time. `progress` may be empty. Writes nothing to stdout.
/// Errors: InvalidArgument where the rows are not valid, empty, of unlike features, or hold nothing to learn (one class only, no
/// request with two different labels); FailedPrecondition where no split is possible; Internal where LightGBM fails.
/// Cost    O(trees x rows x features); memory about 1 byte a value beside the rows.
[[nodiscard]] Result<TrainedForest> train_lightgbm(const RankingRows& train, const RankingRows& validation, const LightGbmConfig& config,
                                                   const TreeProgress& progress);

}  // namespace shortlist::training
