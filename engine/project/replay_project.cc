#include "engine/project/replay_project.h"

#include <utility>
#include <vector>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/bundle_folder.h"
#include "engine/project/project_data.h"
#include "engine/training/ranker_rows.h"

namespace shortlist::project {

namespace {

data::ColumnBatch batch_of(const training::RankingRows& rows) {
    data::ColumnBatch batch;
    batch.rows = rows.size();
    std::vector<std::int64_t> requests;
    for (std::size_t group = 0; group < rows.group_sizes.size(); ++group) {
        requests.insert(requests.end(), rows.group_sizes[group], static_cast<std::int64_t>(group));
    }
    batch.columns.push_back({"request", std::move(requests), {}});
    batch.columns.push_back({"label", rows.labels, {}});
    batch.columns.push_back({"weight", rows.weights, {}});
    const std::size_t width = rows.feature_count();
    for (std::size_t f = 0; f < width; ++f) {
        std::vector<float> column(rows.size());
        for (std::size_t r = 0; r < rows.size(); ++r) column[r] = rows.values[r * width + f];
        batch.columns.push_back({rows.feature_names[f], std::move(column), {}});
    }
    return batch;
}

}  // namespace

Result<ReplayReport> replay_project(const Project& project, const ReplayOptions& options, const RunContext& run) {
    const double started = base::monotonic_seconds();
    SHORTLIST_ASSIGN(const auto bundle, data::open_current_bundle(project.folder / "bundles"));
    SHORTLIST_ASSIGN(const auto data, load_project_data(project));
    SHORTLIST_ASSIGN(auto models, pipeline::ServingModels::load(bundle, "holdout/", data));
    SHORTLIST_ASSIGN(const auto log, training::CutLog::create(data, models->signals(), project.config.split));
    const auto* ranker = std::get_if<training::LightGbmRankerConfig>(&project.config.ranker);
    const auto config = ranker != nullptr ? *ranker : training::LightGbmRankerConfig{};
    SHORTLIST_ASSIGN(const auto report, training::rows_of_part(log, models, config, eval::Part::Rank, run.pool));
    ReplayReport out;
    out.path = project.folder / options.out;
    SHORTLIST_TRY(data::write_parquet(out.path, batch_of(report.rows)));
    out.rows = report.rows.size();
    out.requests = report.requests;
    out.features = report.rows.feature_count();
    out.chosen = report.chosen;
    out.chosen_missed = report.chosen_missed;
    out.seconds = base::monotonic_seconds() - started;
    return out;
}

}  // namespace shortlist::project
