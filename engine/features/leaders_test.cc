#include "engine/features/leaders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/random.h"
#include "engine/features/state_block.h"

namespace shortlist::features {
namespace {

// Two counts of a block: the first is listed, the second only makes time pass for it.
struct TwoCounts {
    HalfLives half_lives;
    StateTable table;

    explicit TwoCounts(std::uint32_t half_life) {
        table.owner.item = ItemPart::Item;
        table.counts = {{0, half_life == 0 ? CountSlot::kForever : half_lives.add(half_life)}, {1, half_lives.add(100)}};
        table.fades = true;
    }
    [[nodiscard]] double key(const std::vector<std::uint64_t>& block) const { return key_in(table, half_lives, std::span(block), 0); }
};

std::vector<std::uint32_t> rows_of(const Leaders& leaders) {
    std::vector<std::uint32_t> rows;
    for (const auto& leader : leaders.best()) rows.push_back(leader.row);
    return rows;
}

// After every change the list is what sorting all rows gives; 500 seconds are many epochs of the shortest half-life.
TEST(Leaders, are_the_rows_that_a_sort_of_all_finds) {
    constexpr std::size_t kRows = 60;
    for (const std::uint32_t half_life : {0U, 1U, 50U}) {
        const TwoCounts counts(half_life);
        for (const std::size_t most : {1, 7, 100}) {
            Rng rng(most);
            Leaders leaders(most);
            std::vector<std::vector<std::uint64_t>> blocks(kRows, std::vector<std::uint64_t>(counts.table.stride(), 0));
            for (std::uint32_t second = 1; second < 500; ++second) {
                const auto row = static_cast<std::uint32_t>(rng.below(1 + rng.below(kRows)));
                std::vector<std::uint32_t> pending(pending_stride(counts.table), 0);
                pending[rng.chance(0.6) ? 0 : 1] = static_cast<std::uint32_t>(1 + rng.below(3));
                const double before = counts.key(blocks[row]);
                apply_pending(counts.table, counts.half_lives, std::span(blocks[row]), pending, counting_moment(counts.half_lives, second));
                leaders.update(row, before, counts.key(blocks[row]));

                std::vector<std::pair<double, std::uint32_t>> all;
                for (std::uint32_t r = 0; r < kRows; ++r) {
                    if (!std::isinf(counts.key(blocks[r]))) all.emplace_back(-counts.key(blocks[r]), r);
                }
                std::sort(all.begin(), all.end());
                all.resize(std::min(all.size(), most));
                std::vector<std::uint32_t> expected;
                for (const auto& [key, r] : all) expected.push_back(r);
                ASSERT_EQ(rows_of(leaders), expected) << "half-life " << half_life << ", most " << most << ", second " << second;
            }
        }
    }
}

// Eight events at second 0, and one three half-lives later, are worth the same ever after.
TEST(Leaders, order_counts_of_different_ages_by_what_is_left_of_them) {
    const TwoCounts counts(10);
    const auto key_of = [&](std::uint32_t second, std::uint32_t events) {
        std::vector<std::uint64_t> block(counts.table.stride(), 0);
        apply_pending(counts.table, counts.half_lives, std::span(block), std::vector<std::uint32_t>{events, 0},
                      counting_moment(counts.half_lives, second));
        return counts.key(block);
    };
    EXPECT_DOUBLE_EQ(key_of(0, 8), 3.0);
    EXPECT_DOUBLE_EQ(key_of(30, 1), 3.0);
    EXPECT_GT(key_of(31, 1), 3.0);
    EXPECT_DOUBLE_EQ(key_of(10'000, 1), 1000.0) << "past many epochs";
    EXPECT_EQ(key_of(30, 0), -std::numeric_limits<double>::infinity());
}

TEST(Leaders, leave_out_what_was_never_counted) {
    Leaders leaders(3);
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    leaders.update(1, kNever, kNever);
    EXPECT_TRUE(leaders.best().empty());
}

}  // namespace
}  // namespace shortlist::features
