#include "engine/index/exact_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/base/random.h"
#include "engine/index/flat_index.h"

namespace shortlist::index {
namespace {

/// Rows around `clusters` centres; one cluster per row is plain noise.
std::vector<float> clustered_matrix(Rng& rng, std::size_t rows, std::size_t dimension, std::size_t clusters) {
    std::vector<float> centres(clusters * dimension);
    for (float& value : centres) value = static_cast<float>(rng.normal());
    std::vector<float> out(rows * dimension);
    for (std::size_t r = 0; r < rows; ++r) {
        const std::size_t cluster = rng.below(clusters);
        for (std::size_t d = 0; d < dimension; ++d) {
            out[r * dimension + d] = centres[cluster * dimension + d] + 0.3F * static_cast<float>(rng.normal());
        }
    }
    return out;
}

struct Found {
    std::size_t common = 0;
    std::size_t wanted = 0;
    [[nodiscard]] double recall() const { return static_cast<double>(common) / static_cast<double>(wanted); }
};

/// Searches both indexes; every row found by both must have equal scores.
void compare(const ExactIndex& exact, const FlatIndex& flat, std::span<const float> query, std::span<const std::uint64_t> eligible, Found& found) {
    constexpr std::size_t k = 500;
    SearchScratch scratch;
    std::vector<Scored> fast(k);
    std::vector<Scored> slow(k);
    fast.resize(exact.search(query, k, eligible, scratch, fast));
    slow.resize(flat.search(query, k, eligible, scratch, slow));
    ASSERT_EQ(fast.size(), slow.size());
    const auto by_row = [](const Scored& a, const Scored& b) { return a.row < b.row; };
    std::sort(fast.begin(), fast.end(), by_row);
    std::sort(slow.begin(), slow.end(), by_row);
    std::vector<Scored> common;
    std::set_intersection(fast.begin(), fast.end(), slow.begin(), slow.end(), std::back_inserter(common), by_row);
    for (const Scored& row : common) ASSERT_EQ(row, *std::lower_bound(slow.begin(), slow.end(), row, by_row));
    found.common += common.size();
    found.wanted += slow.size();
}

double recall_at_500(std::size_t rows, std::size_t dimension, std::size_t clusters) {
    Rng rng(rows + dimension + clusters);
    const auto matrix = clustered_matrix(rng, rows, dimension, clusters);
    const auto exact = ExactIndex::build(matrix, dimension).value();
    const auto flat = FlatIndex::build(matrix, dimension).value();
    Found found;
    for (int q = 0; q < 10; ++q) {
        std::vector<float> query(dimension);
        const std::size_t like = rng.below(rows);
        for (std::size_t d = 0; d < dimension; ++d) query[d] = matrix[like * dimension + d] + static_cast<float>(rng.normal());
        compare(exact, flat, query, {}, found);
    }
    return found.recall();
}

TEST(ExactIndex, recall_at_500_is_at_least_999_in_1000_on_random_vectors) {
    EXPECT_GE(recall_at_500(30'000, 64, 30'000), 0.999);
    EXPECT_GE(recall_at_500(30'000, 16, 30'000), 0.999);
    EXPECT_GE(recall_at_500(10'000, 256, 10'000), 0.999);
}

TEST(ExactIndex, recall_at_500_is_at_least_999_in_1000_on_clustered_vectors) {
    EXPECT_GE(recall_at_500(30'000, 64, 20), 0.999);
    EXPECT_GE(recall_at_500(30'000, 16, 100), 0.999);
    EXPECT_GE(recall_at_500(10'000, 256, 20), 0.999);
}

// Vectors whose values do not fill the steps of their codes evenly: few large ones among many small, or mostly zeros.
TEST(ExactIndex, recall_at_500_is_at_least_999_in_1000_on_skewed_and_on_sparse_vectors) {
    constexpr std::size_t kRows = 30'000;
    constexpr std::size_t kDimension = 64;
    for (const bool sparse : {false, true}) {
        Rng rng(sparse ? 1 : 2);
        std::vector<float> matrix(kRows * kDimension);
        for (float& value : matrix) {
            const auto normal = static_cast<float>(rng.normal());
            if (sparse) {
                value = rng.chance(0.15) ? normal : 0.0F;
            } else {
                value = normal * normal * normal;
            }
        }
        const auto exact = ExactIndex::build(matrix, kDimension).value();
        const auto flat = FlatIndex::build(matrix, kDimension).value();
        Found found;
        for (int q = 0; q < 10; ++q) compare(exact, flat, std::span(matrix).subspan(rng.below(kRows) * kDimension, kDimension), {}, found);
        EXPECT_GE(found.recall(), 0.999) << sparse;
    }
}

// Past 8,192 blocks a sample sets the first threshold. Where the sampled blocks are no picture of the rest, too few or too
// many rows pass it, and the answer must be the same.
TEST(ExactIndex, answers_the_same_when_the_sample_misleads) {
    constexpr std::size_t rows = 140'000;
    for (const bool sample_is_better : {true, false}) {
        Rng rng(7);
        std::vector<float> matrix(rows * 4);
        for (std::size_t r = 0; r < rows; ++r) {
            const bool sampled = r / 16 % 64 == 0;
            for (std::size_t d = 0; d < 4; ++d)
                matrix[r * 4 + d] = static_cast<float>(rng.uniform(0.5, 1)) * (sampled == sample_is_better ? 100.0F : 1.0F);
        }
        // Fewer good rows than wanted: the threshold guessed from them leaves too few.
        for (std::size_t r = 0; r < rows && sample_is_better; ++r) {
            if (r / 16 % 64 == 0 && r % 16 >= 1) matrix[r * 4] = matrix[r * 4 + 1] = matrix[r * 4 + 2] = matrix[r * 4 + 3] = 0.4F;
        }
        const auto exact = ExactIndex::build(matrix, 4).value();
        const auto flat = FlatIndex::build(matrix, 4).value();
        Found found;
        compare(exact, flat, std::vector<float>{1, 0.5F, 2, 1}, {}, found);
        EXPECT_EQ(found.wanted, 500U);
        EXPECT_GE(found.recall(), 0.99) << sample_is_better;
    }
}

TEST(ExactIndex, finds_a_few_eligible_rows_among_many) {
    Rng rng(8);
    constexpr std::size_t rows = 140'000;
    const auto matrix = clustered_matrix(rng, rows, 8, 50);
    const auto exact = ExactIndex::build(matrix, 8).value();
    const auto flat = FlatIndex::build(matrix, 8).value();
    for (const double share : {0.5, 0.02, 0.001}) {
        std::vector<std::uint64_t> eligible((rows + 63) / 64, 0);
        for (std::size_t r = 0; r < rows; ++r) {
            if (rng.chance(share)) eligible[r / 64] |= std::uint64_t{1} << (r % 64);
        }
        Found found;
        compare(exact, flat, std::vector<float>{1, -1, 0.5F, 2, 0, 1, -0.3F, 0.7F}, eligible, found);
        EXPECT_GE(found.recall(), 0.998) << share;
    }
}

TEST(ExactIndex, shows_the_vectors_it_was_built_from) {
    const std::vector<float> matrix{1, 2, 3, 4, 5, 6};
    const auto index = ExactIndex::build(matrix, 3).value();
    const auto row = index.vector(1);
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), (std::vector<float>{4, 5, 6}));
}

}  // namespace
}  // namespace shortlist::index
