#include "engine/project/feature_list.h"

#include <string>
#include <utility>
#include <variant>

#include "engine/features/plan.h"
#include "engine/project/project_data.h"
#include "engine/training/ranker_features.h"

namespace shortlist::project {

Result<std::vector<features::FeatureConfig>> list_features(const Project& project) {
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
    SHORTLIST_ASSIGN(const auto plan, features::FeaturePlan::create(std::move(definitions), inputs));
    std::vector<features::FeatureConfig> listed;
    for (const auto& column : plan.columns()) listed.push_back(column.config);
    return listed;
}

}  // namespace shortlist::project
