#include "engine/project/feature_list.h"

#include <charconv>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/rfc3339.h"
#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/data/time_travel.h"
#include "engine/features/explain.h"
#include "engine/features/plan.h"
#include "engine/pipeline/log_state.h"
#include "engine/pipeline/recommender.h"
#include "engine/project/project_data.h"
#include "engine/training/ranker_features.h"

namespace shortlist::project {

namespace {

Result<features::FeaturePlan> plan_of(const Project& project) {
    SHORTLIST_ASSIGN(const data::Dataset dataset, load_project_data(project));
    std::vector<data::Signal> named;
    for (const auto& [name, config] : project.config.signals) named.push_back({name, config});
    SHORTLIST_ASSIGN(const data::SignalSet signals, data::SignalSet::create(std::move(named)));
    std::vector<std::string> retrievers;
    for (const auto& retriever : project.config.retrievers) {
        retrievers.push_back(std::visit([](const auto& config) { return config.name; }, retriever));
    }
    const features::PlanInputs inputs{dataset.items, dataset.users, dataset.events, signals, retrievers, dataset.time_form == data::TimeForm::Column};
    auto definitions = training::ranker_features(project.config.features, project.config.ranker, inputs);
    return features::FeaturePlan::create(std::move(definitions), inputs);
}

Result<data::Dataset> data_at(const Project& project, const std::string& at) {
    std::size_t records = 0;
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), records);
    if (at.empty() || error != std::errc() || end != at.data() + at.size()) return load_project_data(project, AsOf{at, "at"});
    SHORTLIST_ASSIGN(auto data, load_project_data(project));
    if (records == 0 || records > data.events.size()) {
        return base::invalid_argument("at: must be a time, or 1 to " + std::to_string(data.events.size()) + " events; got " + at);
    }
    data::cut_at(records, data);
    return data;
}

Result<ItemRow> find_item(const std::string& id, const data::EntityTable& items) {
    const ItemRow row = items.ids.find(id);
    if (row != kNoRow) return row;
    return base::not_found("item: none is called '" + base::printable(id) + "'; there are " + base::format_count(items.size()) + " items");
}

// The rows that the ranker would see: also where the bundle has none.
ShownFeatures look(const pipeline::LogState& state, const pipeline::World& world, const pipeline::Request& request) {
    pipeline::Scratch scratch;
    const features::UserState& user = state.fold().user(request.user);
    (void)pipeline::Recommender(state.items(), state.users()).recommend(request, user, world, scratch);
    const features::FeaturePlan& plan = state.models().plan();
    const features::FeatureExecutor executor(plan, state.items(), state.users());
    const features::FeatureMoment moment{{request.time, request.user, request.context}, user, world.shared()};
    ShownFeatures shown;
    shown.time = request.time;
    shown.tick = world.shared().tick_time();
    shown.known_user = request.user != kNoRow;
    SHORTLIST_CHECK(scratch.rows.size() == plan.columns().size(), scratch.rows.size());  // the one item was given, and nothing hides it
    for (std::size_t c = 0; c < plan.columns().size(); ++c) {
        const auto& column = plan.columns()[c];
        shown.features.push_back(
            {column.config.name, scratch.rows[c], features::state_behind(column, plan, executor, moment, request.candidates.front())});
    }
    return shown;
}

}  // namespace

Result<std::vector<features::FeatureConfig>> list_features(const Project& project) {
    SHORTLIST_ASSIGN(const auto plan, plan_of(project));
    std::vector<features::FeatureConfig> listed;
    for (const auto& column : plan.columns()) listed.push_back(column.config);
    return listed;
}

Result<ExplainedFeature> explain_feature(const Project& project, const std::string& name) {
    SHORTLIST_ASSIGN(const auto plan, plan_of(project));
    for (const auto& column : plan.columns()) {
        if (column.config.name == name) return ExplainedFeature{column.config, features::explain(column, plan)};
    }
    const std::string near = base::nearest(name, plan.names());
    return base::not_found("no feature is called '" + base::printable(name) + "'" +
                           (near.empty() ? "; shortlist features list shows all" : "; did you mean '" + near + "'?"));
}

Result<ShownFeatures> show_features(const Project& project, const ShowFeaturesOptions& options) {
    SHORTLIST_ASSIGN(const auto bundle, data::open_current_bundle(project.folder / "bundles"));
    SHORTLIST_ASSIGN(auto data, data_at(project, options.at));
    SHORTLIST_ASSIGN(const auto models, pipeline::ServingModels::load(bundle, "", data));
    pipeline::LogState state(models, std::move(data));
    pipeline::Request request;
    SHORTLIST_ASSIGN(const ItemRow item, find_item(options.item, state.items()));
    request.user = options.user.empty() ? kNoRow : state.users().ids.find(options.user);
    request.time = base::parse_rfc3339(options.at).value_or(state.newest_event());
    request.size = 1;
    request.candidates = std::span(&item, 1);
    request.wants_features = true;
    if (models->spec().has_times) state.take(data::Tick{request.time});
    const auto world = state.publish();
    ShownFeatures shown = look(state, *world, request);
    shown.bundle = bundle.manifest.name;
    shown.events = state.events();
    return shown;
}

}  // namespace shortlist::project
