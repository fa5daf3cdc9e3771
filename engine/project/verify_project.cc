#include "engine/project/verify_project.h"

#include "engine/pipeline/live_project.h"

namespace shortlist::project {

Result<VerifyReport> verify_project(const Project& project, const RunContext& run) {
    const double started = base::monotonic_seconds();
    pipeline::LiveOptions options;
    options.read_only = true;
    VerifyReport report;
    // One after the other: two states need not fit into memory together.
    const auto look = [&](std::string& digest) -> Result<pipeline::LiveProject::Facts> {
        SHORTLIST_ASSIGN(const auto live, pipeline::LiveProject::open(project.folder, run.clock, options));
        digest = live->state_digest();
        return live->facts();
    };
    SHORTLIST_ASSIGN(const auto restored, look(report.restored_digest));
    options.use_snapshot = false;
    SHORTLIST_ASSIGN(const auto folded, look(report.folded_digest));
    if (folded.events != restored.events || folded.bundle != restored.bundle) {
        return base::failed_precondition("the project changed meanwhile: verify it again when nothing is written to it");
    }
    report.bundle = folded.bundle;
    report.events = folded.events;
    report.restored = restored.restored;
    report.seconds = base::monotonic_seconds() - started;
    return report;
}

}  // namespace shortlist::project
