// shortlist train: from the log to a bundle in force.
#include "apps/cli/progress.h"
#include "apps/cli/quality_render.h"
#include "apps/cli/verbs.h"
#include "engine/base/process_memory.h"
#include "engine/project/train_project.h"

namespace shortlist::cli {

namespace {

std::string text_of(const project::TrainOutcome& outcome) {
    std::string text = training_text(outcome.training);
    if (outcome.evaluation) text += "\n" + quality_text(*outcome.evaluation);
    text += "\nBundle " + outcome.bundle + (outcome.promoted ? " is in force" : " is ready; shortlist bundles promote " + outcome.bundle);
    return text + ", " + fixed(outcome.seconds, 1) + " s.\n";
}

}  // namespace

Verb train_verb() {
    return Verb("train", "Train retrievers and ranker on the log, judge them on the held-out part, and put the bundle in force.")
        .details("A server that runs goes on with its bundle until it is told to reload.")
        .example("shortlist train")
        .option<project::TrainOptions>()
        .run([](const project::Project& project, const project::TrainOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool(options.threads);
            ProgressBar bar(io, clock);
            const project::RunContext run{clock, pool, [&](std::string_view step, double done) { bar.update(step, done); }};
            SHORTLIST_ASSIGN(const auto outcome, project::train_project(project, options, run));
            bar.finish();
            boost::json::object document{{"bundle", outcome.bundle},
                                         {"promoted", outcome.promoted},
                                         {"seconds", seconds_json(outcome.training.seconds, outcome.seconds)},
                                         {"training", training_json(outcome.training)},
                                         {"peak_memory_bytes", base::peak_memory_bytes()}};
            if (outcome.evaluation) document["evaluation"] = quality_json(*outcome.evaluation);
            render(io, text_of(outcome), document);
            return {};
        });
}

}  // namespace shortlist::cli
