#include "engine/training/lightgbm.h"

#include <gtest/gtest.h>

#include "engine/training/lightgbm_testing_internal.h"

namespace shortlist::training {
namespace {

LightGbmConfig small_config() {
    LightGbmConfig config;
    config.trees = 40;
    config.leaves = 8;
    config.min_rows_per_leaf = 20;
    return config;
}

TrainedForest trained(const RankingRows& train, const LightGbmConfig& config) {
    const RankingRows validation = generated_rows(40, train.feature_count(), config.objective == ForestObjective::Binary, 99);
    return train_lightgbm(train, validation, config, {}).value();
}

std::string error_of(const RankingRows& train, const RankingRows& validation, const LightGbmConfig& config = small_config()) {
    const auto forest = train_lightgbm(train, validation, config, {});
    return forest ? "no error" : forest.error().message;
}

TEST(TrainLightgbm, finds_the_features_that_make_the_label) {
    for (const auto objective : {ForestObjective::LambdaRank, ForestObjective::Binary}) {
        LightGbmConfig config = small_config();
        config.objective = objective;
        const TrainedForest forest = trained(generated_rows(200, 8, objective == ForestObjective::Binary, 1), config);
        ASSERT_EQ(forest.importance.size(), 8U);
        std::vector<std::string> first = {forest.importance[0].feature, forest.importance[1].feature, forest.importance[2].feature};
        std::sort(first.begin(), first.end());
        EXPECT_EQ(first, (std::vector<std::string>{"f0", "f1", "f2"}));
        EXPECT_GE(forest.importance[0].gain, forest.importance[1].gain);
        EXPECT_GT(forest.importance[2].gain, 2 * forest.importance[3].gain);
    }
}

TEST(TrainLightgbm, improves_the_metric_it_names_on_the_validation_rows) {
    const TrainedForest ranked = trained(generated_rows(200, 8, false, 1), small_config());
    EXPECT_EQ(ranked.metric, "ndcg@10");
    EXPECT_GT(ranked.validation_metric[ranked.best_iteration - 1], ranked.validation_metric.front());
    LightGbmConfig config = small_config();
    config.objective = ForestObjective::Binary;
    const TrainedForest binary = trained(generated_rows(200, 8, true, 1), config);
    EXPECT_EQ(binary.metric, "binary_logloss");
    EXPECT_LT(binary.validation_metric[binary.best_iteration - 1], binary.validation_metric.front());
}

// Fast steps over-fit soon, so that the best tree is not the last one.
TEST(TrainLightgbm, stops_after_the_patience_and_keeps_the_trees_up_to_the_best) {
    LightGbmConfig config = small_config();
    config.trees = 500;
    config.learning_rate = 0.5;
    config.early_stopping_rounds = 5;
    const TrainedForest forest = trained(generated_rows(100, 8, false, 1), config);
    EXPECT_EQ(forest.validation_metric.size(), forest.best_iteration + 5);
    const auto best = std::max_element(forest.validation_metric.begin(), forest.validation_metric.end());
    EXPECT_EQ(forest.best_iteration, static_cast<std::size_t>(best - forest.validation_metric.begin()) + 1);
    EXPECT_NE(forest.model_text.find("\nTree=" + std::to_string(forest.best_iteration - 1) + "\n"), std::string::npos);
    EXPECT_EQ(forest.model_text.find("\nTree=" + std::to_string(forest.best_iteration) + "\n"), std::string::npos);
    EXPECT_TRUE(forest.model_text.ends_with("\n")) << "and without the zero byte of a C string";
    config.early_stopping_rounds = 0;
    config.trees = 60;
    EXPECT_EQ(trained(generated_rows(100, 8, false, 1), config).validation_metric.size(), 60U);
}

TEST(TrainLightgbm, writes_the_same_text_again) {
    LightGbmConfig config = small_config();
    config.trees = 10;
    config.bagging_fraction = 0.7;
    config.feature_fraction = 0.7;
    for (const auto objective : {ForestObjective::LambdaRank, ForestObjective::Binary}) {
        config.objective = objective;
        const RankingRows rows = generated_rows(400, 8, objective == ForestObjective::Binary, 2);
        const TrainedForest one = trained(rows, config);
        for (int again = 0; again < 3; ++again) {
            const TrainedForest other = trained(rows, config);
            EXPECT_EQ(one.model_text, other.model_text);
            EXPECT_EQ(one.validation_metric, other.validation_metric);
        }
    }
}

TEST(TrainLightgbm, draws_otherwise_with_another_seed) {
    LightGbmConfig config = small_config();
    config.feature_fraction = 0.5;
    const RankingRows rows = generated_rows(100, 8, false, 2);
    const std::string first = trained(rows, config).model_text;
    config.seed = 43;
    EXPECT_NE(first.substr(0, first.find("parameters:")), trained(rows, config).model_text.substr(0, first.find("parameters:")));
}

// Each row stands there a second time with the opposite label and weight 0.
TEST(TrainLightgbm, learns_nothing_from_rows_of_weight_0) {
    LightGbmConfig config = small_config();
    config.objective = ForestObjective::Binary;
    RankingRows rows = generated_rows(100, 8, true, 3);
    const std::size_t count = rows.size();
    const std::vector<float> values = rows.values;
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.weights.assign(count, 1.0F);
    for (std::size_t row = 0; row < count; ++row) {
        rows.labels.push_back(1.0F - rows.labels[row]);
        rows.weights.push_back(0.0F);
    }
    rows.group_sizes.assign(200, 20);
    const TrainedForest weighted = trained(rows, config);
    EXPECT_LT(weighted.validation_metric.back(), 0.55);  // a coin's log loss is 0.693, and the rows alone reach about 0.4
    rows.weights.clear();
    const auto unweighted = train_lightgbm(rows, generated_rows(40, 8, true, 99), config, {});
    EXPECT_TRUE(!unweighted || unweighted->validation_metric.back() > 0.65);
}

TEST(TrainLightgbm, takes_the_highest_label) {
    RankingRows rows = generated_rows(100, 8, false, 4);
    for (float& label : rows.labels) label = label == 4.0F ? kLabelMax : label;
    EXPECT_EQ(error_of(rows, rows), "no error");
}

TEST(TrainLightgbm, tells_each_tree_and_prints_nothing) {
    std::vector<std::size_t> trees;
    std::vector<double> metrics;
    const RankingRows rows = generated_rows(100, 8, false, 5);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto forest = train_lightgbm(rows, rows, small_config(), [&](std::size_t tree, double metric) {
        trees.push_back(tree);
        metrics.push_back(metric);
    });
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(metrics, forest->validation_metric);
    ASSERT_EQ(trees.size(), 40U);
    EXPECT_EQ(trees.front(), 1U);
    EXPECT_EQ(trees.back(), 40U);
}

TEST(TrainLightgbm, refuses_rows_that_hold_nothing_to_learn) {
    const RankingRows rows = generated_rows(20, 8, false, 6);
    RankingRows none = rows;
    none.values.clear();
    none.labels.clear();
    none.group_sizes.clear();
    EXPECT_EQ(error_of(none, rows), "training rows: there are no rows or no features");
    EXPECT_EQ(error_of(rows, none), "validation rows: there are no rows or no features");

    RankingRows flat = rows;
    for (std::size_t row = 0; row < flat.size(); ++row) flat.labels[row] = static_cast<float>(row / 20 % 2);  // differs between requests only
    EXPECT_EQ(error_of(flat, rows), "training rows: no request has two different labels");
    EXPECT_EQ(error_of(rows, flat), "validation rows: no request has two different labels");

    LightGbmConfig binary = small_config();
    binary.objective = ForestObjective::Binary;
    RankingRows positive = rows;
    for (float& label : positive.labels) label += 1.0F;
    EXPECT_EQ(error_of(positive, rows, binary), "training rows: all labels are of one class");

    LightGbmConfig wide = small_config();
    wide.min_rows_per_leaf = 300;  // of 400 rows
    EXPECT_TRUE(error_of(rows, rows, wide).starts_with("no tree could be grown: no split leaves min_rows_per_leaf = 300 rows on both sides"));
}

TEST(TrainLightgbm, refuses_rows_that_are_not_valid_or_not_alike) {
    const RankingRows rows = generated_rows(20, 8, false, 6);
    RankingRows wrong = rows;
    wrong.labels[3] = 0.5F;
    EXPECT_EQ(error_of(wrong, rows), "training rows: the label of row 3 is not a whole number in 0..31");
    RankingRows renamed = rows;
    renamed.feature_names[0] = "other";
    EXPECT_EQ(error_of(rows, renamed), "training and validation rows have different features");
}

}  // namespace
}  // namespace shortlist::training
