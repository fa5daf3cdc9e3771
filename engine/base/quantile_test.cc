#include "engine/base/quantile.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/base/random.h"

namespace shortlist::base {
namespace {

TEST(Quantile, is_the_number_at_the_place_counted_from_zero) {
    // 1 2 3 4 in order: floor(0.5 x 4) = 2, floor(0.9 x 4) = 3, floor(1 x 4) = 4 is cut to 3.
    EXPECT_EQ(quantile({4, 1, 3, 2}, 0.0), 1.0);
    EXPECT_EQ(quantile({4, 1, 3, 2}, 0.5), 3.0);
    EXPECT_EQ(quantile({4, 1, 3, 2}, 0.9), 4.0);
    EXPECT_EQ(quantile({4, 1, 3, 2}, 1.0), 4.0);
    EXPECT_EQ(quantile({7}, 0.5), 7.0);
    EXPECT_EQ(quantile({}, 0.5), 0.0);
}

TEST(Quantile, does_not_depend_on_the_order_of_the_numbers) {
    std::vector<double> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0.0);
    Rng rng(1);
    rng.shuffle(std::span(numbers));
    EXPECT_EQ(quantile(numbers, 0.5), 500.0);
    EXPECT_EQ(quantile(numbers, 0.99), 990.0);
}

}  // namespace
}  // namespace shortlist::base
