// shortlist evaluate: scores the models in force on the held-out part.
#include "apps/cli/progress.h"
#include "apps/cli/quality_render.h"
#include "apps/cli/verbs.h"
#include "engine/project/train_project.h"

namespace shortlist::cli {

Verb evaluate_verb() {
    return Verb("evaluate", "Score each retriever, the blend, the ranker and the slate on the held-out part.")
        .details("The models are those of the bundle in force, as they were before they saw the held-out part.")
        .example("shortlist evaluate --k 10 --k 50")
        .option<training::EvaluateOptions>()
        .run([](const project::Project& project, const training::EvaluateOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool;
            ProgressBar bar(io, clock);
            const project::RunContext run{clock, pool, [&](std::string_view step, double done) { bar.update(step, done); }};
            SHORTLIST_ASSIGN(const auto report, project::evaluate_project(project, options, run));
            bar.finish();
            render(io, quality_text(report), quality_json(report));
            return {};
        });
}

}  // namespace shortlist::cli
