#include "engine/eval/list_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/random.h"

namespace shortlist::eval {
namespace {

// Right angles three times over two axes: pairs (x, y) 1, (x, -x) 2, (y, -x) 1: mean 4 / 3.
TEST(IntraListDistance, is_the_mean_over_pairs_of_one_less_the_cosine) {
    EXPECT_NEAR(intra_list_distance(std::vector<float>{3, 0, 0, 2, -1, 0}, 2), 4.0 / 3.0, 1e-12);
}

TEST(IntraListDistance, of_copies_is_zero_of_a_zero_vector_one_and_of_fewer_than_two_zero) {
    EXPECT_NEAR(intra_list_distance(std::vector<float>{1, 2, 2, 4}, 2), 0.0, 1e-12);
    EXPECT_DOUBLE_EQ(intra_list_distance(std::vector<float>{0, 0, 1, 0}, 2), 1.0);
    EXPECT_EQ(intra_list_distance(std::vector<float>{1, 2}, 2), 0.0);
    EXPECT_EQ(intra_list_distance({}, 2), 0.0);
}

TEST(IntraListDistance, equals_the_twin_that_visits_each_pair) {
    Rng rng(9);
    std::vector<float> rows(20 * 6);
    for (float& value : rows) value = static_cast<float>(rng.normal());
    double sum = 0.0;
    for (std::size_t a = 0; a < 20; ++a) {
        for (std::size_t b = a + 1; b < 20; ++b) {
            double ab = 0.0;
            double aa = 0.0;
            double bb = 0.0;
            for (std::size_t d = 0; d < 6; ++d) {
                ab += static_cast<double>(rows[a * 6 + d]) * rows[b * 6 + d];
                aa += static_cast<double>(rows[a * 6 + d]) * rows[a * 6 + d];
                bb += static_cast<double>(rows[b * 6 + d]) * rows[b * 6 + d];
            }
            sum += 1.0 - ab / std::sqrt(aa * bb);
        }
    }
    EXPECT_NEAR(intra_list_distance(rows, 6), sum / 190.0, 1e-9);
}

// Of the six pairs of a, a, b, c only (a, a) agrees.
TEST(IntraListMismatch, is_the_share_of_pairs_that_differ) {
    EXPECT_DOUBLE_EQ(intra_list_mismatch(std::vector<std::uint32_t>{4, 7, 4, 9}), 5.0 / 6.0);
    EXPECT_EQ(intra_list_mismatch(std::vector<std::uint32_t>{4}), 0.0);
}

// Counts 3 and 0 and 3: total 6 + 3 items = 9. Item 0: -log2(4 / 9), item 1: -log2(1 / 9).
TEST(Novelty, is_the_mean_surprise_in_bits) {
    const std::vector<double> bits = self_information(std::vector<double>{3, 0, 3});
    EXPECT_NEAR(novelty(std::vector<ItemRow>{0, 1}, bits), (std::log2(9.0 / 4.0) + std::log2(9.0)) / 2.0, 1e-12);
    EXPECT_EQ(novelty({}, bits), 0.0);
}

TEST(PopularHead, takes_the_most_popular_part_and_the_lower_row_on_a_tie) {
    const std::vector<double> counts{1, 5, 5, 9};
    EXPECT_EQ(popular_head(counts, 0.5), (std::vector<std::uint8_t>{0, 1, 0, 1}));
    EXPECT_EQ(popular_head(counts, 0.01), (std::vector<std::uint8_t>{0, 0, 0, 1}));
    EXPECT_TRUE(popular_head({}, 0.5).empty());
}

TEST(PopularityShare, is_the_part_of_a_list_that_belongs_to_the_head) {
    const std::vector<std::uint8_t> head{0, 1, 0, 1};
    EXPECT_DOUBLE_EQ(popularity_share(std::vector<ItemRow>{1, 0, 2, 3}, head), 0.5);
    EXPECT_EQ(popularity_share({}, head), 0.0);
}

}  // namespace
}  // namespace shortlist::eval
