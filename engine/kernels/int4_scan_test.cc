#include "engine/kernels/int4_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

int code_at(const Int4Blocks& blocks, std::size_t row, std::size_t dimension) {
    const int both = blocks.codes[(row / 16 * blocks.groups + dimension / 8) * 64 + row % 16 * 4 + dimension % 4];
    return (dimension % 8 < 4 ? both % 16 : both / 16) - 8;
}

std::vector<Scored> scan_all(const Int4Scan& scan, std::size_t k, CpuLevel level) {
    TopK best;
    best.start(k);
    scan_blocks(scan, 0, scan.blocks.blocks(), best, level);
    const auto kept = best.best();
    return {kept.begin(), kept.end()};
}

// A row of magnitudes up to 1.4 has scale 0.2: 1.4 / 0.2 = 7, -0.58 / 0.2 = -2.9, 0.25 / 0.2 = 1.25.
TEST(QuantiseRows, divides_by_the_greatest_magnitude_over_7_and_rounds) {
    const std::vector<float> matrix{1.4F, -0.58F, 0.25F, 0, 0, 0};
    const auto blocks = quantise_rows(matrix, 3);
    ASSERT_EQ(blocks.rows, 2U);
    EXPECT_FLOAT_EQ(blocks.scales[0], 0.2F);
    EXPECT_EQ(code_at(blocks, 0, 0), 7);
    EXPECT_EQ(code_at(blocks, 0, 1), -3);
    EXPECT_EQ(code_at(blocks, 0, 2), 1);
    EXPECT_EQ(blocks.scales[1], 0.0F);
    EXPECT_EQ(code_at(blocks, 1, 0), 0);
}

TEST(QuantiseRows, errs_by_half_a_scale_at_most) {
    Rng rng(1);
    const auto matrix = random_floats(rng, 50 * 37);
    const auto blocks = quantise_rows(matrix, 37);
    for (std::size_t r = 0; r < 50; ++r) {
        for (std::size_t d = 0; d < 37; ++d) {
            const float restored = blocks.scales[r] * static_cast<float>(code_at(blocks, r, d));
            ASSERT_NEAR(restored, matrix[r * 37 + d], blocks.scales[r] * 0.5001F);
        }
    }
}

// With scales of 1 the scores are the integer dot products themselves; a plain loop over the codes is the slow twin.
TEST(ScanBlocks, gives_the_integer_dot_products_at_every_level_and_dimension) {
    Rng rng(2);
    std::vector<std::size_t> dimensions;
    for (std::size_t d = 1; d <= 70; ++d) dimensions.push_back(d);
    dimensions.insert(dimensions.end(), {127, 128, 129, 1023, 1024});
    for (const std::size_t dimension : dimensions) {
        const std::size_t rows = 1 + rng.below(50);
        auto blocks = quantise_rows(random_floats(rng, rows * dimension), dimension);
        std::fill(blocks.scales.begin(), blocks.scales.end(), 1.0F);
        Int8Query query;
        quantise_query(random_floats(rng, dimension), query);
        std::vector<Scored> expected;
        for (std::uint32_t r = 0; r < rows; ++r) {
            int sum = 0;
            for (std::size_t d = 0; d < dimension; ++d) sum += code_at(blocks, r, d) * query.codes[d];
            expected.push_back({static_cast<float>(sum), r});
        }
        std::sort(expected.begin(), expected.end(), better);
        for (const CpuLevel level : levels_here())
            ASSERT_EQ(scan_all({blocks, query, {}}, rows, level), expected) << name_of(level) << ' ' << dimension;
    }
}

// 1024 x 7 x 127 = 910,336: the largest sum there is, in both signs, where saturating arithmetic would show.
TEST(ScanBlocks, does_not_saturate_at_the_largest_codes) {
    const std::vector<float> ones(1024, 1.0F);
    std::vector<float> matrix(2 * 1024, 1.0F);
    std::fill(matrix.begin() + 1024, matrix.end(), -1.0F);
    auto blocks = quantise_rows(matrix, 1024);
    std::fill(blocks.scales.begin(), blocks.scales.end(), 1.0F);
    Int8Query query;
    quantise_query(ones, query);
    for (const CpuLevel level : levels_here()) {
        EXPECT_EQ(scan_all({blocks, query, {}}, 2, level), (std::vector<Scored>{{910'336.0F, 0}, {-910'336.0F, 1}})) << name_of(level);
    }
}

// 2.5 added to a dot product of 7 x 127, by a scale of 0.5.
TEST(ScanBlocks, adds_the_allowance_before_the_scale) {
    const std::vector<float> one{3.5F};
    const auto blocks = quantise_rows(one, 1);
    Int8Query query;
    quantise_query(one, query);
    for (const CpuLevel level : levels_here()) {
        EXPECT_EQ(scan_all({blocks, query, {}, 2.5F}, 1, level), (std::vector<Scored>{{(889.0F + 2.5F) * 0.5F, 0}})) << name_of(level);
    }
}

// By rows that fill their steps evenly, as random ones do: the spread of the errors, and the share of them past two deviations.
TEST(QuantiseQuery, knows_how_far_quantisation_takes_a_score) {
    Rng rng(6);
    constexpr std::size_t kDimension = 64;
    constexpr std::size_t kRows = 20'000;
    const auto matrix = random_floats(rng, kRows * kDimension);
    const auto blocks = quantise_rows(matrix, kDimension);
    const auto values = random_floats(rng, kDimension);
    Int8Query query;
    quantise_query(values, query);
    double squares = 0;
    std::size_t far = 0;
    for (std::size_t r = 0; r < kRows; ++r) {
        double exact = 0;
        int codes = 0;
        for (std::size_t d = 0; d < kDimension; ++d) {
            exact += static_cast<double>(matrix[r * kDimension + d]) * static_cast<double>(values[d]);
            codes += code_at(blocks, r, d) * query.codes[d];
        }
        const double error = exact / static_cast<double>(blocks.scales[r] * query.scale) - codes;
        squares += error * error;
        far += std::fabs(error) > 2 * static_cast<double>(query.deviation) ? 1 : 0;
    }
    EXPECT_NEAR(std::sqrt(squares / kRows) / static_cast<double>(query.deviation), 1.0, 0.05);
    EXPECT_NEAR(static_cast<double>(far) / kRows, 0.0455, 0.006);
}

TEST(ScanBlocks, gives_only_eligible_rows_and_never_the_padding_of_the_last_block) {
    Rng rng(3);
    const std::size_t rows = 16 * 9 + 5;
    auto matrix = random_floats(rng, rows * 8);
    for (float& value : matrix) value = -std::fabs(value);  // so that padding, which scores 0, would win
    const auto blocks = quantise_rows(matrix, 8);
    Int8Query query;
    quantise_query(std::vector<float>(8, 1.0F), query);
    std::vector<std::uint64_t> eligible((rows + 63) / 64, 0);
    for (std::size_t r = 0; r < rows; ++r) {
        if (rng.chance(0.3) && r / 16 != 4) eligible[r / 64] |= std::uint64_t{1} << (r % 64);
    }
    for (const CpuLevel level : levels_here()) {
        EXPECT_EQ(scan_all({blocks, query, {}}, rows + 50, level).size(), rows);
        std::vector<std::uint32_t> found;
        for (const Scored& kept : scan_all({blocks, query, eligible}, rows + 50, level)) found.push_back(kept.row);
        std::sort(found.begin(), found.end());
        std::vector<std::uint32_t> expected;
        for (std::uint32_t r = 0; r < rows; ++r) {
            if ((eligible[r / 64] >> (r % 64) & 1U) != 0) expected.push_back(r);
        }
        EXPECT_EQ(found, expected) << name_of(level);
    }
}

TEST(ScanBlocks, keeps_the_same_best_rows_at_every_level_when_many_more_are_offered) {
    Rng rng(4);
    const std::size_t rows = 20'000;
    const auto blocks = quantise_rows(random_floats(rng, rows * 6), 6);
    Int8Query query;
    quantise_query(random_floats(rng, 6), query);
    auto all = scan_all({blocks, query, {}}, rows, CpuLevel::Scalar);
    all.resize(37);
    for (const CpuLevel level : levels_here()) EXPECT_EQ(scan_all({blocks, query, {}}, 37, level), all) << name_of(level);
}

}  // namespace
}  // namespace shortlist::kernels
