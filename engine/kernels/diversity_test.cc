#include "engine/kernels/diversity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

TEST(DotColumns, agrees_with_a_sum_in_double_for_every_count) {
    Rng rng(1);
    for (std::size_t count = 16; count <= 176; count += 16) {
        for (const std::size_t rows : {1, 7, 64}) {
            const auto columns = random_floats(rng, rows * count);
            const auto vector = random_floats(rng, rows);
            for (const CpuLevel level : levels_here()) {
                std::vector<float> out(count);
                dot_columns(columns, vector, out, level);
                for (std::size_t c = 0; c < count; ++c) {
                    double expected = 0;
                    for (std::size_t d = 0; d < rows; ++d) expected += static_cast<double>(columns[d * count + c]) * vector[d];
                    ASSERT_NEAR(out[c], expected, 1e-5) << name_of(level);
                }
            }
        }
    }
}

// Columns 3 and 20 tie for the greatest base - 0.5 x similarity: 2 - 0.5 x 1 = 1.5 and 1.75 - 0.5 x 0.5 = 1.5; column 5 had
// a greater similarity to an earlier choice, 2 - 0.5 x 3 = 0.5.
TEST(PickLeastSimilar, takes_the_first_of_equals_and_remembers_the_largest_similarity) {
    std::vector<float> base(32, -std::numeric_limits<float>::infinity());
    std::vector<float> similarity(32, 0.0F);
    std::vector<float> largest(32, -1.0F);
    base[3] = 2.0F;
    similarity[3] = 1.0F;
    base[5] = 2.0F;
    largest[5] = 3.0F;
    base[20] = 1.75F;
    similarity[20] = 0.5F;
    for (const CpuLevel level : levels_here()) {
        auto updated = largest;
        EXPECT_EQ(pick_least_similar(base, similarity, updated, 0.5F, level), 3U) << name_of(level);
        EXPECT_EQ(updated[3], 1.0F);
        EXPECT_EQ(updated[5], 3.0F);
        EXPECT_EQ(updated[20], 0.5F);
    }
}

TEST(PickLeastSimilar, agrees_with_a_plain_loop) {
    Rng rng(2);
    for (std::size_t count = 16; count <= 160; count += 16) {
        const auto base = random_floats(rng, count);
        const auto similarity = random_floats(rng, count);
        const auto before = random_floats(rng, count);
        std::size_t expected = 0;
        const auto score = [&](std::size_t c) { return base[c] - 0.25F * std::max(before[c], similarity[c]); };
        for (std::size_t c = 1; c < count; ++c) {
            if (score(c) > score(expected)) expected = c;
        }
        for (const CpuLevel level : levels_here()) {
            auto largest = before;
            ASSERT_EQ(pick_least_similar(base, similarity, largest, 0.25F, level), expected) << name_of(level);
        }
    }
}

}  // namespace
}  // namespace shortlist::kernels
