#include "engine/kernels/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/random.h"

namespace shortlist::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Scored> best_of(std::span<const Scored> offered, std::size_t k) {
    TopK best;
    best.start(k);
    for (const Scored& candidate : offered) best.offer(candidate);
    const auto kept = best.best();
    return {kept.begin(), kept.end()};
}

TEST(TopK, gives_the_best_first_and_ties_to_the_lower_row) {
    const std::vector<Scored> offered{{1, 9}, {5, 4}, {3, 7}, {5, 2}, {3, 1}};
    EXPECT_EQ(best_of(offered, 4), (std::vector<Scored>{{5, 2}, {5, 4}, {3, 1}, {3, 7}}));
}

TEST(TopK, gives_all_when_fewer_than_k_were_offered) {
    EXPECT_EQ(best_of(std::vector<Scored>{{1, 0}, {2, 1}}, 10), (std::vector<Scored>{{2, 1}, {1, 0}}));
    EXPECT_TRUE(best_of({}, 3).empty());
}

TEST(TopK, never_keeps_a_nan_over_a_finite_score) {
    std::vector<Scored> offered;
    for (std::uint32_t row = 0; row < 5000; ++row) offered.push_back({row % 3 == 0 ? 1.0F : std::nanf(""), row});
    const auto kept = best_of(offered, 100);
    ASSERT_EQ(kept.size(), 100U);
    for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(kept[i], (Scored{1.0F, 3 * i}));
}

TEST(TopK, orders_infinities_at_the_ends) {
    EXPECT_EQ(best_of(std::vector<Scored>{{0, 0}, {-kInfinity, 1}, {kInfinity, 2}}, 3),
              (std::vector<Scored>{{kInfinity, 2}, {0, 0}, {-kInfinity, 1}}));
}

// Few distinct scores, so that the k-th place is always contested; a full sort is the slow twin.
TEST(TopK, equals_a_full_sort_in_any_order_of_offers) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Rng rng(seed);
        const std::size_t k = 1 + rng.below(300);
        std::vector<Scored> offered(rng.below(8000));
        for (std::uint32_t row = 0; row < offered.size(); ++row) offered[row] = {static_cast<float>(rng.below(20)), row};
        rng.shuffle(std::span(offered));
        const auto kept = best_of(offered, k);
        std::sort(offered.begin(), offered.end(), better);
        offered.resize(std::min(offered.size(), k));
        ASSERT_EQ(kept, offered) << "seed " << seed;
    }
}

TEST(TopK, drops_what_is_below_the_floor_and_keeps_what_equals_it) {
    TopK best;
    best.start(5, 2.0F);
    best.offer({1.5F, 0});
    best.offer({2.0F, 1});
    ASSERT_EQ(best.best().size(), 1U);
    EXPECT_EQ(best.best()[0], (Scored{2.0F, 1}));
}

TEST(TopK, always_leaves_room_for_a_kernel) {
    TopK best;
    best.start(3);
    for (std::uint32_t row = 0; row < 10'000; row += 16) {
        ASSERT_GE(best.room().size(), TopK::kRoom);
        for (std::uint32_t i = 0; i < 16; ++i) best.room()[i] = {static_cast<float>(row + i), row + i};
        best.appended(16);
    }
    const auto kept = best.best();
    EXPECT_EQ(std::vector<Scored>(kept.begin(), kept.end()), (std::vector<Scored>{{9999, 9999}, {9998, 9998}, {9997, 9997}}));
}

}  // namespace
}  // namespace shortlist::kernels
