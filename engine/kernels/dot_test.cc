#include "engine/kernels/dot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

double naive_dot(std::span<const float> a, std::span<const float> b, double& magnitude) {
    double sum = 0;
    magnitude = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * b[i];
        magnitude += std::fabs(static_cast<double>(a[i]) * b[i]);
    }
    return sum;
}

// 1 * 4 + 2 * 5 + 3 * 6 = 32, exact in fp32.
TEST(Dot, of_small_integers_is_exact_at_every_level) {
    const std::vector<float> a{1, 2, 3};
    const std::vector<float> b{4, 5, 6};
    for (const CpuLevel level : levels_here()) EXPECT_EQ(dot(a, b, level), 32.0F) << name_of(level);
}

TEST(Dot, agrees_with_a_sum_in_double_for_every_length_and_alignment) {
    Rng rng(1);
    for (std::size_t size = 0; size <= 150; ++size) {
        const auto a = random_floats(rng, size);
        const auto b = random_floats(rng, size);
        double magnitude = 0;
        const double expected = naive_dot(a, b, magnitude);
        for (const std::size_t offset : {0, 1, 3, 7, 15}) {
            const Misaligned left(a, offset);
            const Misaligned right(b, 16 - offset);
            for (const CpuLevel level : levels_here()) {
                ASSERT_NEAR(dot(left.get(), right.get(), level), expected, 4e-7 * magnitude) << name_of(level) << ' ' << size << '+' << offset;
                ASSERT_EQ(dot(left.get(), right.get(), level), dot(a, b, level)) << "bits depend on the place of the values";
            }
        }
    }
}

TEST(Dot, has_equal_bits_on_avx2_and_avx512) {
    Rng rng(2);
    for (std::size_t size = 0; size <= 150; ++size) {
        const auto a = random_floats(rng, size);
        const auto b = random_floats(rng, size);
        for (const CpuLevel level : vector_levels_here()) ASSERT_EQ(dot(a, b, CpuLevel::Avx2), dot(a, b, level)) << name_of(level) << ' ' << size;
    }
}

TEST(DotRows, equals_dot_of_each_row_bit_for_bit) {
    Rng rng(3);
    for (const std::size_t columns : {1, 4, 15, 16, 17, 63, 64, 65, 100}) {
        const auto matrix = random_floats(rng, 7 * columns);
        const auto query = random_floats(rng, columns);
        for (const CpuLevel level : levels_here()) {
            std::vector<float> out(7);
            dot_rows(matrix, query, out, level);
            for (std::size_t r = 0; r < out.size(); ++r) {
                ASSERT_EQ(out[r], dot(std::span(matrix).subspan(r * columns, columns), query, level)) << name_of(level) << ' ' << columns;
            }
        }
    }
}

}  // namespace
}  // namespace shortlist::kernels
