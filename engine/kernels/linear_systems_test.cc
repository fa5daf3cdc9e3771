#include "engine/kernels/linear_systems.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

struct System {
    std::vector<float> a;
    std::vector<float> b;
};

/// The normal equations of random rows, with 1 on the diagonal: positive definite.
System random_system(Rng& rng, std::size_t width, std::size_t rows) {
    const auto matrix = random_floats(rng, rows * width);
    System out{std::vector<float>(width * width, 0.0F), random_floats(rng, width)};
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            double sum = i == j ? 1.0 : 0.0;
            for (std::size_t k = 0; k < rows; ++k) sum += static_cast<double>(matrix[k * width + i]) * matrix[k * width + j];
            out.a[i * width + j] = static_cast<float>(sum);
        }
    }
    return out;
}

/// Gaussian elimination with partial pivoting in double: another method, another precision.
std::vector<double> eliminate(const System& system) {
    const std::size_t n = system.b.size();
    std::vector<double> a(system.a.begin(), system.a.end());
    std::vector<double> x(system.b.begin(), system.b.end());
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t pivot = i;
        for (std::size_t r = i + 1; r < n; ++r) {
            if (std::fabs(a[r * n + i]) > std::fabs(a[pivot * n + i])) pivot = r;
        }
        for (std::size_t j = 0; j < n; ++j) std::swap(a[i * n + j], a[pivot * n + j]);
        std::swap(x[i], x[pivot]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == i) continue;
            const double factor = a[r * n + i] / a[i * n + i];
            for (std::size_t j = i; j < n; ++j) a[r * n + j] -= factor * a[i * n + j];
            x[r] -= factor * x[i];
        }
    }
    for (std::size_t i = 0; i < n; ++i) x[i] /= a[i * n + i];
    return x;
}

void erase_lower_half(std::vector<float>& a, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = 0; j < i; ++j) a[i * width + j] = std::nanf("");
    }
}

// 2x + y = 3, x + 3y = 5 has x = 0.8, y = 1.4; the other fourteen equations are x_i = i.
TEST(SolveSystems, solves_a_system_known_by_hand) {
    for (const CpuLevel level : levels_here()) {
        std::vector<float> a(16 * 16, 0.0F);
        std::vector<float> b(16);
        for (std::size_t i = 0; i < 16; ++i) {
            a[i * 16 + i] = 1.0F;
            b[i] = static_cast<float>(i);
        }
        a[0] = 2.0F;
        a[1] = 1.0F;
        a[17] = 3.0F;
        b[0] = 3.0F;
        b[1] = 5.0F;
        solve_systems(a, b, b.size(), level);
        EXPECT_NEAR(b[0], 0.8F, 1e-6) << name_of(level);
        EXPECT_NEAR(b[1], 1.4F, 1e-6);
        for (std::size_t i = 2; i < 16; ++i) EXPECT_FLOAT_EQ(b[i], static_cast<float>(i));
    }
}

TEST(SolveSystems, agrees_with_gaussian_elimination_in_double_and_reads_only_the_upper_half) {
    Rng rng(1);
    for (const std::size_t width : {16, 32, 48, 64, 80, 112, 128}) {
        const auto system = random_system(rng, width, width * 2);
        const auto expected = eliminate(system);
        for (const CpuLevel level : levels_here()) {
            auto work = system;
            erase_lower_half(work.a, width);
            solve_systems(work.a, work.b, work.b.size(), level);
            for (std::size_t i = 0; i < width; ++i) ASSERT_NEAR(work.b[i], expected[i], 2e-5) << name_of(level) << ' ' << width;
        }
    }
}

TEST(SolveSystems, gives_nan_for_a_matrix_that_is_not_positive_definite) {
    for (const CpuLevel level : levels_here()) {
        std::vector<float> a(16 * 16, 0.0F);
        std::vector<float> b(16, 1.0F);
        for (std::size_t i = 0; i < 16; ++i) a[i * 17] = i == 7 ? -1.0F : 1.0F;
        solve_systems(a, b, b.size(), level);
        EXPECT_TRUE(std::isnan(b[7])) << name_of(level);
    }
}

TEST(SolveSystems, gives_each_system_the_bits_it_has_alone) {
    Rng rng(6);
    for (const CpuLevel level : levels_here()) {
        for (const std::size_t count : {0, 1, 2, 3, 5}) {
            std::vector<float> a;
            std::vector<float> b;
            std::vector<float> alone;
            for (std::size_t s = 0; s < count; ++s) {
                auto system = random_system(rng, 48, 90);
                a.insert(a.end(), system.a.begin(), system.a.end());
                b.insert(b.end(), system.b.begin(), system.b.end());
                solve_systems(system.a, system.b, 48, level);
                alone.insert(alone.end(), system.b.begin(), system.b.end());
            }
            solve_systems(a, b, 48, level);
            EXPECT_EQ(b, alone) << name_of(level) << ' ' << count;
        }
    }
}

TEST(SolveSystems, has_equal_bits_on_avx2_and_avx512) {
    Rng rng(3);
    const auto system = random_system(rng, 96, 40);
    std::vector<std::vector<float>> solutions;
    for (const CpuLevel level : vector_levels_here()) {
        auto solved = system;
        solve_systems(solved.a, solved.b, solved.b.size(), level);
        solutions.push_back(solved.b);
        EXPECT_EQ(solved.b, solutions.front()) << name_of(level);
    }
}

/// Adds the weighted rows in double, straight from the definition.
void add_naively(const WeightedRows& rows, std::size_t width, std::vector<double>& a, std::vector<double>& b) {
    for (std::size_t k = 0; k < rows.rows.size(); ++k) {
        const auto y = rows.matrix.subspan(rows.rows[k] * rows.dimension, rows.dimension);
        const double weight = rows.weights.empty() ? 1.0 : rows.weights[k];
        for (std::size_t i = 0; i < rows.dimension; ++i) {
            for (std::size_t j = 0; j < rows.dimension; ++j) a[i * width + j] += weight * y[i] * y[j];
            b[i] += weight * y[i];
        }
    }
}

TEST(AddOuterProducts, agrees_with_a_sum_in_double_for_every_dimension_and_weight) {
    Rng rng(4);
    std::vector<std::size_t> dimensions;
    for (std::size_t d = 1; d <= 66; ++d) dimensions.push_back(d);
    dimensions.insert(dimensions.end(), {96, 112, 127, 128});
    for (const std::size_t dimension : dimensions) {
        const std::size_t width = padded_width(dimension);
        const auto matrix = random_floats(rng, 40 * dimension);
        std::vector<std::uint32_t> chosen(1 + rng.below(150));
        std::vector<float> weights(chosen.size());
        for (std::size_t k = 0; k < chosen.size(); ++k) {
            chosen[k] = static_cast<std::uint32_t>(rng.below(40));
            weights[k] = static_cast<float>(rng.uniform(0.1, 5.0));
        }
        const bool weighted = rng.chance(0.5);
        const WeightedRows rows{matrix, dimension, chosen, weighted ? std::span<const float>(weights) : std::span<const float>()};
        std::vector<double> expected_a(width * width, 0.5);
        std::vector<double> expected_b(width, 0.25);
        add_naively(rows, width, expected_a, expected_b);
        for (const CpuLevel level : levels_here()) {
            std::vector<float> a(width * width, 0.5F);
            std::vector<float> b(width, 0.25F);
            std::vector<float> packed(gather_size(width));
            add_outer_products(rows, a, b, packed, level);
            for (std::size_t i = 0; i < width; ++i) {
                for (std::size_t j = i; j < width; ++j)
                    ASSERT_NEAR(a[i * width + j], expected_a[i * width + j], 2e-3) << name_of(level) << ' ' << dimension;
                ASSERT_NEAR(b[i], expected_b[i], 1e-3) << name_of(level) << ' ' << dimension;
            }
        }
    }
}

TEST(AddOuterProducts, changes_no_bit_when_a_sum_is_split_over_two_calls) {
    Rng rng(5);
    const auto matrix = random_floats(rng, 500 * 64);
    std::vector<std::uint32_t> all(500);
    std::iota(all.begin(), all.end(), 0U);
    for (const CpuLevel level : levels_here()) {
        std::vector<float> packed(gather_size(64));
        System whole{std::vector<float>(64 * 64), std::vector<float>(64)};
        System parts = whole;
        add_outer_products({matrix, 64, all, {}}, whole.a, whole.b, packed, level);
        add_outer_products({matrix, 64, std::span(all).first(123), {}}, parts.a, parts.b, packed, level);
        add_outer_products({matrix, 64, std::span(all).subspan(123), {}}, parts.a, parts.b, packed, level);
        EXPECT_EQ(whole.a, parts.a) << name_of(level);
        EXPECT_EQ(whole.b, parts.b) << name_of(level);
    }
}

}  // namespace
}  // namespace shortlist::kernels
