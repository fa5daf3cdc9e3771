// shortlist bench: how fast the bundle in force answers here.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/bench_project.h"

namespace shortlist::cli {

namespace {

std::string text_of(const project::BenchReport& report) {
    Table latency({"requests per second", "p50 us", "p90 us", "p99 us", "max us"});
    latency.add({fixed(report.requests_per_second, 0), fixed(report.latency_us_p50, 0), fixed(report.latency_us_p90, 0),
                 fixed(report.latency_us_p99, 0), fixed(report.latency_us_max, 0)});
    Table stages({"stage", "p50 us", "p99 us", "candidates after it"});
    for (const auto& stage : report.stages) {
        stages.add({stage.name, fixed(stage.latency_us_p50, 1), fixed(stage.latency_us_p99, 1), fixed(stage.candidates_mean, 1)});
    }
    std::string text = base::format_count(report.requests) + " requests by " + std::to_string(report.threads) +
                       (report.threads == 1 ? " thread" : " threads") + " in this process, without HTTP:\n\n" + latency.text() + "\n" +
                       stages.text() + "\nBundle " + report.bundle + ", surface " + report.surface + ", " + fixed(report.slate_size_mean, 1) +
                       " of " + base::format_count(report.items) + " items a slate; " + report.cpu + ", " +
                       base::format_bytes(report.resident_memory_bytes) + " resident.\n";
    if (report.degraded > 0) text += base::format_count(report.degraded) + " answers were degraded; shortlist recommend says why.\n";
    return text;
}

boost::json::object json_of(const project::BenchReport& report) {
    boost::json::array stages;
    for (const auto& stage : report.stages) {
        stages.push_back({{"name", stage.name},
                          {"latency_us_p50", stage.latency_us_p50},
                          {"latency_us_p99", stage.latency_us_p99},
                          {"candidates_mean", stage.candidates_mean}});
    }
    return {{"bundle", report.bundle},
            {"surface", report.surface},
            {"cpu", report.cpu},
            {"threads", report.threads},
            {"requests", report.requests},
            {"degraded", report.degraded},
            {"items", report.items},
            {"slate_size_mean", report.slate_size_mean},
            {"requests_per_second", report.requests_per_second},
            {"latency_us_p50", report.latency_us_p50},
            {"latency_us_p90", report.latency_us_p90},
            {"latency_us_p99", report.latency_us_p99},
            {"latency_us_max", report.latency_us_max},
            {"stages", stages},
            {"resident_memory_bytes", report.resident_memory_bytes}};
}

}  // namespace

Verb bench_verb() {
    return Verb("bench", "Measure how fast the bundle in force answers on this machine, in process, without HTTP.")
        .details("Users are drawn from the log, the active more often. Candidates of retrieve count once for each retriever.")
        .example("shortlist bench --requests 5000 --threads 2")
        .option<project::BenchOptions>()
        .run([](const project::Project& project, const project::BenchOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool(options.threads);
            ProgressBar bar(io, clock);
            const project::RunContext run{clock, pool, [&](std::string_view step, double done) { bar.update(step, done); }};
            SHORTLIST_ASSIGN(const auto report, project::bench_project(project, options, run));
            bar.finish();
            render(io, text_of(report), json_of(report));
            return {};
        });
}

}  // namespace shortlist::cli
