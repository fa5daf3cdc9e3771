#include "engine/project/train_project.h"

#include <boost/json.hpp>

#include <algorithm>
#include <numeric>

#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/kernels/cpu.h"
#include "engine/project/library_versions.h"
#include "engine/project/project_data.h"
#include "engine/simulation/shorts_files.h"
#include "engine/simulation/shorts_oracle.h"

namespace shortlist::project {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// The oracle looks at every item for each user it serves; so many users pin its mean down well enough.
constexpr std::size_t kOracleUsers = 400;

training::TrainingConfig training_config(const ProjectConfig& config) {
    training::TrainingConfig out;
    out.signals = config.signals;
    out.features = config.features;
    out.retrievers = config.retrievers;
    out.ranker = config.ranker;
    out.surfaces = config.surfaces;
    out.split = config.split;
    return out;
}

// 20260131-235959 of a time; where a bundle has that name, 20260131-235959-2 and so on.
std::string free_bundle_name(const fs::path& bundles, TimeUs now) {
    std::string second;
    for (const char c : base::format_time(now / kSecondUs * kSecondUs)) {
        if (base::is_digit(c)) second += c;
        if (c == 'T') second += '-';
    }
    std::string name = second;
    std::error_code code;
    for (int next = 2; fs::exists(bundles / name, code); ++next) name = second + "-" + std::to_string(next);
    return name;
}

json::array rows_json(const std::vector<eval::MetricRow>& rows) {
    json::array list;
    for (const auto& row : rows) {
        list.push_back({{"stage", row.stage},
                        {"metric", row.metric},
                        {"k", row.k},
                        {"mean", row.mean},
                        {"low", row.low},
                        {"high", row.high},
                        {"users", row.users}});
    }
    return list;
}

Status describe_bundle(const Project& project, const data::Dataset& data, const TrainOutcome& outcome, data::BundleDraft& draft) {
    const auto set = [&](const char* name, const json::value& value) { return draft.set_section(name, json::serialize(value)); };
    const auto [first, last] = std::minmax_element(data.events.time.begin(), data.events.time.end());
    SHORTLIST_TRY(draft.write_file("shortlist.yaml", project.text));
    SHORTLIST_TRY(set("data", json::object{{"events", data.events.size()},
                                           {"users", data.users.size()},
                                           {"items", data.items.size()},
                                           {"first_time", base::format_time(*first)},
                                           {"last_time", base::format_time(*last)}}));
    SHORTLIST_TRY(set("cpu", json::string(kernels::name_of(kernels::active_cpu_level()))));
    json::object libraries;
    for (const auto& [library, version] : library_versions()) libraries[library] = version;
    SHORTLIST_TRY(set("libraries", libraries));
    json::object metrics;
    if (outcome.evaluation) {
        metrics["catalogue"] = rows_json(outcome.evaluation->catalogue);
        metrics["exposures"] = rows_json(outcome.evaluation->exposures);
    }
    return set("metrics", metrics);
}

// The truth of a generated world stands beside its events.
std::optional<simulation::ShortsOracle> find_oracle(const Project& project) {
    if (project.config.data.events.path.empty()) return std::nullopt;
    const auto folder = (project.folder / project.config.data.events.path.front()).parent_path();
    auto oracle = simulation::ShortsOracle::load(folder / simulation::kShortsTruthPath);
    if (!oracle) return std::nullopt;
    return std::move(*oracle);
}

// Row of each item of the generated world; kNoRow where the project has none.
std::vector<ItemRow> rows_of_world(const simulation::ShortsOracle& oracle, const data::EntityTable& items) {
    std::vector<ItemRow> rows(oracle.truth().items(), kNoRow);
    for (ItemRow row = 0; row < items.size(); ++row) {
        if (const auto index = oracle.item(items.ids[row]); index != kNoRow) rows[index] = row;
    }
    return rows;
}

// P(shown by the logging policy) x P(watched) of each item: the order that nobody can better on what the policy's log holds.
std::vector<double> oracle_scores(const simulation::ShortsOracle& oracle, std::uint32_t user, TimeUs time) {
    std::vector<double> scores(oracle.truth().items());
    std::vector<double> shown(scores.size());
    oracle.fill_probabilities(user, time, {}, scores);
    oracle.fill_exposures(user, time, shown);
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] *= shown[i];
    return scores;
}

// Fills `out` with what the question allows, the highest score first, and returns how many. rows, scores: by item of the world.
std::size_t fill_best(std::span<const double> scores, std::span<const ItemRow> rows, const training::ExtraQuestion& question,
                      std::span<ItemRow> out) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (rows[i] != kNoRow && question.hidden[rows[i]] != question.hidden_mark) order.push_back(i);
    }
    const std::size_t count = std::min(out.size(), order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::uint32_t a, std::uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
    for (std::size_t i = 0; i < count; ++i) out[i] = rows[order[i]];
    return count;
}

training::ExtraStage oracle_stage(const simulation::ShortsOracle& oracle, const data::Dataset& data) {
    training::ExtraStage stage;
    stage.name = "oracle";
    stage.users_max = kOracleUsers;
    stage.fill = [&oracle, &data, rows = rows_of_world(oracle, data.items)](const training::ExtraQuestion& question, std::span<ItemRow> out) {
        const auto user = oracle.user(data.users.ids[question.user]);
        return user == kNoRow ? 0 : fill_best(oracle_scores(oracle, user, question.time), rows, question, out);
    };
    return stage;
}

}  // namespace

Result<TrainOutcome> train_project(const Project& project, const TrainOptions& options, const RunContext& run) {
    const double started = base::monotonic_seconds();
    TrainOutcome outcome;
    const auto bundles = project.folder / "bundles";
    outcome.bundle = options.bundle.empty() ? free_bundle_name(bundles, run.clock.now()) : options.bundle;
    SHORTLIST_ASSIGN(auto draft, data::BundleDraft::create(bundles, outcome.bundle));
    SHORTLIST_ASSIGN(const auto data, load_project_data(project, AsOf{options.as_of}));
    SHORTLIST_ASSIGN(auto trained, training::train_models(data, training_config(project.config), run.pool, run.progress));
    outcome.training = trained.report;
    SHORTLIST_TRY(pipeline::save_models(trained.spec, trained.shipped, draft, ""));
    SHORTLIST_TRY(pipeline::save_models(trained.spec, trained.holdout, draft, "holdout/"));
    if (options.evaluate) {
        if (run.progress) run.progress("evaluate", 0.0);
        SHORTLIST_ASSIGN(const auto models, pipeline::ServingModels::create(trained.spec, std::move(trained.holdout), data));
        SHORTLIST_ASSIGN(outcome.evaluation, training::evaluate_models({data, project.config.split}, models, {}, run.pool));
    }
    SHORTLIST_TRY(describe_bundle(project, data, outcome, draft));
    SHORTLIST_TRY(std::move(draft).commit());
    if (options.promote) {
        SHORTLIST_TRY(data::promote_bundle(bundles, outcome.bundle));
        outcome.promoted = true;
    }
    outcome.seconds = base::monotonic_seconds() - started;
    return outcome;
}

Result<training::EvaluationReport> evaluate_project(const Project& project, const training::EvaluateOptions& options, const RunContext& run) {
    SHORTLIST_ASSIGN(const auto bundle, data::open_current_bundle(project.folder / "bundles"));
    SHORTLIST_ASSIGN(const auto data, load_project_data(project));
    SHORTLIST_ASSIGN(const auto models, pipeline::ServingModels::load(bundle, "holdout/", data));
    const auto oracle = find_oracle(project);
    std::optional<training::ExtraStage> extra;
    if (oracle) extra = oracle_stage(*oracle, data);
    return training::evaluate_models({data, project.config.split}, models, options, run.pool, extra ? &*extra : nullptr);
}

}  // namespace shortlist::project
