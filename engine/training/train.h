/// Makes a bundle's models from a project's data, and says how good they are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/threads.h"
#include "engine/data/dataset.h"
#include "engine/eval/splits.h"
#include "engine/pipeline/serving_models.h"
#include "engine/training/score_movement.h"
#include "engine/training/training_config.h"

namespace shortlist::training {

struct TrainingConfig {
    base::Named<data::SignalConfig> signals;
    features::FeaturesConfig features;
    std::vector<RetrieverConfig> retrievers;
    RankerConfig ranker;
    base::Named<pipeline::SurfaceConfig> surfaces;
    eval::SplitConfig split;
};

struct TrainingReport {
    std::vector<std::pair<std::string, double>> seconds;  ///< By step, in order.
    std::size_t train_requests = 0, train_rows = 0, validation_requests = 0, validation_rows = 0;
    std::uint64_t chosen = 0, chosen_missed = 0;  ///< Choices in the rows' requests, and those no retriever proposed.
    std::vector<std::string> constant_features;   ///< Derived ones that the bundle lacks: they held one value in every row.
    std::string ranker_left_out;                  ///< Why the bundle has no ranker though one was asked for; empty otherwise.
    std::size_t trees = 0;
    std::string validation_metric;
    double validation_value = 0;
    std::vector<FeatureGain> importance;
    std::vector<ScoreMovement> movement;  ///< From the retrievers that proposed the ranker's rows to those shipped; empty without a ranker.
};

/// Two sets of the same models: `holdout` knows nothing of the test part, so that evaluation is honest; `shipped` was refitted on everything.
struct TrainedModels {
    pipeline::ModelSpec spec;
    pipeline::ModelParts holdout;
    pipeline::ModelParts shipped;
    TrainingReport report;
};

/// What is being done, and the share of it that is done.
using StepProgress = std::function<void(std::string_view step, double done)>;

/// Errors: InvalidArgument (a signal or feature that does not fit the data; no event carries a retriever's signal).
/// Same data, config and CPU class, same bytes, whatever the thread count.
[[nodiscard]] Result<TrainedModels> train_models(const data::Dataset& data, const TrainingConfig& config, ThreadPool& pool,
                                                 const StepProgress& progress = {});

}  // namespace shortlist::training
