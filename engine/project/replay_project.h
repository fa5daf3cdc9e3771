/// `shortlist replay`: the rows a ranker learns from, as a file anyone can look at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/project/train_project.h"

namespace shortlist::project {

struct ReplayOptions {
    std::string out = "rows.parquet";

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("out", out, base::text(1, 4096), "Parquet file to write, from the project's folder.");
    }
};

struct ReplayReport {
    std::filesystem::path path;
    std::size_t rows = 0, requests = 0, features = 0;
    std::uint64_t chosen = 0, chosen_missed = 0;
    double seconds = 0;
};

/// Replays the log with the holdout models of the bundle in force and writes the rows of the ranking part: request, label, weight, and a
/// column a feature. What a row is, and how many there are, says `ranker:`. Same log, same bundle, same bytes. Errors: FailedPrecondition (no bundle,
/// no events), Unavailable (disk).
[[nodiscard]] Result<ReplayReport> replay_project(const Project& project, const ReplayOptions& options, const RunContext& run);

}  // namespace shortlist::project
