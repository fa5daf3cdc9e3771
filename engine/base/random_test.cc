#include "engine/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "engine/base/exp2.h"

namespace shortlist::base {
namespace {

// First output of SplitMix64 seeded with 0, as published with the algorithm.
TEST(Rng, mix64_gives_the_published_first_value_of_splitmix64) { EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafULL); }

// Every world and every model that has a seed rests on these. The numbers are those of a second implementation, in Python.
TEST(Rng, gives_the_numbers_that_it_always_gave) {
    Rng words(42);
    for (const std::uint64_t expected : {0xc757960b442b0ac3ULL, 0x4bb22a7f77ff8c6cULL, 0x04950439d3c5eafeULL, 0xb769fb44902f2dc2ULL}) {
        EXPECT_EQ(words.next(), expected);
    }
    EXPECT_EQ(words.fork(7).next(), 0x7732bacec378dd0dULL);
    Rng below(42);
    for (const std::uint64_t expected : {778, 295, 17, 716, 316}) EXPECT_EQ(below.below(1000), expected);
    Rng wide(42);  // a draw in two is thrown away, lest some numbers come twice as often
    for (const std::uint64_t expected : {6608185426695395041ULL, 454388626042000753ULL, 2465468725163144380ULL, 6845938143566881018ULL,
                                         5116425996095269457ULL, 6784112205674483547ULL}) {
        EXPECT_EQ(wide.below(0x8000000000000001ULL), expected);
    }
    Rng rng(42);
    EXPECT_EQ(rng.uniform(), 0.7786802079682894);
    EXPECT_DOUBLE_EQ(rng.uniform(-2.0, 6.0), 0.3654987802146801);
    EXPECT_DOUBLE_EQ(rng.normal(), -0.039755500224412356);
    EXPECT_DOUBLE_EQ(rng.exponential(), 0.380278175343657);
    EXPECT_DOUBLE_EQ(rng.gamma(2.5), 1.7348240069581333);
    EXPECT_DOUBLE_EQ(rng.gamma(0.4), 0.00517680383953752);
    EXPECT_DOUBLE_EQ(rng.beta(2.0, 3.0), 0.3600739634260584);
}

TEST(Rng, below_one_is_zero_and_reaches_the_last_number) {
    Rng rng(4);
    std::array<int, 3> counts{};
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(rng.below(1), 0U);
        ++counts.at(rng.below(3));
    }
    for (const int count : counts) EXPECT_GT(count, 0);
}

TEST(Rng, gives_the_same_numbers_for_the_same_seed) {
    Rng a(7);
    Rng b(7);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(a.next(), b.next());
    EXPECT_NE(Rng(7).next(), Rng(8).next());
}

TEST(Rng, fork_does_not_depend_on_what_was_drawn) {
    Rng fresh(3);
    Rng used(3);
    static_cast<void>(used.next());
    EXPECT_EQ(fresh.fork(5).next(), used.fork(5).next());
    EXPECT_NE(fresh.fork(5).next(), fresh.fork(6).next());
}

// 60,000 draws of 6 faces: each count has mean 10,000 and standard deviation 91; five of those are allowed.
TEST(Rng, below_is_uniform) {
    Rng rng(1);
    std::array<int, 6> counts{};
    for (int i = 0; i < 60'000; ++i) ++counts[rng.below(6)];
    for (const int count : counts) EXPECT_NEAR(count, 10'000, 460);
}

// Means and variances from the textbook; the tolerance is five standard errors of 100,000 draws.
TEST(Rng, normal_exponential_gamma_and_beta_have_their_mean_and_variance) {
    const auto expect_moments = [](auto draw, double mean, double variance, const char* name) {
        Rng rng(11);
        const int n = 100'000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
            const double x = draw(rng);
            sum += x;
            squares += (x - mean) * (x - mean);
        }
        EXPECT_NEAR(sum / n, mean, 5 * std::sqrt(variance / n)) << name;
        EXPECT_NEAR(squares / n, variance, 0.06 * variance) << name;
    };
    expect_moments([](Rng& rng) { return rng.normal(); }, 0, 1, "normal");
    expect_moments([](Rng& rng) { return rng.exponential(); }, 1, 1, "exponential");
    expect_moments([](Rng& rng) { return rng.gamma(2.5); }, 2.5, 2.5, "gamma(2.5)");
    expect_moments([](Rng& rng) { return rng.gamma(0.4); }, 0.4, 0.4, "gamma(0.4)");
    expect_moments([](Rng& rng) { return rng.beta(2, 3); }, 0.4, 0.04, "beta(2, 3)");
}

TEST(Exp2, is_exact_at_whole_numbers) {
    for (int n = -1022; n <= 1023; ++n) ASSERT_EQ(base::exp2(n), std::ldexp(1.0, n)) << n;
}

TEST(Exp2, agrees_with_libm_to_four_parts_in_ten_to_the_sixteen) {
    Rng rng(2);
    for (int i = 0; i < 100'000; ++i) {
        const double x = rng.uniform(-60, 60);
        ASSERT_NEAR(base::exp2(x) / std::exp2(x), 1.0, 4.5e-16) << x;
    }
}

TEST(Exp2, saturates_and_keeps_nan) {
    EXPECT_EQ(base::exp2(-5000.0), 0.0);
    EXPECT_EQ(base::exp2(std::nextafter(-1022.0, -1023.0)), 0.0);
    EXPECT_TRUE(std::isinf(base::exp2(std::nextafter(1023.0, 1024.0))));
    EXPECT_TRUE(std::isinf(base::exp2(5000.0)));
    EXPECT_TRUE(std::isnan(base::exp2(std::nan(""))));
}

}  // namespace
}  // namespace shortlist::base
