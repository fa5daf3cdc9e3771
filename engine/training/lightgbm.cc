#include "engine/training/lightgbm.h"

#include <LightGBM/c_api.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <string_view>

#include "engine/base/clock.h"

namespace shortlist::training {
namespace {

using base::invalid_argument;

struct FreeDataset {
    void operator()(void* handle) const { LGBM_DatasetFree(handle); }
};
struct FreeBooster {
    void operator()(void* handle) const { LGBM_BoosterFree(handle); }
};
using Dataset = std::unique_ptr<void, FreeDataset>;
using Booster = std::unique_ptr<void, FreeBooster>;

Status check(int code) {
    if (code == 0) return {};
    return base::internal_error(std::string("LightGBM: ") + LGBM_GetLastError());
}

std::string to_text(double value) {
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::string label_gains() {
    std::string gains;
    for (int label = 0; label <= static_cast<int>(kLabelMax); ++label) gains += (label == 0 ? "" : ",") + std::to_string((1LL << label) - 1);
    return gains;
}

std::string categorical_features(const RankingRows& rows) {
    std::string list;
    for (std::size_t feature = 0; feature < rows.feature_count(); ++feature) {
        if (rows.categorical[feature] != 0) list += (list.empty() ? "" : ",") + std::to_string(feature);
    }
    return list;
}

std::string objective_parameters(const LightGbmConfig& config) {
    if (config.objective == ForestObjective::Binary) return " objective=binary metric=binary_logloss";
    return " objective=lambdarank metric=ndcg eval_at=10 bagging_by_query=true label_gain=" + label_gains() +
           " lambdarank_truncation_level=" + std::to_string(config.truncation_level);
}

/// The sums of sparse features are made of one part a thread, so the model's last bits go by the number of threads: it depends on
/// the rows alone, never on the machine. Of few rows two threads spend their time waiting for each other.
std::size_t training_threads(const RankingRows& rows) { return rows.size() < 100'000 ? 1 : 2; }

std::string parameters(const RankingRows& rows, const LightGbmConfig& config) {
    std::string text = "verbosity=-1 deterministic=true force_col_wise=true num_threads=" + std::to_string(training_threads(rows));
    text += objective_parameters(config);
    text += " num_iterations=" + std::to_string(config.trees);
    text += " num_leaves=" + std::to_string(config.leaves);
    text += " learning_rate=" + to_text(config.learning_rate);
    text += " min_data_in_leaf=" + std::to_string(config.min_rows_per_leaf);
    text += " feature_fraction=" + to_text(config.feature_fraction);
    if (config.bagging_fraction < 1.0) text += " bagging_freq=1 bagging_fraction=" + to_text(config.bagging_fraction);
    text += " lambda_l2=" + to_text(config.regularization);
    text += " seed=" + std::to_string(config.seed & 0x7fffffffU);  // LightGBM's seed is a signed int
    const std::string categorical = categorical_features(rows);
    if (!categorical.empty()) text += " categorical_feature=" + categorical;
    return text;
}

bool has_two_classes(const RankingRows& rows) {
    const auto positive = [](float label) { return label > 0.0F; };
    return std::any_of(rows.labels.begin(), rows.labels.end(), positive) && !std::all_of(rows.labels.begin(), rows.labels.end(), positive);
}

bool has_an_order(const RankingRows& rows) {
    auto begin = rows.labels.begin();
    for (const std::uint32_t size : rows.group_sizes) {
        const auto end = begin + static_cast<std::ptrdiff_t>(size);
        if (std::adjacent_find(begin, end, std::not_equal_to<>()) != end) return true;
        begin = end;
    }
    return false;
}

Status check_rows(const RankingRows& rows, ForestObjective objective) {
    SHORTLIST_TRY(rows.validate());
    if (rows.size() == 0 || rows.feature_count() == 0) return invalid_argument("there are no rows or no features");
    if (rows.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        return invalid_argument(std::to_string(rows.size()) + " rows are more than LightGBM takes, 2147483647");
    }
    if (objective == ForestObjective::Binary && !has_two_classes(rows)) return invalid_argument("all labels are of one class");
    if (objective == ForestObjective::LambdaRank && !has_an_order(rows)) return invalid_argument("no request has two different labels");
    return {};
}

Status check_input(const RankingRows& train, const RankingRows& validation, ForestObjective objective) {
    if (auto checked = check_rows(train, objective); !checked) return std::move(checked).error().in("training rows");
    if (auto checked = check_rows(validation, objective); !checked) return std::move(checked).error().in("validation rows");
    if (train.feature_names != validation.feature_names || train.categorical != validation.categorical) {
        return invalid_argument("training and validation rows have different features");
    }
    return {};
}

/// The rows as LightGBM holds them; `reference` lends its bins, null finds bins anew.
Result<Dataset> make_dataset(const RankingRows& rows, const std::string& parameters, const Dataset& reference) {
    const auto count = static_cast<std::int32_t>(rows.size());
    const auto columns = static_cast<std::int32_t>(rows.feature_count());
    void* handle = nullptr;
    SHORTLIST_TRY(check(LGBM_DatasetCreateFromMat(rows.values.data(), C_API_DTYPE_FLOAT32, count, columns, /*is_row_major=*/1, parameters.c_str(),
                                                  reference.get(), &handle)));
    Dataset dataset(handle);
    SHORTLIST_TRY(check(LGBM_DatasetSetField(handle, "label", rows.labels.data(), count, C_API_DTYPE_FLOAT32)));
    SHORTLIST_TRY(
        check(LGBM_DatasetSetField(handle, "group", rows.group_sizes.data(), static_cast<int>(rows.group_sizes.size()), C_API_DTYPE_INT32)));
    if (!rows.weights.empty()) SHORTLIST_TRY(check(LGBM_DatasetSetField(handle, "weight", rows.weights.data(), count, C_API_DTYPE_FLOAT32)));
    std::vector<const char*> names;
    for (const std::string& name : rows.feature_names) names.push_back(name.c_str());
    SHORTLIST_TRY(check(LGBM_DatasetSetFeatureNames(handle, names.data(), columns)));
    return dataset;
}

Result<Booster> make_booster(const Dataset& train, const Dataset& validation, const std::string& parameters) {
    void* handle = nullptr;
    SHORTLIST_TRY(check(LGBM_BoosterCreate(train.get(), parameters.c_str(), &handle)));
    Booster booster(handle);
    SHORTLIST_TRY(check(LGBM_BoosterAddValidData(handle, validation.get())));
    return booster;
}

Result<double> validation_metric(const Booster& booster) {
    int count = 0;
    double value = 0.0;  // one metric at one cut, so one value
    SHORTLIST_TRY(check(LGBM_BoosterGetEval(booster.get(), /*data_idx=*/1, &count, &value)));
    return value;
}

/// Grows trees until they stop helping; fills best_iteration and validation_metric.
Status grow(const Booster& booster, const LightGbmConfig& config, const TreeProgress& progress, TrainedForest& forest) {
    const double sign = config.objective == ForestObjective::Binary ? -1.0 : 1.0;
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t tree = 1; tree <= config.trees; ++tree) {
        int is_finished = 0;
        SHORTLIST_TRY(check(LGBM_BoosterUpdateOneIter(booster.get(), &is_finished)));
        if (is_finished != 0) break;
        SHORTLIST_ASSIGN(const double metric, validation_metric(booster));
        forest.validation_metric.push_back(metric);
        if (progress) progress(tree, metric);
        if (sign * metric > best) {
            best = sign * metric;
            forest.best_iteration = tree;
        }
        if (config.early_stopping_rounds > 0 && tree - forest.best_iteration >= config.early_stopping_rounds) break;
    }
    if (forest.best_iteration > 0) return {};
    return base::failed_precondition("no tree could be grown: no split leaves min_rows_per_leaf = " + std::to_string(config.min_rows_per_leaf) +
                                     " rows on both sides and helps; there are too few rows, or features that say nothing");
}

Result<std::string> model_text(const Booster& booster, std::size_t iterations) {
    std::string text;
    std::int64_t bytes = 0;
    const auto save = [&] {
        return check(LGBM_BoosterSaveModelToString(booster.get(), 0, static_cast<int>(iterations), C_API_FEATURE_IMPORTANCE_GAIN,
                                                   static_cast<std::int64_t>(text.size()), &bytes, text.data()));
    };
    SHORTLIST_TRY(save());  // says how many bytes it takes, the final zero among them
    text.resize(static_cast<std::size_t>(bytes));
    SHORTLIST_TRY(save());
    text.resize(static_cast<std::size_t>(bytes) - 1);
    return text;
}

Result<std::vector<FeatureGain>> importance(const Booster& booster, const TrainedForest& forest, const RankingRows& rows) {
    std::vector<double> gains(rows.feature_count());
    SHORTLIST_TRY(
        check(LGBM_BoosterFeatureImportance(booster.get(), static_cast<int>(forest.best_iteration), C_API_FEATURE_IMPORTANCE_GAIN, gains.data())));
    std::vector<FeatureGain> table;
    for (std::size_t feature = 0; feature < gains.size(); ++feature) table.push_back({rows.feature_names[feature], gains[feature]});
    std::sort(table.begin(), table.end(),
              [](const FeatureGain& a, const FeatureGain& b) { return a.gain != b.gain ? a.gain > b.gain : a.feature < b.feature; });
    return table;
}

}  // namespace

Result<TrainedForest> train_lightgbm(const RankingRows& train, const RankingRows& validation, const LightGbmConfig& config,
                                     const TreeProgress& progress) {
    const double start = base::monotonic_seconds();
    SHORTLIST_TRY(check_input(train, validation, config.objective));
    LGBM_RegisterLogCallback([](const char*) {});  // for this thread; without one it prints
    const std::string options = parameters(train, config);
    SHORTLIST_ASSIGN(const Dataset train_set, make_dataset(train, options, nullptr));
    SHORTLIST_ASSIGN(const Dataset validation_set, make_dataset(validation, options, train_set));
    SHORTLIST_ASSIGN(const Booster booster, make_booster(train_set, validation_set, options));
    TrainedForest forest;
    forest.metric = config.objective == ForestObjective::Binary ? "binary_logloss" : "ndcg@10";
    SHORTLIST_TRY(grow(booster, config, progress, forest));
    SHORTLIST_ASSIGN(forest.model_text, model_text(booster, forest.best_iteration));
    SHORTLIST_ASSIGN(forest.importance, importance(booster, forest, train));
    forest.seconds = base::monotonic_seconds() - start;
    return forest;
}

}  // namespace shortlist::training
