#include "engine/ranking/mmr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "engine/base/random.h"

namespace shortlist::ranking {
namespace {

std::vector<std::uint32_t> choose(const std::vector<float>& relevance, const std::vector<float>& embeddings, float weight, std::size_t k) {
    MmrScratch scratch;
    std::vector<std::uint32_t> picks(k);
    mmr(relevance, embeddings, weight, scratch, picks);
    return picks;
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double product = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += static_cast<double>(a[i]) * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += static_cast<double>(b[i]) * b[i];
    }
    return aa == 0 || bb == 0 ? 0 : product / std::sqrt(aa * bb);
}

/// From the definition, in double, every similarity anew: O(n k^2 d).
std::vector<std::uint32_t> choose_naively(const std::vector<float>& relevance, const std::vector<float>& embeddings, double weight, std::size_t k) {
    const std::size_t n = relevance.size();
    const std::size_t d = embeddings.size() / n;
    const auto row = [&](std::size_t i) { return std::span(embeddings).subspan(i * d, d); };
    std::vector<std::uint32_t> picks{static_cast<std::uint32_t>(std::max_element(relevance.begin(), relevance.end()) - relevance.begin())};
    while (picks.size() < k) {
        double best = -std::numeric_limits<double>::infinity();
        std::uint32_t pick = 0;
        for (std::uint32_t i = 0; i < n; ++i) {
            if (std::find(picks.begin(), picks.end(), i) != picks.end()) continue;
            double most = -std::numeric_limits<double>::infinity();
            for (const std::uint32_t chosen : picks) most = std::max(most, cosine(row(i), row(chosen)));
            const double score = (1 - weight) * relevance[i] - weight * most;
            if (score > best) {
                best = score;
                pick = i;
            }
        }
        picks.push_back(pick);
    }
    return picks;
}

struct Case {
    std::vector<float> relevance;
    std::vector<float> embeddings;
};

Case random_case(Rng& rng, std::size_t n, std::size_t d) {
    Case out{std::vector<float>(n), std::vector<float>(n * d)};
    for (float& value : out.relevance) value = static_cast<float>(rng.uniform());
    for (float& value : out.embeddings) value = static_cast<float>(rng.normal());
    return out;
}

// Items 0 and 1 are alike (cosine 1), item 2 is at a right angle. Weight 0.5 after item 0: item 1 scores
// 0.5 * 0.9 - 0.5 * 1 = -0.05, item 2 0.5 * 0.3 - 0 = 0.15.
TEST(Mmr, prefers_a_less_relevant_item_that_is_unlike_the_first) {
    const std::vector<float> relevance{1.0F, 0.9F, 0.3F};
    const std::vector<float> embeddings{1, 0, 2, 0, 0, 3};
    EXPECT_EQ(choose(relevance, embeddings, 0.5F, 3), (std::vector<std::uint32_t>{0, 2, 1}));
    EXPECT_EQ(choose(relevance, embeddings, 0.1F, 3), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Mmr, with_weight_0_gives_the_order_of_relevance_and_ties_to_the_lower_position) {
    const std::vector<float> relevance{0.2F, 0.7F, 0.2F, 0.9F, 0.7F};
    EXPECT_EQ(choose(relevance, {1, 1, 1, 1, 1}, 0.0F, 5), (std::vector<std::uint32_t>{3, 1, 4, 0, 2}));
}

// After item 1, of angle 0, the opposite (item 3, cosine -1) is the most diverse; then item 0 and item 2 have cosine 0 to
// both, a tie.
TEST(Mmr, with_weight_1_starts_with_the_most_relevant_and_then_looks_at_diversity_alone) {
    const std::vector<float> relevance{0.1F, 0.9F, 0.8F, 0.0F};
    const std::vector<float> embeddings{0, 1, 1, 0, 0, -1, -1, 0};
    EXPECT_EQ(choose(relevance, embeddings, 1.0F, 4), (std::vector<std::uint32_t>{1, 3, 0, 2}));
}

// Weight 0.5 after item 0: item 1 (cosine 1) 0.4 - 0.5 = -0.1; item 2, without an embedding, 0.1 - 0 = 0.1; item 3, not finite, 0.05.
TEST(Mmr, counts_items_without_an_embedding_as_similar_to_nothing) {
    const std::vector<float> relevance{1.0F, 0.8F, 0.2F, 0.1F};
    const std::vector<float> embeddings{1, 1, 1, 1, 0, 0, std::nanf(""), 1};
    EXPECT_EQ(choose(relevance, embeddings, 0.5F, 4), (std::vector<std::uint32_t>{0, 2, 3, 1}));
    EXPECT_EQ(choose(relevance, {}, 0.5F, 4), (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(Mmr, picks_what_the_naive_twin_picks) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Rng rng(seed);
        const std::size_t n = 1 + rng.below(120);
        const auto [relevance, embeddings] = random_case(rng, n, 1 + rng.below(40));
        const std::size_t k = 1 + rng.below(std::min<std::size_t>(n, 30));
        const float weight = std::array{0.0F, 0.25F, 0.5F, 0.9F}[rng.below(4)];
        ASSERT_EQ(choose(relevance, embeddings, weight, k), choose_naively(relevance, embeddings, weight, k)) << "seed " << seed;
    }
}

TEST(Mmr, chooses_every_candidate_once_when_all_are_wanted) {
    Rng rng(3);
    const auto [relevance, embeddings] = random_case(rng, 75, 8);
    auto picks = choose(relevance, embeddings, 0.7F, 75);
    std::sort(picks.begin(), picks.end());
    std::vector<std::uint32_t> all(75);
    std::iota(all.begin(), all.end(), 0U);
    EXPECT_EQ(picks, all);
}

TEST(Mmr, gives_the_same_picks_whatever_the_scratch_was_used_for) {
    Rng rng(4);
    const auto large = random_case(rng, 200, 32);
    const auto small = random_case(rng, 20, 4);
    MmrScratch scratch;
    std::vector<std::uint32_t> first(10);
    mmr(small.relevance, small.embeddings, 0.5F, scratch, first);
    std::vector<std::uint32_t> other(50);
    mmr(large.relevance, large.embeddings, 0.5F, scratch, other);
    std::vector<std::uint32_t> again(10);
    mmr(small.relevance, small.embeddings, 0.5F, scratch, again);
    EXPECT_EQ(first, again);
}

}  // namespace
}  // namespace shortlist::ranking
