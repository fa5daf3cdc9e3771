#include "engine/project/replay_project.h"

#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/arrow/parquet_writer.h"
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

}  // namespace

Result<ReplayReport> replay_project(const Project& project, const ReplayOptions& options, const RunContext& run,
                                    const std::filesystem::path& program) {
    const double started = base::monotonic_seconds();
    ReplayReport out;
    out.path = project.folder / options.out;
    SHORTLIST_ASSIGN(auto replay, ProjectReplay::open(project, options.rows));
    out.left_out = replay->left_out();
    data::ColumnBatch rows;
    if (options.partitions == 1) {
        SHORTLIST_ASSIGN(auto placed, training::replay_whole(replay->job(), run.pool));
        out.counts = placed.counts;
        std::vector<data::ColumnBatch> parts;
        parts.push_back(std::move(placed.columns));
        SHORTLIST_ASSIGN(rows, training::join_rows(std::move(parts)));
    } else {
        const ReplayPin pin = replay->pin();
        replay.reset();  // its memory is the processes'
        SHORTLIST_ASSIGN(auto joined, replay_partitions(project, options, pin, run, program));
        out.counts = joined.counts;
        rows = std::move(joined.rows);
    }
    SHORTLIST_TRY(write_rows(out.path, rows));
    out.seconds = base::monotonic_seconds() - started;
    return out;
}

}  // namespace shortlist::project
