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
StateTable two_counts(double half_life) {
    StateTable table;
    table.counts = {{0, half_life == 0.0 ? 0.0 : 1.0 / half_life}, {1, 0.01}};
    return table;
}

std::vector<std::uint32_t> rows_of(const Leaders& leaders) {
    std::vector<std::uint32_t> rows;
    for (const auto& leader : leaders.best()) rows.push_back(leader.row);
    return rows;
}

// After every change the list is what sorting all rows gives.
TEST(Leaders, are_the_rows_that_a_sort_of_all_finds) {
    constexpr std::size_t kRows = 60;
    for (const double half_life : {0.0, 50.0}) {
        const StateTable table = two_counts(half_life);
        for (const std::size_t most : {1, 7, 100}) {
            Rng rng(most);
            Leaders leaders(most);
            std::vector<std::vector<double>> blocks(kRows, std::vector<double>(table.stride(), 0.0));
            for (double time = 1; time < 500; ++time) {
                const auto row = static_cast<std::uint32_t>(rng.below(1 + rng.below(kRows)));
                std::vector<double> pending(table.stride(), 0.0);
                pending[table.count_at(rng.chance(0.6) ? 0 : 1)] = static_cast<double>(1 + rng.below(3));
                leaders.remove(row, Leaders::key_of(table, 0, blocks[row]));
                apply_pending(table, blocks[row], pending, time);
                leaders.insert(row, Leaders::key_of(table, 0, blocks[row]));

                std::vector<std::pair<double, std::uint32_t>> all;
                for (std::uint32_t r = 0; r < kRows; ++r) {
                    if (blocks[r][1] > 0.0) all.emplace_back(-Leaders::key_of(table, 0, blocks[r]), r);
                }
                std::sort(all.begin(), all.end());
                all.resize(std::min(all.size(), most));
                std::vector<std::uint32_t> expected;
                for (const auto& [key, r] : all) expected.push_back(r);
                ASSERT_EQ(rows_of(leaders), expected) << "half-life " << half_life << ", most " << most << ", time " << time;
            }
        }
    }
}

TEST(Leaders, order_counts_of_different_ages_by_what_is_left_of_them) {
    const StateTable table = two_counts(10.0);
    EXPECT_DOUBLE_EQ(Leaders::key_of(table, 0, std::vector<double>{0, 8, 0}), 3.0);
    EXPECT_DOUBLE_EQ(Leaders::key_of(table, 0, std::vector<double>{30, 1, 0}), 3.0) << "8, three half-lives before, is 1";
    EXPECT_EQ(Leaders::key_of(table, 0, std::vector<double>{30, 0, 5}), -std::numeric_limits<double>::infinity());
}

TEST(Leaders, leave_out_what_was_never_counted) {
    Leaders leaders(3);
    leaders.remove(1, -std::numeric_limits<double>::infinity());
    leaders.insert(1, -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(leaders.best().empty());
}

}  // namespace
}  // namespace shortlist::features
