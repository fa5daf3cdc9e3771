#include "engine/project/demo.h"

#include "engine/base/process_memory.h"
#include "engine/project/generate_project.h"

namespace shortlist::project {

Result<DemoReport> run_demo(const std::filesystem::path& folder, const simulation::ShortsConfig& world, const RunContext& run) {
    DemoReport report;
    report.folder = folder;
    double started = base::monotonic_seconds();
    const auto begin = [&](const char* step) {
        if (run.progress) run.progress(step, 0.0);
        started = base::monotonic_seconds();
    };
    const auto end = [&](const char* step) { report.seconds.emplace_back(step, base::monotonic_seconds() - started); };

    begin("generate");
    if (auto generated = generate_shorts_project(folder, world, false, run.pool); !generated) return generated.error().in("generate");
    end("generate");

    begin("import");
    SHORTLIST_ASSIGN(const Project project, load_project(folder));
    data::ImportOptions import;
    import.clock = &run.clock;
    import.keep = project.config.log.keep.us;
    import.pool = &run.pool;
    auto imported = data::import_data(project.config.data, project.folder, import);
    if (!imported) return imported.error().in("import");
    report.import = std::move(*imported);
    end("import");

    begin("train");
    TrainOptions options;
    options.evaluate = false;  // the step below judges the same models, beside the oracle
    auto trained = train_project(project, options, run);
    if (!trained) return trained.error().in("train");
    report.train = std::move(*trained);
    end("train");

    begin("evaluate");
    auto evaluated = evaluate_project(project, {}, run);
    if (!evaluated) return evaluated.error().in("evaluate");
    report.evaluation = std::move(*evaluated);
    end("evaluate");
    report.peak_memory_bytes = base::peak_memory_bytes();
    return report;
}

}  // namespace shortlist::project
