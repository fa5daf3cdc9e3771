#include "engine/eval/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/random.h"

namespace shortlist::eval {
namespace {

using Gains = std::vector<float>;
using Labels = std::vector<std::uint8_t>;

// Gain 1 at the second position only: DCG = 1 / log2(3); the best list has it first: 1 / log2(2) = 1.
TEST(NdcgAtK, discounts_the_second_position_by_log2_of_three) { EXPECT_DOUBLE_EQ(ndcg_at_k(Gains{0, 1, 0}, Gains{1}, 10), 1.0 / std::log2(3.0)); }

// Grades 3 and 1 in the wrong order: (1 + 7 / log2 3) / (7 + 1 / log2 3).
TEST(NdcgAtK, counts_two_to_the_grade_less_one) {
    const double log3 = std::log2(3.0);
    EXPECT_NEAR(ndcg_at_k(Gains{1, 3}, Gains{3, 1}, 2), (1.0 + 7.0 / log3) / (7.0 + 1.0 / log3), 1e-12);
}

// Two relevant, one served first: 1 / (1 + 1 / log2 3).
TEST(NdcgAtK, holds_what_was_not_served_against_the_list) {
    EXPECT_DOUBLE_EQ(ndcg_at_k(Gains{1, 0}, Gains{1, 1}, 2), 1.0 / (1.0 + 1.0 / std::log2(3.0)));
}

TEST(NdcgAtK, is_zero_when_nothing_is_relevant_or_served) {
    EXPECT_EQ(ndcg_at_k(Gains{0, 0}, Gains{}, 5), 0.0);
    EXPECT_EQ(ndcg_at_k(Gains{}, Gains{1}, 5), 0.0);
}

TEST(NdcgAtK, never_falls_when_a_better_item_moves_up) {
    Rng rng(17);
    for (int trial = 0; trial < 500; ++trial) {
        Gains gains(20);
        for (float& gain : gains) gain = static_cast<float>(rng.below(4));
        const Gains relevant = gains;
        const std::size_t upper = rng.below(19);
        const std::size_t lower = upper + 1 + rng.below(19 - upper);
        const double before = ndcg_at_k(gains, relevant, 10);
        if (gains[lower] > gains[upper]) std::swap(gains[lower], gains[upper]);
        ASSERT_GE(ndcg_at_k(gains, relevant, 10), before - 1e-12) << "trial " << trial;
    }
}

// Relevant at 1, 3 and 5 of five served, four relevant in all.
TEST(ListMetrics, agree_with_a_count_by_hand) {
    const Gains gains{1, 0, 1, 0, 1};
    EXPECT_DOUBLE_EQ(precision_at_k(gains, 3), 2.0 / 3.0);
    EXPECT_DOUBLE_EQ(precision_at_k(gains, 10), 0.3);  // five short of ten are taken as irrelevant
    EXPECT_DOUBLE_EQ(recall_at_k(gains, 4, 3), 0.5);
    EXPECT_DOUBLE_EQ(hit_rate_at_k(gains, 1), 1.0);
    EXPECT_DOUBLE_EQ(average_precision_at_k(gains, 4, 5), (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 4.0);
    EXPECT_DOUBLE_EQ(average_precision_at_k(gains, 4, 3), (1.0 + 2.0 / 3.0) / 3.0);
    EXPECT_DOUBLE_EQ(reciprocal_rank_at_k(Gains{0, 0, 1, 1}, 5), 1.0 / 3.0);
}

TEST(ListMetrics, are_zero_without_a_hit_within_k) {
    const Gains late{0, 0, 1};
    EXPECT_EQ(precision_at_k(late, 2), 0.0);
    EXPECT_EQ(recall_at_k(late, 1, 2), 0.0);
    EXPECT_EQ(recall_at_k(Gains{}, 0, 2), 0.0);
    EXPECT_EQ(hit_rate_at_k(late, 2), 0.0);
    EXPECT_EQ(reciprocal_rank_at_k(late, 2), 0.0);
    EXPECT_EQ(average_precision_at_k(late, 1, 2), 0.0);
    EXPECT_EQ(average_precision_at_k(Gains{}, 0, 2), 0.0);
}

TEST(Judge, marks_the_served_items_that_are_relevant) {
    EXPECT_EQ(judge(std::vector<ItemRow>{7, 2, 9}, std::vector<ItemRow>{2, 3, 9}), (Gains{0, 1, 1}));
    EXPECT_TRUE(judge({}, std::vector<ItemRow>{2}).empty());
}

TEST(RankByScore, breaks_ties_by_the_lower_index_and_puts_nan_last) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> scores{1, nan, 3, 1, -std::numeric_limits<float>::infinity(), 3};
    EXPECT_EQ(rank_by_score(scores, 10), (std::vector<std::uint32_t>{2, 5, 0, 3, 4, 1}));
    EXPECT_EQ(rank_by_score(scores, 3), (std::vector<std::uint32_t>{2, 5, 0}));
}

// Positives 0.8, 0.5; negatives 0.5, 0.1: wins 0.8 > both, 0.5 ties one and beats one: 3.5 of 4 pairs.
TEST(Auc, counts_a_tie_half) { EXPECT_DOUBLE_EQ(auc(Gains{0.8F, 0.5F, 0.5F, 0.1F}, Labels{1, 1, 0, 0}).value(), 3.5 / 4.0); }

TEST(Auc, is_nothing_where_one_class_is_missing) {
    EXPECT_FALSE(auc(Gains{1, 2}, Labels{1, 1}).has_value());
    EXPECT_FALSE(auc(Gains{1, 2}, Labels{0, 0}).has_value());
    EXPECT_FALSE(auc({}, {}).has_value());
}

// The slow twin: every pair.
TEST(Auc, equals_the_share_of_pairs_won) {
    Rng rng(3);
    for (int trial = 0; trial < 50; ++trial) {
        Gains scores(40);
        Labels labels(40);
        for (std::size_t i = 0; i < 40; ++i) {
            scores[i] = static_cast<float>(rng.below(8));
            labels[i] = i < 2 ? static_cast<std::uint8_t>(i) : rng.chance(0.4) ? 1 : 0;
        }
        double won = 0.0;
        double pairs = 0.0;
        for (std::size_t p = 0; p < 40; ++p) {
            for (std::size_t n = 0; n < 40; ++n) {
                if (labels[p] == 0 || labels[n] != 0) continue;
                pairs += 1.0;
                won += scores[p] > scores[n] ? 1.0 : scores[p] == scores[n] ? 0.5 : 0.0;
            }
        }
        ASSERT_NEAR(auc(scores, labels).value(), won / pairs, 1e-12) << "trial " << trial;
    }
}

// Group 5 is right (1), group 2 wrong (0) with three rows, group 9 has no negative.
TEST(AucByGroup, leaves_out_groups_of_one_class) {
    const Gains scores{2, 1, 1, 2, 3, 7};
    const Labels labels{1, 0, 1, 0, 0, 1};
    const std::vector<std::uint32_t> groups{5, 5, 2, 2, 2, 9};
    const auto found = auc_by_group(scores, labels, groups);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].group, 2U);
    EXPECT_EQ(found[0].rows, 3U);
    EXPECT_EQ(found[0].auc, 0.0);
    EXPECT_EQ(found[1].group, 5U);
    EXPECT_EQ(found[1].auc, 1.0);
}

}  // namespace
}  // namespace shortlist::eval
