/// `shortlist train` and `shortlist evaluate`: from the log to a bundle in force, and how good it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/threads.h"
#include "engine/project/project_config.h"
#include "engine/training/evaluate.h"
#include "engine/training/train.h"

namespace shortlist::project {

struct TrainOptions {
    std::string bundle;
    std::string as_of;
    bool promote = true;
    bool evaluate = true;
    std::uint32_t threads = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("bundle", bundle, base::text(0, 64), "Name of the bundle; the time of day where empty.");
        v.field("as_of", as_of, base::text(0, 64),
                "Train as if it were this time, such as 2026-01-31T12:00:00Z: nothing that the log holds from its first later record on is seen. The "
                "whole log where empty.");
        v.field("promote", promote, base::any<bool>(), "Put the bundle in force.");
        v.field("evaluate", evaluate, base::any<bool>(), "Judge the models on the held-out part and keep the figures in the bundle.");
        v.field("threads", threads, base::range(0, 1024), "Threads; 0 takes all the machine has. The bundle is the same with any number.");
    }
};

struct TrainOutcome {
    std::string bundle;
    bool promoted = false;
    training::TrainingReport training;
    std::optional<training::EvaluationReport> evaluation;
    double seconds = 0;
};

/// What a run is given beside its options; all of it must outlive the call.
struct RunContext {
    const base::Clock& clock;
    ThreadPool& pool;
    training::StepProgress progress;
};

/// Trains on the project's log and writes bundles/<name>. A bundle is whole or not there; the one in force stays until the new one is promoted.
/// Errors: FailedPrecondition (nothing imported yet), AlreadyExists (the name), and those of train_models and evaluate_models.
[[nodiscard]] Result<TrainOutcome> train_project(const Project& project, const TrainOptions& options, const RunContext& run);

/// Judges the bundle in force on the held-out part. Where the project's world has a known truth beside its data, the list of one who
/// knows it stands in the table as `oracle`, for every n-th user.
/// Errors: FailedPrecondition (no bundle), and those of evaluate_models.
[[nodiscard]] Result<training::EvaluationReport> evaluate_project(const Project& project, const training::EvaluateOptions& options,
                                                                  const RunContext& run);

}  // namespace shortlist::project
