/// A replay by several processes, each with a part of the users: how they are started, and what each of them does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/data/column_batch.h"
#include "engine/project/project_replay.h"

namespace shortlist::project {

/// What a process of a replay does.
enum class ReplayStep { Gather, Rows };

/// What one process is told. Of `shortlist replay-step`, which only `shortlist replay` starts.
struct ReplayStepOptions {
    ReplayStep step = ReplayStep::Gather;
    ReplayRows rows = ReplayRows::Ranker;
    std::string files;
    std::uint32_t partition = 0;
    std::uint32_t partitions = 1;
    std::uint64_t events = 0;
    std::uint64_t changes = 0;
    std::string bundle;
    std::uint32_t threads = 1;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("step", step, base::one_of<ReplayStep>({{"gather", ReplayStep::Gather}, {"rows", ReplayStep::Rows}}), "Which step.");
        v.field("rows", rows, replay_rows_names(), "Which rows.");
        v.required_field("files", files, base::text(1, 4096), "Folder that the processes hand each other files in.");
        v.field("partition", partition, base::range(0, features::kPartitionsMax - 1), "Part of the users that it does, from 0.");
        v.field("partitions", partitions, base::range(1, features::kPartitionsMax), "Parts there are.");
        v.field("events", events, base::range(0, 1e15), "Events of the log that count.");
        v.field("changes", changes, base::range(0, 1e15), "Changes of the log that count.");
        v.field("bundle", bundle, base::text(0, 64), "Bundle whose models propose.");
        v.field("threads", threads, base::range(1, 1024), "Threads.");
    }
};

/// Does one step: reads the increments that were summed (rows), writes its own or its rows. Returns what the rows are.
/// Errors: InvalidArgument (partition), those of ProjectReplay::open() and of the steps.
[[nodiscard]] Result<training::RowCounts> run_replay_step(const Project& project, const ReplayStepOptions& options);

/// What all processes made.
struct PartitionedRows {
    training::RowCounts counts;
    data::ColumnBatch rows;  ///< As training::join_rows().
};

/// The rows of the log and bundle of `pin`, made by processes of `program` for each of options.partitions; one at a time on each of the pool's
/// threads. The caller sees to it that no other log is put in force meanwhile. Files lie in a folder of the project, which is gone when it returns;
/// one that a killed process left goes with the next replay. Errors: Unavailable, and what a process reported.
[[nodiscard]] Result<PartitionedRows> replay_partitions(const Project& project, const ReplayOptions& options, const ReplayPin& pin,
                                                        const RunContext& run, const std::filesystem::path& program);

}  // namespace shortlist::project
