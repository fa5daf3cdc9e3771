// shortlist import: the data files into the log.
#include <boost/json/object.hpp>

#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/data/importer.h"

namespace shortlist::cli {

namespace {

struct ImportOptions {
    std::uint32_t threads = 0;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("threads", threads, base::range(0, 1024), "Threads; 0 takes all the machine has.");
    }
};

std::string text_of(const data::ImportReport& report) {
    Table counts({"", "count"});
    const auto row = [&](const char* name, std::uint64_t count) { counts.add({name, base::format_count(count)}); };
    row("rows of events", report.rows_read);
    row("events kept", report.events_kept);
    row("duplicates", report.duplicates);
    if (report.older > 0) row("older than log.keep", report.older);
    row("rows in quarantine", report.rows_quarantined);
    row("users", report.users);
    row("items", report.items);
    row("items only events mention", report.unknown_items);
    std::string text = counts.text();
    if (!report.quarantined.empty()) {
        Table reasons({"reason", "rows"});
        for (const auto& [reason, rows] : report.quarantined) reasons.add({reason, base::format_count(rows)});
        text += "\n" + reasons.text() + "\nThe rows are in " + report.quarantine_path.string() + "\n";
    }
    if (report.time_form == data::TimeForm::Column && report.events_kept > 0) {
        text += "\nfrom " + base::format_time(report.first_time) + " to " + base::format_time(report.last_time) + "\n";
    }
    if (!report.changed) text += "\nNothing is new: the log holds all of it already.\n";
    return text + "\n" + fixed(report.seconds, 2) + " s\n";
}

boost::json::object json_of(const data::ImportReport& report) {
    boost::json::object reasons;
    for (const auto& [reason, rows] : report.quarantined) reasons[reason] = rows;
    return {{"rows_read", report.rows_read},
            {"entity_rows_read", report.entity_rows_read},
            {"events_kept", report.events_kept},
            {"older", report.older},
            {"duplicates", report.duplicates},
            {"rows_quarantined", report.rows_quarantined},
            {"quarantined", reasons},
            {"quarantine_path", report.quarantine_path.string()},
            {"users", report.users},
            {"items", report.items},
            {"unknown_items", report.unknown_items},
            {"first_time", report.first_time},
            {"last_time", report.last_time},
            {"changed", report.changed},
            {"seconds", report.seconds}};
}

}  // namespace

Verb import_verb() {
    return Verb("import", "Read the project's data files into its log; what is known already changes nothing.")
        .details("Bad rows go to a quarantine file with their reason. Past data.max_bad_rows the import fails and leaves the data as they were.")
        .example("shortlist import")
        .option<ImportOptions>()
        .run([](const project::Project& project, const ImportOptions& options, Io& io) -> Status {
            SHORTLIST_TRY(project::check_files(project));
            const base::SystemClock clock;
            ThreadPool pool(options.threads);
            ProgressBar bar(io, clock);
            data::ImportOptions import;
            import.clock = &clock;
            import.keep = project.config.log.keep.us;
            import.pool = &pool;
            import.progress = [&](std::string_view stage, double done) { bar.update(stage, done); };
            SHORTLIST_ASSIGN(const auto report, data::import_data(project.config.data, project.folder, import));
            bar.finish();
            render(io, text_of(report), json_of(report));
            return {};
        });
}

}  // namespace shortlist::cli
