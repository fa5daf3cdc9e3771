#include "engine/project/verify_project.h"

#include <array>
#include <limits>

#include "engine/data/bundle_folder.h"
#include "engine/data/history_in_force.h"
#include "engine/pipeline/live_project.h"

namespace shortlist::project {

namespace {

Result<VerifyReport> verify_log(const Project& project, const VerifyOptions& options, const RunContext& run) {
    constexpr std::size_t kDifferences = 10;
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
    const std::size_t differences_max = options.all ? std::numeric_limits<std::size_t>::max() : kDifferences;
    SHORTLIST_ASSIGN(report.lists, pipeline::check_lists(project.folder, log, differences_max));
    report.bundle = facts.bundle;
    report.events = facts.events;
    report.restored = facts.restored;
    return report;
}

}  // namespace

Result<VerifyReport> verify_project(const Project& project, const VerifyOptions& options, const RunContext& run) {
    const double started = base::monotonic_seconds();
    SHORTLIST_ASSIGN(auto report, data::read_in_force(project.folder, [&](const std::string&) { return verify_log(project, options, run); }));
    report.seconds = base::monotonic_seconds() - started;
    return report;
}

}  // namespace shortlist::project
