// shortlist replay: training rows as a file.
#include <boost/json/object.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/replay_project.h"

namespace shortlist::cli {

Verb replay_verb() {
    return Verb("replay", "Replay the log and write the rows a ranker learns from, with features as they stood.")
        .example("shortlist replay --out rows.parquet")
        .option<project::ReplayOptions>()
        .run([](const project::Project& project, const project::ReplayOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool;
            SHORTLIST_ASSIGN(const auto report, project::replay_project(project, options, {clock, pool, {}}));
            render(io,
                   base::format_count(report.rows) + " rows of " + base::format_count(report.requests) + " requests, " +
                       std::to_string(report.features) + " features, in " + report.path.string() + ", " + fixed(report.seconds, 1) + " s\n" +
                       base::format_count(report.chosen_missed) + " of " + base::format_count(report.chosen) +
                       " choices were proposed by no retriever.\n",
                   {{"path", report.path.string()},
                    {"rows", report.rows},
                    {"requests", report.requests},
                    {"features", report.features},
                    {"chosen", report.chosen},
                    {"chosen_missed", report.chosen_missed},
                    {"seconds", report.seconds}});
            return {};
        });
}

}  // namespace shortlist::cli
