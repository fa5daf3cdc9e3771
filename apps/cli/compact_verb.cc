// shortlist compact: what is old leaves the log.
#include <boost/json/object.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/compact_project.h"

namespace shortlist::cli {

namespace {

struct CompactOptions {
    base::Duration keep;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("keep", keep, base::range(0, 36'500 * kDayUs), "How old a record may be, counted from the newest event; 0s: as log.keep says.");
    }
};

std::string text_of(const project::CompactReport& report) {
    Table table({"left the log", "count"});
    table.add({"imported events", base::format_count(report.gone.imported_events)});
    table.add({"live events", base::format_count(report.gone.live_events)});
    table.add({"lists served", base::format_count(report.gone.lists)});
    return table.text() + "\nlog/ took " + base::format_bytes(report.bytes_before) + " on disk, and takes " + base::format_bytes(report.bytes_after) +
           "\n";
}

}  // namespace

Verb compact_verb() {
    return Verb("compact", "Let events, lists and ticks leave the log that are older than log.keep.")
        .details(
            "Items and users keep what was said of them, and items their places, so bundles go on working; users of whom nothing is left go. Of the "
            "live log "
            "whole segments leave. Killed meanwhile, the next command that writes does the rest. A server does the same of its own accord.")
        .example("shortlist compact --keep 90d")
        .option<CompactOptions>()
        .run([](const project::Project& project, const CompactOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto report, project::compact_project(project, options.keep));
            render(io, text_of(report),
                   {{"imported_events", report.gone.imported_events},
                    {"live_events", report.gone.live_events},
                    {"lists", report.gone.lists},
                    {"bytes_before", report.bytes_before},
                    {"bytes_after", report.bytes_after}});
            return {};
        });
}

}  // namespace shortlist::cli
