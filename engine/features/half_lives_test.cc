#include "engine/features/half_lives.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/random.h"
#include "engine/features/state_block.h"

namespace shortlist::features {
namespace {

// The definition: every event counts 2^(-age / half-life), added up anew at every reading.
TEST(HalfLives, count_what_the_definition_counts_over_many_epochs) {
    for (const std::uint32_t half_life : {1U, 60U, 3600U, 315'360'000U}) {
        StateTable table;
        HalfLives half_lives;
        table.counts = {{0, half_lives.add(half_life)}};
        table.fades = true;
        Rng rng(half_life);
        std::vector<std::uint32_t> narrow(table.stride(), 0);
        std::vector<std::uint64_t> wide(table.stride(), 0);
        std::vector<std::uint32_t> seconds;
        std::uint32_t second = 1'650'000'000;
        for (int i = 0; i < 300; ++i) {
            second += static_cast<std::uint32_t>(
                rng.below(rng.chance(0.1) ? std::min<std::uint64_t>(40ULL * half_life, 1'000'000) : 1 + std::min(half_life, 1'000'000U) / 8));
            seconds.push_back(second);
            const DecayMoment now = counting_moment(half_lives, second);
            count_event(table, half_lives, narrow, 1, now);
            apply_pending(table, half_lives, std::span(wide), std::vector<std::uint32_t>{1}, now);
            const auto later = static_cast<std::uint32_t>(second + rng.below(3 * std::uint64_t{std::min(half_life, 1'000'000U)}));
            double expected = 0;
            for (const std::uint32_t one : seconds) expected += std::exp2(-static_cast<double>(later - one) / half_life);
            const DecayMoment at = reading_moment(half_lives, later);
            ASSERT_NEAR(count_in(table, half_lives, std::span<const std::uint64_t>(wide), 0, at), expected, 1e-12 * expected) << i;
            ASSERT_NEAR(count_in(table, half_lives, std::span<const std::uint32_t>(narrow), 0, at), expected, 2e-6 * expected) << i;
        }
    }
}

// What was added before is brought into a later epoch by a power of two: when that happens leaves no trace.
TEST(HalfLives, give_equal_bits_whether_or_not_something_was_counted_between) {
    StateTable table;
    HalfLives half_lives;
    table.counts = {{0, half_lives.add(10)}, {1, CountSlot::kForever}};
    table.fades = true;
    std::vector<std::uint64_t> left_alone(table.stride(), 0);
    apply_pending(table, half_lives, std::span(left_alone), std::vector<std::uint32_t>{3, 0}, counting_moment(half_lives, 17));
    auto touched = left_alone;
    for (std::uint32_t second = 18; second < 900; second += 31) {
        apply_pending(table, half_lives, std::span(touched), std::vector<std::uint32_t>{0, 1}, counting_moment(half_lives, second));
        const DecayMoment at = reading_moment(half_lives, second);
        ASSERT_EQ(count_in(table, half_lives, std::span<const std::uint64_t>(touched), 0, at),
                  count_in(table, half_lives, std::span<const std::uint64_t>(left_alone), 0, at))
            << second;
    }
    EXPECT_EQ(count_in(table, half_lives, std::span<const std::uint64_t>(touched), 0, reading_moment(half_lives, 5000)), 0.0);
}

TEST(StateBlock, whole_counts_stop_at_the_greatest_number) {
    EXPECT_EQ(add_whole<std::uint32_t>(7, 3), 10U);
    EXPECT_EQ(add_whole<std::uint32_t>(4'294'967'290U, 10), 4'294'967'295U);
    EXPECT_EQ(add_whole<std::uint64_t>(4'294'967'290U, 10), 4'294'967'300U);
}

}  // namespace
}  // namespace shortlist::features
