/// `shortlist replay`: rows to learn from, as a file anyone can look at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/features/user_partition.h"
#include "engine/project/train_project.h"
#include "engine/training/replay_steps.h"

namespace shortlist::project {

/// Which rows a replay writes.
enum class ReplayRows {
    Ranker,       ///< What the ranker of the bundle in force learned from, as `ranker:` says.
    Impressions,  ///< Every impression of the log, with the features that need no model; asks for no bundle.
};

/// How `rows` is spelled on the command line.
[[nodiscard]] inline base::OneOf<ReplayRows> replay_rows_names() {
    return base::one_of<ReplayRows>({{"ranker", ReplayRows::Ranker}, {"impressions", ReplayRows::Impressions}});
}

struct ReplayOptions {
    std::string out = "rows.parquet";
    ReplayRows rows = ReplayRows::Ranker;
    std::uint32_t partitions = 1;
    std::uint32_t threads = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("out", out, base::text(1, 4096), "Parquet file to write, from the project's folder.");
        v.field("rows", rows, replay_rows_names(),
                "ranker: what the ranker of the bundle in force learned from. impressions: every impression of the log, with time, user, item and "
                "the features that need no model, for whoever trains elsewhere; no bundle is needed.");
        v.field("partitions", partitions, base::range(1, features::kPartitionsMax),
                "Processes that share the work, each with a part of the users. The file is the same with any number.");
        v.field("threads", threads, base::range(0, 1024),
                "Threads in all processes together; 0 takes all the machine has. The file is the same with any number.");
    }
};

struct ReplayReport {
    std::filesystem::path path;
    training::RowCounts counts;
    std::vector<std::string> left_out;  ///< Features that read a retriever, where no model is at hand.
    double seconds = 0;
};

/// Replays the log and writes rows: request, label, weight, of impressions time, user and item, and a column a feature. Rows of the ranker
/// come from the ranking part, by the holdout models of the bundle in force. Same log, same bundle, same bytes; the file is
/// whole or not there. `program`: this one, to start others of; asked of where there are several partitions.
/// Processes that read two logs, because another was put in force meanwhile, begin anew.
/// Errors: FailedPrecondition (no bundle, no events, no impressions), Unavailable (disk, a process that cannot be started).
[[nodiscard]] Result<ReplayReport> replay_project(const Project& project, const ReplayOptions& options, const RunContext& run,
                                                  const std::filesystem::path& program = {});

}  // namespace shortlist::project
