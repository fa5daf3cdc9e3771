// shortlist export: the log and the catalogue as plain files.
#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/export_project.h"

namespace shortlist::cli {

Verb export_verb() {
    return Verb("export", "Write the whole log, items and users as files, with a project file that imports them.")
        .details(
            "Imported and live events together, by time; the catalogue as of now. 'shortlist import' in the folder makes the same events and the "
            "same "
            "catalogue again, and an export of those the same bytes. The folder appears whole or not at all.")
        .arguments({"out"})
        .example("shortlist export --out ../films-export")
        .example("shortlist export --out backup --format ndjson")
        .option<project::ExportProjectOptions>()
        .run([](const project::Project& project, const project::ExportProjectOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto report, project::export_project(project, options));
            Table table({"", "count"});
            table.add({"events", base::format_count(report.events)});
            if (report.test_events > 0) table.add({"of them in test_events", base::format_count(report.test_events)});
            table.add({"items", base::format_count(report.items)});
            table.add({"users", base::format_count(report.users)});
            render(io, table.text() + "\nWrote " + options.out + ". Read it again with: shortlist import --project " + options.out + "\n",
                   {{"out", options.out},
                    {"events", report.events},
                    {"test_events", report.test_events},
                    {"items", report.items},
                    {"users", report.users}});
            return {};
        });
}

}  // namespace shortlist::cli
