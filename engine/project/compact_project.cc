#include "engine/project/compact_project.h"

#include "engine/project/folder_size_internal.h"

namespace shortlist::project {

Result<CompactReport> compact_project(const Project& project, base::Duration keep) {
    if (keep.us == 0) keep = project.config.log.keep;
    if (keep.us == 0) return base::invalid_argument("keep: nothing says how long events are kept: set log.keep, or give --keep, such as --keep 90d");
    SHORTLIST_ASSIGN(auto log, data::Log::open_writer(project.folder, project.config.log));
    CompactReport report;
    report.bytes_before = bytes_below(project.folder / "log");
    SHORTLIST_ASSIGN(report.gone, log.compact(keep.us));
    report.bytes_after = bytes_below(project.folder / "log");
    return report;
}

}  // namespace shortlist::project
