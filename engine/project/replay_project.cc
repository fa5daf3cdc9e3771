#include "engine/project/replay_project.h"

#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/history_in_force.h"
#include "engine/project/replay_partitions.h"

namespace shortlist::project {

namespace {

// Under another name until it is whole.
Status write_rows(const std::filesystem::path& path, const data::ColumnBatch& rows) {
    const std::filesystem::path draft = path.string() + ".part";
    auto status = data::write_parquet(draft, rows, data::Compression::Snappy, data::Encoding::Parallel);
    std::error_code code;
    if (status) {
        std::filesystem::rename(draft, path, code);
        if (code) status = base::unavailable(path.string() + ": " + code.message());
    }
    if (!status) std::filesystem::remove(draft, code);
    return status;
}

struct MadeRows {
    std::vector<std::string> left_out;
    training::RowCounts counts;
    data::ColumnBatch rows;
};

Result<MadeRows> rows_of_this_process(const Project& project, const ReplayOptions& options, const RunContext& run) {
    SHORTLIST_ASSIGN(const auto replay, ProjectReplay::open(project, options.rows));
    SHORTLIST_ASSIGN(auto placed, training::replay_whole(replay->job(), run.pool));
    std::vector<data::ColumnBatch> parts;
    parts.push_back(std::move(placed.columns));
    SHORTLIST_ASSIGN(auto rows, training::join_rows(std::move(parts)));
    return MadeRows{replay->left_out(), placed.counts, std::move(rows)};
}

Result<MadeRows> rows_of_partitions(const Project& project, const ReplayOptions& options, const RunContext& run,
                                    const std::filesystem::path& program) {
    SHORTLIST_ASSIGN(auto replay, ProjectReplay::open(project, options.rows));
    const auto left_out = replay->left_out();
    const ReplayPin pin = replay->pin();
    replay.reset();  // its memory is the processes'
    SHORTLIST_ASSIGN(auto made, replay_partitions(project, options, pin, run, program));
    return MadeRows{left_out, made.counts, std::move(made.rows)};
}

}  // namespace

Result<ReplayReport> replay_project(const Project& project, const ReplayOptions& options, const RunContext& run,
                                    const std::filesystem::path& program) {
    const double started = base::monotonic_seconds();
    // Each process reads the log for itself: all must have read the same one.
    const auto partitioned = [&](const std::string&) { return rows_of_partitions(project, options, run, program); };
    SHORTLIST_ASSIGN(auto made,
                     options.partitions == 1 ? rows_of_this_process(project, options, run) : data::read_in_force(project.folder, partitioned));
    ReplayReport out;
    out.path = project.folder / options.out;
    SHORTLIST_TRY(write_rows(out.path, made.rows));
    out.counts = made.counts;
    out.left_out = std::move(made.left_out);
    out.seconds = base::monotonic_seconds() - started;
    return out;
}

}  // namespace shortlist::project
