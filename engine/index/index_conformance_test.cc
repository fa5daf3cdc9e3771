// What every SearchIndex promises in search_index.h, run on each implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/index/exact_index.h"
#include "engine/index/flat_index.h"

namespace shortlist::index {
namespace {

std::vector<float> random_matrix(Rng& rng, std::size_t values) {
    std::vector<float> out(values);
    for (float& value : out) value = static_cast<float>(rng.normal());
    return out;
}

template <class Index>
class IndexConformance : public testing::Test {
protected:
    /// An index over a matrix that lives until the next one is built.
    Index build(std::vector<float> matrix, std::size_t dimension) {
        matrix_ = std::move(matrix);
        return Index::build(matrix_, dimension).value();
    }
    static std::vector<Scored> search(const Index& index, std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible = {}) {
        SearchScratch scratch;
        std::vector<Scored> out(k);
        out.resize(index.search(query, k, eligible, scratch, out));
        return out;
    }

private:
    std::vector<float> matrix_;
};
using Implementations = testing::Types<FlatIndex, ExactIndex>;
TYPED_TEST_SUITE(IndexConformance, Implementations);

// Rows (1, 0), (0, 2), (3, 1), (-1, 0), (0, 2) against (1, 1): 1, 2, 4, -1, 2.
TYPED_TEST(IndexConformance, gives_the_best_rows_first_and_ties_to_the_lower_row) {
    const auto index = this->build(std::vector<float>{1, 0, 0, 2, 3, 1, -1, 0, 0, 2}, 2);
    EXPECT_EQ(index.size(), 5U);
    EXPECT_EQ(index.dimension(), 2U);
    EXPECT_EQ(this->search(index, std::vector<float>{1, 1}, 4), (std::vector<Scored>{{4, 2}, {2, 1}, {2, 4}, {1, 0}}));
}

TYPED_TEST(IndexConformance, gives_every_row_when_k_exceeds_them) {
    const auto index = this->build(std::vector<float>{1, 2, 3}, 1);
    EXPECT_EQ(this->search(index, std::vector<float>{-2}, 10), (std::vector<Scored>{{-2, 0}, {-4, 1}, {-6, 2}}));
}

TYPED_TEST(IndexConformance, finds_nothing_for_k_of_zero_in_an_empty_index_or_when_no_row_is_eligible) {
    const std::vector<float> query{1, 1};
    const auto index = this->build(std::vector<float>{1, 0, 0, 1}, 2);
    EXPECT_TRUE(this->search(index, query, 0).empty());
    EXPECT_TRUE(this->search(index, query, 5, std::vector<std::uint64_t>{0}).empty());
    EXPECT_TRUE(this->search(this->build({}, 2), query, 5).empty());
}

TYPED_TEST(IndexConformance, finds_nothing_for_a_query_that_is_not_finite) {
    const auto index = this->build(std::vector<float>{1, 0, 0, 1}, 2);
    EXPECT_TRUE(this->search(index, std::vector<float>{std::numeric_limits<float>::quiet_NaN(), 1}, 2).empty());
    EXPECT_TRUE(this->search(index, std::vector<float>{std::numeric_limits<float>::infinity(), 1}, 2).empty());
}

TYPED_TEST(IndexConformance, gives_the_lowest_rows_for_a_query_of_zeros) {
    Rng rng(1);
    const auto index = this->build(random_matrix(rng, 100 * 3), 3);
    EXPECT_EQ(this->search(index, std::vector<float>(3, 0.0F), 3), (std::vector<Scored>{{0, 0}, {0, 1}, {0, 2}}));
}

TYPED_TEST(IndexConformance, gives_only_eligible_rows) {
    Rng rng(2);
    const auto index = this->build(random_matrix(rng, 1000 * 8), 8);
    const auto query = random_matrix(rng, 8);
    std::vector<std::uint64_t> eligible(16, 0);
    std::size_t allowed = 0;
    for (std::size_t row = 0; row < 1000; ++row) {
        if (rng.chance(0.1)) ++allowed, eligible[row / 64] |= std::uint64_t{1} << (row % 64);
    }
    const auto found = this->search(index, query, 1000, eligible);
    EXPECT_EQ(found.size(), allowed);
    for (const Scored& row : found) EXPECT_TRUE(allows(eligible, row.row)) << row.row;
}

// The rows are sorted by a plain loop in double; with every row asked for, both implementations must order all of them.
TYPED_TEST(IndexConformance, orders_every_row_as_a_sum_in_double_does_for_any_dimension) {
    Rng rng(3);
    for (const std::size_t dimension : {1, 3, 4, 5, 16, 17, 31, 64, 100, 256, 1024}) {
        const std::size_t rows = 60;
        const auto matrix = random_matrix(rng, rows * dimension);
        const auto query = random_matrix(rng, dimension);
        const auto found = this->search(this->build(matrix, dimension), query, rows);
        ASSERT_EQ(found.size(), rows);
        std::vector<bool> seen(rows, false);
        for (std::size_t i = 0; i < rows; ++i) {
            double expected = 0;
            for (std::size_t d = 0; d < dimension; ++d) expected += static_cast<double>(matrix[found[i].row * dimension + d]) * query[d];
            ASSERT_NEAR(found[i].score, expected, 1e-4) << dimension;
            ASSERT_FALSE(seen[found[i].row]);
            seen[found[i].row] = true;
            ASSERT_TRUE(i == 0 || kernels::better(found[i - 1], found[i]));
        }
    }
}

TYPED_TEST(IndexConformance, gives_the_same_answer_whatever_the_scratch_was_used_for) {
    Rng rng(4);
    const auto index = this->build(random_matrix(rng, 500 * 8), 8);
    SearchScratch scratch;
    std::vector<Scored> first(10);
    const auto query = random_matrix(rng, 8);
    index.search(query, 10, {}, scratch, first);
    std::vector<Scored> other(300);
    index.search(random_matrix(rng, 8), 300, {}, scratch, other);
    std::vector<Scored> again(10);
    index.search(query, 10, {}, scratch, again);
    EXPECT_EQ(first, again);
}

TYPED_TEST(IndexConformance, refuses_vectors_it_cannot_hold) {
    const auto code = [](std::vector<float> matrix, std::size_t dimension) {
        const auto index = TypeParam::build(matrix, dimension);
        return index ? std::string() : index.error().message;
    };
    EXPECT_EQ(code({1, 2}, 0), "dimension of an index must be within 1 to 1024, not 0");
    EXPECT_EQ(code(std::vector<float>(1025), 1025), "dimension of an index must be within 1 to 1024, not 1025");
    EXPECT_EQ(code({1, 2, 3}, 2), "matrix of an index must hold whole rows of 2 values, not 3 values");
    EXPECT_EQ(code({1, 2, 3, std::numeric_limits<float>::quiet_NaN()}, 2),
              "vectors of an index must be finite and at most 1e15 in magnitude; row 1 is not");
    EXPECT_EQ(code({1, 2e15F}, 1), "vectors of an index must be finite and at most 1e15 in magnitude; row 1 is not");
}

}  // namespace
}  // namespace shortlist::index
