/// `shortlist demo`: a generated world from nothing to judged lists.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/importer.h"
#include "engine/project/train_project.h"
#include "engine/simulation/shorts_config.h"

namespace shortlist::project {

struct DemoReport {
    std::filesystem::path folder;
    std::vector<std::pair<std::string, double>> seconds;  ///< By step, in order; their sum is all there was to do.
    data::ImportReport import;
    TrainOutcome train;
    training::EvaluationReport evaluation;
    std::uint64_t peak_memory_bytes = 0;
};

/// Generates the world into `folder`, imports it, trains, promotes, evaluates. An existing project there is run again on the new data.
/// Errors: those of the steps, each with its name in front.
[[nodiscard]] Result<DemoReport> run_demo(const std::filesystem::path& folder, const simulation::ShortsConfig& world, const RunContext& run);

}  // namespace shortlist::project
