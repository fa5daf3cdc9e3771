#include "engine/eval/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace shortlist::eval {
namespace {

constexpr std::array<std::size_t, 2> kCuts{1, 2};

std::size_t index_of(const StageScores& scores, const MetricKey& key) {
    const auto& metrics = scores.metrics();
    return static_cast<std::size_t>(std::find(metrics.begin(), metrics.end(), key) - metrics.begin());
}

const MetricRow* find(const std::vector<MetricRow>& rows, std::string_view stage, std::string_view metric, std::size_t k) {
    for (const MetricRow& row : rows) {
        if (row.stage == stage && row.metric == metric && row.k == k) return &row;
    }
    return nullptr;
}

// User 0 likes 4, user 1 likes 4 and 7. "good" serves 4 then 7 to both; "bad" 9 then 4.
StageScores two_stages() {
    StageScores scores(2, {"good", "bad"}, list_metric_keys(kCuts));
    const std::vector<ItemRow> good{4, 7};
    const std::vector<ItemRow> bad{9, 4};
    const std::vector<ItemRow> first{4};
    const std::vector<ItemRow> second{4, 7};
    scores.add_list(0, 0, good, first);
    scores.add_list(1, 0, good, second);
    scores.add_list(0, 1, bad, first);
    scores.add_list(1, 1, bad, second);
    return scores;
}

TEST(StageScores, rows_hold_the_mean_of_each_stage_and_metric) {
    base::ThreadPool threads(2);
    const auto rows = two_stages().rows({}, threads);
    EXPECT_EQ(rows.size(), 2U * 6U * 2U);
    EXPECT_DOUBLE_EQ(find(rows, "good", "ndcg", 2)->mean, 1.0);
    EXPECT_DOUBLE_EQ(find(rows, "good", "precision", 2)->mean, 0.75);
    const double log3 = std::log2(3.0);
    // User 0: 1 / log2 3; user 1: (1 / log2 3) / (1 + 1 / log2 3).
    EXPECT_NEAR(find(rows, "bad", "ndcg", 2)->mean, 0.5 * (1.0 / log3 + (1.0 / log3) / (1.0 + 1.0 / log3)), 1e-12);
    EXPECT_DOUBLE_EQ(find(rows, "bad", "mrr", 2)->mean, 0.5);
    EXPECT_DOUBLE_EQ(find(rows, "bad", "recall", 2)->mean, 0.75);
    EXPECT_DOUBLE_EQ(find(rows, "bad", "hit_rate", 1)->mean, 0.0);
    EXPECT_DOUBLE_EQ(find(rows, "bad", "map", 2)->mean, 0.5 * (0.5 + 0.25));
    EXPECT_EQ(find(rows, "bad", "map", 2)->users, 2U);
}

TEST(StageScores, leave_out_what_no_user_has) {
    base::ThreadPool threads(1);
    StageScores scores(3, {"ranked", "slate"}, {{"auc", 0}, {"novelty", 0}});
    scores.set(1, 0, 0, 0.5);
    scores.set(2, 0, 0, 0.7);
    const auto rows = scores.rows({}, threads);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].stage, "ranked");
    EXPECT_EQ(rows[0].metric, "auc");
    EXPECT_EQ(rows[0].users, 2U);
    EXPECT_DOUBLE_EQ(rows[0].mean, 0.6);
    EXPECT_TRUE(scores.compare(0, 1, {}, threads).empty());
}

TEST(StageScores, compare_pairs_users_and_gives_the_ratio_of_means) {
    base::ThreadPool threads(2);
    const StageScores scores = two_stages();
    const auto comparisons = scores.compare(0, 1, {}, threads);
    ASSERT_EQ(comparisons.size(), scores.metrics().size());
    const Comparison& mrr = comparisons[index_of(scores, {"mrr", 2})];
    EXPECT_EQ(mrr.stage, "good");
    EXPECT_EQ(mrr.baseline, "bad");
    EXPECT_DOUBLE_EQ(mrr.difference.mean, 0.5);
    EXPECT_DOUBLE_EQ(mrr.ratio, 2.0);
    EXPECT_EQ(comparisons[index_of(scores, {"hit_rate", 1})].ratio, 0.0);  // the baseline has none
}

// Three users, two stages, two metrics, every value its own; the second user lacks one of them.
TEST(StageScores, compare_the_values_of_the_same_user_and_metric) {
    base::ThreadPool threads(1);
    StageScores scores(3, {"a", "b"}, {{"x", 1}, {"y", 1}});
    const double values[3][4] = {{0.9, 0.1, 0.5, 0.3}, {0.8, 0.2, 0.7, std::nan("")}, {0.4, 0.6, 0.3, 0.2}};  // a.x, a.y, b.x, b.y
    for (std::size_t user = 0; user < 3; ++user) {
        for (std::size_t column = 0; column < 4; ++column) scores.set(user, column / 2, column % 2, values[user][column]);
    }
    const auto comparisons = scores.compare(0, 1, {}, threads);
    ASSERT_EQ(comparisons.size(), 2U);
    EXPECT_NEAR(comparisons[0].difference.mean, (0.4 + 0.1 + 0.1) / 3, 1e-12);
    EXPECT_NEAR(comparisons[0].ratio, 2.1 / 1.5, 1e-12);
    EXPECT_NEAR(comparisons[1].difference.mean, (-0.2 + 0.4) / 2, 1e-12);
    EXPECT_NEAR(comparisons[1].ratio, 0.7 / 0.5, 1e-12);
    EXPECT_EQ(comparisons[1].difference.users, 2U);
}

TEST(StageScores, put_pooled_figures_behind_their_stages_metrics_and_compare_them) {
    base::ThreadPool threads(1);
    StageScores scores(2, {"a", "b"}, {{"x", 1}});
    for (const std::size_t stage : {0U, 1U}) scores.set(0, stage, 0, 0.5);
    scores.set_pooled(0, {"coverage", 1}, {0.6, {0.1, -0.1}});
    scores.set_pooled(1, {"coverage", 1}, {0.4, {0.1, -0.1}});
    scores.set_pooled(1, {"auc", 0}, {0.7, {0.1, 0.1}});
    const auto rows = scores.rows({}, threads);
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.stage + " " + row.metric);
    EXPECT_EQ(names, (std::vector<std::string>{"a x", "a coverage", "b x", "b coverage", "b auc"}));
    EXPECT_EQ(rows[1].mean, 0.6);
    EXPECT_LT(rows[1].low, 0.6);
    EXPECT_EQ(rows[1].k, 1U);
    EXPECT_EQ(rows[1].users, 2U);
    const auto comparisons = scores.compare(0, 1, {}, threads);
    ASSERT_EQ(comparisons.size(), 2U) << "auc is of one stage alone";
    EXPECT_EQ(comparisons[1].metric, "coverage");
    EXPECT_NEAR(comparisons[1].difference.low, 0.2, 1e-12) << "both move with the same users";
    EXPECT_NEAR(comparisons[1].ratio, 1.5, 1e-12);
}

}  // namespace
}  // namespace shortlist::eval
