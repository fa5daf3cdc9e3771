/// A replay in steps, over partitions of the users, that any program can run on any machine: batches go in and come out by Arrow's C data
/// interface. Why the rows are those of one replay: docs/internals/fold.md.
///
///     per partition   gather_partition(job, users)                the increments of shared state that its users bring about
///     once            sum_partitions(increments)                  what ticks add
///     per partition   replay_partition(job, users, sum, pool)     its rows
///     once            join_rows(rows)                             all rows, in the order of one replay
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/threads.h"
#include "engine/data/arrow_columns.h"
#include "engine/features/plan.h"
#include "engine/features/user_partition.h"
#include "engine/training/ranker_rows.h"
#include "engine/training/replay.h"

namespace shortlist::training {

/// What is replayed, in every step alike: a log, the state that its features need, and the rows that are made.
struct ReplayJob {
    ReplayLog log;  ///< The share is the steps' to set.
    const features::FeaturePlan& plan;
    TimeUs tick = features::kTickUs;
    /// Makes the rows of log.share, as rows_of_part() and impression_rows() do.
    std::function<Result<RowReport>(const ReplayLog& log, ThreadPool& pool)> rows;
};

/// How many rows a replay made, and of what; those of partitions add up.
struct RowCounts {
    std::uint64_t rows = 0;
    std::uint64_t requests = 0;
    std::uint64_t features = 0;
    std::uint64_t chosen = 0;
    std::uint64_t chosen_missed = 0;
};

/// Rows with what they are: columns `place` (of their request among all, int64), label, weight (float), of impressions also time, user and item,
/// then a column a feature (float, NaN is missing). Rows of one place stand side by side, places ascend.
struct PlacedRows {
    RowCounts counts;
    data::ColumnBatch columns;
};

/// One walk of the log. Columns: see features::TickIncrements.
[[nodiscard]] data::ArrowBatch gather_partition(const ReplayJob& job, features::UserPartition users);
/// Errors: InvalidArgument (no such columns; parts of different plans).
[[nodiscard]] Result<data::ArrowBatch> sum_partitions(std::span<const data::ArrowBatch> increments);
/// Replays the whole log, at once.
[[nodiscard]] Result<PlacedRows> replay_whole(const ReplayJob& job, ThreadPool& pool);
/// Replays the users of one partition; to_arrow() makes the rows ready to leave the process. `summed`: of sum_partitions().
/// Errors: InvalidArgument (increments of another plan, catalogue or log), and those of job.rows.
[[nodiscard]] Result<PlacedRows> replay_partition(const ReplayJob& job, features::UserPartition users, const data::ArrowBatch& summed,
                                                  ThreadPool& pool);
/// The rows of all partitions in the order of one replay: `place` becomes `request`, which counts from 0 without a gap.
/// Errors: InvalidArgument (parts of different columns, or none).
[[nodiscard]] Result<data::ColumnBatch> join_rows(std::vector<data::ColumnBatch> parts);

}  // namespace shortlist::training
