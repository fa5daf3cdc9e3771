// shortlist demo: a generated world from nothing to judged lists.
#include <numeric>

#include "apps/cli/progress.h"
#include "apps/cli/quality_render.h"
#include "apps/cli/verbs.h"
#include "engine/project/demo.h"

namespace shortlist::cli {

namespace {

struct DemoOptions {
    simulation::ShortsConfig world;
    std::string folder = "demo";
    std::uint32_t threads = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        world.describe(v);
        v.field("folder", folder, base::text(1, 4096), "Folder of the demo's project; made where there is none.");
        v.field("threads", threads, base::range(0, 1024), "Threads; 0 takes all the machine has.");
    }
};

double total_of(const project::DemoReport& report) {
    return std::accumulate(report.seconds.begin(), report.seconds.end(), 0.0, [](double sum, const auto& step) { return sum + step.second; });
}

std::string text_of(const project::DemoReport& report) {
    Table steps({"step", "seconds"});
    for (const auto& [step, seconds] : report.seconds) steps.add({step, fixed(seconds, 2)});
    return quality_text(report.evaluation) + "\n" + steps.text() + "\n" + fixed(total_of(report), 1) + " s, " +
           base::format_bytes(report.peak_memory_bytes) + " at most. Next: shortlist serve --project " + report.folder.string() + "\n";
}

}  // namespace

Verb demo_verb() {
    return Verb("demo", "Generate a world of short videos, import it, train on it and judge the lists.")
        .example("shortlist demo --users 2000 --items 5000 --interactions 100000 --json")
        .option<DemoOptions>()
        .run([](const DemoOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool(options.threads);
            ProgressBar bar(io, clock);
            const project::RunContext run{clock, pool, [&](std::string_view step, double done) { bar.update(step, done); }};
            SHORTLIST_ASSIGN(const auto report, project::run_demo(options.folder, options.world, run));
            bar.finish();
            auto seconds = report.seconds;
            seconds.insert(seconds.end(), report.train.training.seconds.begin(), report.train.training.seconds.end());
            boost::json::object document = quality_json(report.evaluation);
            document["seconds"] = seconds_json(seconds, total_of(report));
            document["training"] = training_json(report.train.training);
            document["bundle"] = report.train.bundle;
            document["events"] = report.import.events_kept;
            document["peak_memory_bytes"] = report.peak_memory_bytes;
            render(io, text_of(report), document);
            return {};
        });
}

}  // namespace shortlist::cli
