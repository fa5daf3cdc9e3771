#include "engine/training/train.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/data/catalogue.h"
#include "engine/training/cut_log.h"
#include "engine/training/ranker_features.h"
#include "engine/training/ranker_rows.h"

namespace shortlist::training {

namespace {

using eval::Part;

constexpr std::uint64_t kMovementSeed = 42;

// Common fields of a retriever's config.
template <class Read>
auto of_any(const RetrieverConfig& config, Read read) {
    return std::visit([&](const auto& kind) { return read(kind); }, config);
}

pipeline::RetrieverSpec spec_of(const RetrieverConfig& config, const std::string& first_signal) {
    pipeline::RetrieverSpec spec;
    spec.name = of_any(config, [](const auto& kind) { return kind.name; });
    spec.signal = of_any(config, [](const auto& kind) { return kind.signal; });
    spec.candidates = of_any(config, [](const auto& kind) { return kind.candidates; });
    if (spec.signal.empty()) spec.signal = first_signal;
    if (const auto* popularity = std::get_if<PopularityRetrieverConfig>(&config)) {
        spec.kind = pipeline::RetrieverKind::Popularity;
        spec.half_life = popularity->half_life;
    } else {
        spec.kind = std::holds_alternative<IalsRetrieverConfig>(config) ? pipeline::RetrieverKind::Ials : pipeline::RetrieverKind::ItemToItem;
    }
    return spec;
}

// Everything that is the same for each set of models.
class Trainer {
public:
    Trainer(const data::Dataset& data, const TrainingConfig& config, ThreadPool& pool, const StepProgress& progress)
        : data_(data), config_(config), pool_(pool), progress_(progress) {}

    Result<TrainedModels> run() {
        SHORTLIST_TRY(prepare());
        pipeline::ModelParts first;
        if (const auto* ranker = std::get_if<LightGbmRankerConfig>(&config_.ranker)) {
            SHORTLIST_ASSIGN(first, step("fit", [&] { return fit(log_->periods.before(Part::Rank)); }));
            SHORTLIST_TRY(train_ranker(*ranker, first));
        }
        SHORTLIST_ASSIGN(auto holdout, step("refit before the test", [&] { return fit(log_->periods.before(Part::Test)); }));
        SHORTLIST_ASSIGN(auto shipped, step("refit on everything", [&] { return fit({}); }));
        if (out_.spec.has_ranker) SHORTLIST_TRY(step("score movement", [&] { return measure_movement(std::move(first), shipped); }));
        holdout.forest_text = forest_text_;
        shipped.forest_text = forest_text_;
        out_.holdout = std::move(holdout);
        out_.shipped = std::move(shipped);
        return std::move(out_);
    }

private:
    template <class Run>
    std::invoke_result_t<Run> step(const char* name, Run run) {
        if (progress_) progress_(name, 0.0);
        const double started = base::monotonic_seconds();
        auto result = run();
        out_.report.seconds.emplace_back(name, base::monotonic_seconds() - started);
        return result;
    }

    Status prepare() {
        std::vector<data::Signal> signals;
        for (const auto& [name, config] : config_.signals) signals.push_back({name, config});
        if (signals.empty()) return base::invalid_argument("signals: at least one is needed");
        SHORTLIST_ASSIGN(signals_, data::SignalSet::create(std::move(signals)));
        SHORTLIST_ASSIGN(auto log, CutLog::create(data_, signals_, config_.split));
        log_.emplace(std::move(log));
        auto& spec = out_.spec;
        spec.has_times = data_.time_form == data::TimeForm::Column;
        spec.items = data_.items.size();
        spec.item_ids_sha256 = data::digest_of_ids(data_.items, data_.items.size());
        spec.signals = config_.signals;
        spec.surfaces = config_.surfaces;
        if (spec.surfaces.empty()) spec.surfaces.emplace_back("home", pipeline::SurfaceConfig{});
        for (const auto& retriever : config_.retrievers) spec.retrievers.push_back(spec_of(retriever, config_.signals.front().first));
        if (!spec.has_times) {
            for (auto& retriever : spec.retrievers) retriever.half_life.us = 0;
        }
        return prepare_features();
    }

    // The columns of the ranker, and the values behind its categories.
    Status prepare_features() {
        auto& spec = out_.spec;
        std::vector<std::string> names;
        for (const auto& retriever : spec.retrievers) names.push_back(retriever.name);
        const features::PlanInputs inputs{data_.items, data_.users, data_.events, signals_, names, spec.has_times};
        spec.features = ranker_features(config_.features, config_.ranker, inputs);
        SHORTLIST_ASSIGN(const auto plan, features::FeaturePlan::create(spec.features, inputs));
        for (auto& feature : spec.features) {
            if (feature.name.empty()) feature.name = features::derived_name(feature);
        }
        for (auto& values : plan.category_values(inputs)) spec.categories.push_back({std::move(values)});
        return {};
    }

    // Retrievers over the events with known[i] != 0; empty: all.
    Result<pipeline::ModelParts> fit(const std::vector<std::uint8_t>& known) {
        pipeline::ModelParts parts;
        std::vector<data::SignalMask> masks = log_->masks;
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (known[i] == 0) masks[i] = 0;
        }
        for (std::size_t r = 0; r < config_.retrievers.size(); ++r) {
            SHORTLIST_ASSIGN(const std::size_t signal, signals_.find(out_.spec.retrievers[r].signal));
            const auto chosen =
                data::collect_interactions({data_.events, masks, 0, data_.events.size()}, signal, data_.users.size(), data_.items.size());
            SHORTLIST_ASSIGN(auto model, fit_one(config_.retrievers[r], chosen));
            parts.retrievers.push_back(std::move(model));
        }
        return parts;
    }

    Result<pipeline::RetrieverModel> fit_one(const RetrieverConfig& config, const data::Interactions& chosen) {
        if (const auto* ials = std::get_if<IalsRetrieverConfig>(&config)) {
            if (chosen.items.empty()) return no_choices(ials->name);
            SHORTLIST_ASSIGN(auto model, train_ials(chosen, ials->model, pool_));
            return pipeline::RetrieverModel(std::move(model));
        }
        if (const auto* lists = std::get_if<ItemToItemRetrieverConfig>(&config)) {
            if (chosen.items.empty()) return no_choices(lists->name);
            SHORTLIST_ASSIGN(auto model, train_item_to_item(chosen, lists->model, pool_));
            return pipeline::RetrieverModel(std::move(model));
        }
        return pipeline::RetrieverModel{};
    }

    static Error no_choices(const std::string& retriever) {
        return base::invalid_argument("retriever " + retriever + ": no event of the training part carries its signal; check `signals` and `split`");
    }

    Status train_ranker(const LightGbmRankerConfig& config, pipeline::ModelParts first) {
        pipeline::ModelSpec unranked = out_.spec;
        unranked.has_ranker = false;
        SHORTLIST_ASSIGN(auto models, pipeline::ServingModels::create(unranked, std::move(first), data_));
        SHORTLIST_ASSIGN(RowReport train, step("rows", [&] { return rows_of_part(*log_, models, config, {Part::Rank}, pool_); }));
        SHORTLIST_ASSIGN(RowReport validation,
                         step("validation rows", [&] { return rows_of_part(*log_, models, config, {Part::Validation}, pool_); }));
        if (config_.features.automatic()) drop_constants(train.rows, validation.rows);
        auto& report = out_.report;
        report.train_requests = train.requests;
        report.train_rows = train.rows.size();
        report.validation_requests = validation.requests;
        report.validation_rows = validation.rows.size();
        report.chosen = train.chosen;
        report.chosen_missed = train.chosen_missed;
        auto forest = step("ranker", [&] {
            return train_lightgbm(train.rows, validation.rows, config.model, [&](std::size_t trees, double) {
                if (progress_) progress_("ranker", static_cast<double>(trees) / static_cast<double>(config.model.trees));
            });
        });
        if (!forest) {
            // Too little data to learn an order from is no reason to serve nothing: the blended order stands in.
            if (forest.error().code == ErrorCode::Internal) return std::move(forest).error();
            report.ranker_left_out = forest.error().message;
            return {};
        }
        out_.spec.has_ranker = true;
        forest_text_ = std::move(forest->model_text);
        report.trees = forest->best_iteration;
        report.validation_metric = forest->metric;
        report.validation_value = forest->best_iteration > 0 ? forest->validation_metric[forest->best_iteration - 1] : 0.0;
        report.importance = std::move(forest->importance);
        return {};
    }

    // What was derived and says nothing is not served either. A derived feature has one column.
    void drop_constants(RankingRows& train, RankingRows& validation) {
        auto& spec = out_.spec;
        const auto constant = constant_columns(train);
        for (auto column = constant.rbegin(); column != constant.rend(); ++column) {
            out_.report.constant_features.insert(out_.report.constant_features.begin(), spec.features[*column].name);
            spec.features.erase(spec.features.begin() + static_cast<std::ptrdiff_t>(*column));
            spec.categories.erase(spec.categories.begin() + static_cast<std::ptrdiff_t>(*column));
        }
        drop_columns(constant, train);
        drop_columns(constant, validation);
    }

    // Without features: what retrievers say needs none, and the replay is the faster for it.
    Status measure_movement(pipeline::ModelParts before, pipeline::ModelParts after) {
        pipeline::ModelSpec spec = out_.spec;
        spec.has_ranker = false;
        spec.features.clear();
        spec.categories.clear();
        SHORTLIST_ASSIGN(const auto old_models, pipeline::ServingModels::create(spec, std::move(before), data_));
        SHORTLIST_ASSIGN(const auto new_models, pipeline::ServingModels::create(spec, std::move(after), data_));
        out_.report.movement = score_movement({data_, log_->masks, {}}, old_models, new_models, kMovementSeed, pool_);
        return {};
    }

    const data::Dataset& data_;
    const TrainingConfig& config_;
    ThreadPool& pool_;
    const StepProgress& progress_;
    data::SignalSet signals_;
    std::optional<CutLog> log_;
    std::string forest_text_;
    TrainedModels out_;
};

}  // namespace

Result<TrainedModels> train_models(const data::Dataset& data, const TrainingConfig& config, ThreadPool& pool, const StepProgress& progress) {
    return Trainer(data, config, pool, progress).run();
}

}  // namespace shortlist::training
