/// `shortlist generate shorts`: a project around a generated world.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/base/threads.h"
#include "engine/simulation/shorts_config.h"
#include "engine/simulation/shorts_statistics.h"

namespace shortlist::project {

struct GenerateReport {
    std::filesystem::path data_folder;
    bool wrote_project_file = false;  ///< False: there was one already, and it stays.
    std::uint64_t users = 0;
    std::uint64_t items = 0;
    std::uint64_t events = 0;
    std::vector<simulation::ShortsStatistic> statistics;  ///< Only where asked for.
    double seconds = 0;
};

/// Generates the world and writes `folder`/data/{events,videos,users}.parquet, data/truth, and a project file where there is none.
/// Same config, same bytes. Errors: InvalidArgument (config), Unavailable (disk). Cost: about 1 us and 150 bytes an event.
[[nodiscard]] Result<GenerateReport> generate_shorts_project(const std::filesystem::path& folder, const simulation::ShortsConfig& config,
                                                             bool with_statistics, ThreadPool& pool);

/// The project file of a world of shorts.
[[nodiscard]] std::string_view shorts_project_text();

}  // namespace shortlist::project
