// shortlist replay: rows to learn from, as a file.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/replay_partitions.h"

namespace shortlist::cli {

namespace {

// Every process of a replay runs this program, also when its file was replaced meanwhile.
constexpr const char* kThisProgram = "/proc/self/exe";

boost::json::object json_of(const training::RowCounts& counts) {
    return {{"rows", counts.rows},
            {"requests", counts.requests},
            {"features", counts.features},
            {"chosen", counts.chosen},
            {"chosen_missed", counts.chosen_missed}};
}

std::string text_of(const project::ReplayReport& report, project::ReplayRows rows) {
    const auto& counts = report.counts;
    std::string text = base::format_count(counts.rows) + " rows of " + base::format_count(counts.requests) + " requests, " +
                       std::to_string(counts.features) + " features, in " + report.path.string() + ", " + fixed(report.seconds, 1) + " s\n";
    if (rows == project::ReplayRows::Ranker) {
        text += base::format_count(counts.chosen_missed) + " of " + base::format_count(counts.chosen) + " choices were proposed by no retriever.\n";
    } else {
        text += base::format_count(counts.chosen) + " of the impressions led to a choice.\n";
    }
    if (!report.left_out.empty()) text += "Left out, since they read a model: " + base::join(report.left_out) + ".\n";
    return text;
}

}  // namespace

Verb replay_verb() {
    return Verb("replay", "Replay the log and write rows to learn from, with features as they stood.")
        .details("Rows are those of the bundle's ranker, or every impression of the log.")
        .example("shortlist replay --out rows.parquet")
        .example("shortlist replay --rows impressions --partitions 2")
        .option<project::ReplayOptions>()
        .run([](const project::Project& project, const project::ReplayOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool(options.threads);
            ProgressBar bar(io, clock);
            const project::RunContext run{clock, pool, [&](std::string_view step, double done) { bar.update(step, done); }};
            SHORTLIST_ASSIGN(const auto report, project::replay_project(project, options, run, kThisProgram));
            bar.finish();
            boost::json::object document = json_of(report.counts);
            document["path"] = report.path.string();
            document["left_out"] = boost::json::array(report.left_out.begin(), report.left_out.end());
            document["seconds"] = report.seconds;
            render(io, text_of(report, options.rows), document);
            return {};
        });
}

Verb replay_step_verb() {
    return Verb("replay-step", "One process of `shortlist replay --partitions`, which starts it.")
        .hidden()
        .option<project::ReplayStepOptions>()
        .run([](const project::Project& project, const project::ReplayStepOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto counts, project::run_replay_step(project, options));
            render(io, base::format_count(counts.rows) + " rows\n", json_of(counts));
            return {};
        });
}

}  // namespace shortlist::cli
