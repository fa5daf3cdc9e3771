/// `shortlist compact`: what is old leaves the log of a project that nobody serves.
#pragma once

#include <cstdint>

#include "engine/data/log.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

struct CompactReport {
    data::Compacted gone;
    std::uint64_t bytes_before = 0;  ///< Of log/ on disk.
    std::uint64_t bytes_after = 0;
};

/// What is older than `keep` before the newest event leaves the log (data::Log::compact()); 0: as `log.keep` says.
/// Errors: InvalidArgument where neither says anything; FailedPrecondition naming the process that serves the project, or where events have no times;
/// DataLoss, Unavailable.
[[nodiscard]] Result<CompactReport> compact_project(const Project& project, base::Duration keep);

}  // namespace shortlist::project
