#include "engine/project/project_replay.h"

#include <utility>

#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/data/time_travel.h"
#include "engine/features/fold.h"
#include "engine/project/project_data.h"
#include "engine/training/impression_rows.h"
#include "engine/training/ranker_features.h"

namespace shortlist::project {

namespace {

bool reads_retriever(const features::FeatureConfig& feature) { return feature.kind >= features::FeatureKind::Dot; }

}  // namespace

Result<std::unique_ptr<const ProjectReplay>> ProjectReplay::open(const Project& project, ReplayRows rows, const std::optional<ReplayPin>& pin) {
    std::unique_ptr<ProjectReplay> replay(new ProjectReplay());
    if (pin) replay->pin_ = *pin;
    SHORTLIST_TRY(replay->read_log(project, pin));
    SHORTLIST_TRY(rows == ReplayRows::Ranker ? replay->prepare_ranker(project) : replay->prepare_impressions(project));
    return std::unique_ptr<const ProjectReplay>(std::move(replay));
}

Status ProjectReplay::read_log(const Project& project, const std::optional<ReplayPin>& pin) {
    SHORTLIST_ASSIGN(data_, load_project_data(project));
    if (pin && (data_.events.size() < pin->events || data_.changes.size() < pin->changes)) {
        return base::unavailable("the log has " + std::to_string(data_.events.size()) + " events and " + std::to_string(data_.changes.size()) +
                                 " changes; the replay began with " + std::to_string(pin->events) + " and " + std::to_string(pin->changes));
    }
    if (pin) data::cut_at(pin->events, pin->changes, data_);
    pin_.events = data_.events.size();
    pin_.changes = data_.changes.size();
    return {};
}

Status ProjectReplay::prepare_ranker(const Project& project) {
    const auto bundles = project.folder / "bundles";
    SHORTLIST_ASSIGN(const auto bundle, pin_.bundle.empty() ? data::open_current_bundle(bundles) : data::open_bundle(bundles, pin_.bundle));
    pin_.bundle = bundle.manifest.name;
    SHORTLIST_ASSIGN(models_, pipeline::ServingModels::load(bundle, "holdout/", data_));
    SHORTLIST_ASSIGN(auto log, training::CutLog::create(data_, models_->signals(), project.config.split));
    log_.emplace(std::move(log));
    happens_ = log_->periods.happens(eval::Part::Rank);
    if (const auto* ranker = std::get_if<training::LightGbmRankerConfig>(&project.config.ranker)) ranker_ = *ranker;
    const auto rows = [this](const training::ReplayLog& log_of_share, ThreadPool& pool) {
        return training::rows_of_part(*log_, models_, ranker_, {eval::Part::Rank, log_of_share.share}, pool);
    };
    job_.emplace(training::ReplayJob{{data_, log_->masks, happens_}, models_->plan(), models_->tick(), rows});
    return {};
}

Status ProjectReplay::prepare_impressions(const Project& project) {
    if (data_.events.types.find(data::kImpressionType) == kNoRow) {
        return base::failed_precondition("rows: impressions needs events of type '" + std::string(data::kImpressionType) + "', and the log has none");
    }
    std::vector<data::Signal> named;
    for (const auto& [name, config] : project.config.signals) named.push_back({name, config});
    SHORTLIST_ASSIGN(const auto signals, data::SignalSet::create(std::move(named)));
    std::vector<std::string> retrievers;
    for (const auto& retriever : project.config.retrievers) {
        retrievers.push_back(std::visit([](const auto& config) { return config.name; }, retriever));
    }
    const bool has_times = data_.time_form == data::TimeForm::Column;
    const features::PlanInputs inputs{data_.items, data_.users, data_.events, signals, retrievers, has_times};
    training::LightGbmRankerConfig of_impressions;
    of_impressions.rows = training::RowSource::Impressions;
    auto definitions = training::ranker_features(project.config.features, of_impressions, inputs);
    for (const auto& feature : definitions) {
        if (reads_retriever(feature)) left_out_.push_back(feature.name.empty() ? features::derived_name(feature) : feature.name);
    }
    std::erase_if(definitions, reads_retriever);
    SHORTLIST_ASSIGN(plan_, features::FeaturePlan::create(std::move(definitions), inputs));
    masks_ = features::fold_masks(data_.events, signals);
    grades_ = training::grades_of(signals);
    const TimeUs tick = has_times ? features::kTickUs : features::kOrdinalTick;
    const auto rows = [this, tick](const training::ReplayLog& log, ThreadPool&) -> Result<training::RowReport> {
        return training::impression_rows(log, plan_, tick, training::collect_exposures({data_.events, masks_, 0, data_.events.size()}, grades_));
    };
    job_.emplace(training::ReplayJob{{data_, masks_, {}}, plan_, tick, rows});
    return {};
}

}  // namespace shortlist::project
