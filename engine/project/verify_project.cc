#include "engine/project/verify_project.h"

#include <array>
#include <limits>

#include "engine/data/bundle_folder.h"
#include "engine/pipeline/live_project.h"

namespace shortlist::project {

Result<VerifyReport> verify_project(const Project& project, const VerifyOptions& options, const RunContext& run) {
    constexpr std::size_t kDifferences = 10;
    const double started = base::monotonic_seconds();
    VerifyReport report;
    pipeline::LiveProject::Facts facts;
    {  // One after the other: two states need not fit into memory together.
        pipeline::LiveOptions reading;
        reading.read_only = true;
        SHORTLIST_ASSIGN(const auto live, pipeline::LiveProject::open(project.folder, run.clock, reading));
        report.restored_digest = live->state_digest();
        facts = live->facts();
    }
    SHORTLIST_ASSIGN(const auto log, data::Log::open_reader(project.folder));
    SHORTLIST_ASSIGN(const auto bundle, data::open_bundle(project.folder / "bundles", facts.bundle));
    // A server may have written more since: up to here the two must be equal.
    const std::array<std::uint64_t, 1> stops{facts.offset};
    SHORTLIST_ASSIGN(const auto folded, pipeline::replay_records(project.folder, log, bundle, stops, [](auto, auto&) { return Status(); }));
    report.folded_digest = folded->digest();
    if (folded->events() != facts.events) {
        return base::failed_precondition("the project changed meanwhile: verify it again when nothing is imported to it");
    }
    const std::size_t differences_max = options.all ? std::numeric_limits<std::size_t>::max() : kDifferences;
    SHORTLIST_ASSIGN(report.lists, pipeline::check_lists(project.folder, log, differences_max));
    report.bundle = facts.bundle;
    report.events = facts.events;
    report.restored = facts.restored;
    report.seconds = base::monotonic_seconds() - started;
    return report;
}

}  // namespace shortlist::project
