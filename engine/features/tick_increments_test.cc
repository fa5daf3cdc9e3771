#include "engine/features/tick_increments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/features/fold.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// One row: two counts, one last and one sketch's word a block.
struct Row {
    std::int64_t tick = 60;
    std::uint32_t table = 1;
    std::vector<std::uint64_t> keys = {};
    std::vector<std::uint64_t> first = {};
    std::vector<std::uint32_t> words = {};
    std::uint32_t counts = 2;
};

data::ArrowBatch batch_of(const std::vector<Row>& rows) {
    std::vector<std::int64_t> tick, key_ends{0}, word_ends{0};
    std::vector<std::uint32_t> table, counts, words;
    std::vector<std::uint64_t> keys, first;
    for (const auto& row : rows) {
        tick.push_back(row.tick);
        table.push_back(row.table);
        counts.push_back(row.counts);
        keys.insert(keys.end(), row.keys.begin(), row.keys.end());
        first.insert(first.end(), row.first.begin(), row.first.end());
        words.insert(words.end(), row.words.begin(), row.words.end());
        key_ends.push_back(static_cast<std::int64_t>(keys.size()));
        word_ends.push_back(static_cast<std::int64_t>(words.size()));
    }
    data::ArrowBatchBuilder builder;
    builder.add("tick", tick).add("table", table).add("counts", counts).add("lasts", std::vector<std::uint32_t>(rows.size(), 1));
    return builder.add_lists("keys", key_ends, keys).add_lists("first", key_ends, first).add_lists("words", word_ends, words).finish();
}

// Block 7: counts 1 + 4 and 2 + 0, last max(100, 90), registers max(1, 3) and max(2, 0) in the lowest two bytes. Block 5 is in one part alone. It
// stands first: event 3 touched it, and block 7 was touched by event 4 first.
TEST(TickIncrements, add_up_by_tick_table_and_key_in_the_order_of_first_touch) {
    const auto a = batch_of({{.keys = {7}, .first = {9}, .words = {1, 2, 100, 0x0201}}});
    const auto b = batch_of({{.keys = {5, 7}, .first = {3, 4}, .words = {1, 1, 80, 0, 4, 0, 90, 0x0003}},
                             {.tick = 120, .keys = {7}, .first = {12}, .words = {1, 0, 0, 0}}});
    const std::vector<TickIncrements> parts{increments_in(a).value(), increments_in(b).value()};
    const auto batch = sum_increments(parts).value();
    const auto sum = increments_in(batch).value();
    EXPECT_THAT(sum.tick, ElementsAre(60, 120));
    EXPECT_THAT(sum.table, ElementsAre(1U, 1U));
    EXPECT_THAT(sum.keys[0], ElementsAre(5U, 7U));
    EXPECT_THAT(sum.first[0], ElementsAre(3U, 4U));
    EXPECT_THAT(sum.words[0], ElementsAre(1U, 1U, 80U, 0U, 5U, 2U, 100U, 0x0203U));
    EXPECT_THAT(sum.words[1], ElementsAre(1U, 0U, 0U, 0U));
    const std::vector<TickIncrements> turned{parts[1], parts[0]};
    const auto other = sum_increments(turned).value();
    EXPECT_THAT(increments_in(other).value().words.values, testing::ElementsAreArray(sum.words.values));
}

TEST(TickIncrements, of_no_part_are_none) {
    const auto batch = sum_increments({}).value();
    EXPECT_EQ(increments_in(batch).value().size(), 0U);
}

TEST(TickIncrements, are_refused_where_they_do_not_fit_one_another) {
    const Row good{.keys = {7}, .first = {9}, .words = {1, 2, 3, 4}};
    Row wrong = good;
    wrong.words.pop_back();
    wrong.keys.push_back(8);
    wrong.first.push_back(9);
    EXPECT_THAT(increments_in(batch_of({wrong})).error().message, HasSubstr("table 1 at 60"));
    wrong = good;
    wrong.counts = 4;
    EXPECT_FALSE(increments_in(batch_of({wrong})));
    EXPECT_THAT(increments_in(batch_of({good, good})).error().message, HasSubstr("ascending"));
    wrong.counts = 1;
    const auto a = batch_of({good});
    const auto b = batch_of({wrong});
    EXPECT_THAT(sum_increments(std::vector{increments_in(a).value(), increments_in(b).value()}).error().message, HasSubstr("different plans"));
    EXPECT_THAT(increments_in(batch_of({Row{}})).error().message, HasSubstr("0 keys"));
}

TEST(TickIncrements, are_refused_where_they_do_not_fit_the_plan) {
    const SmallWorld world;
    FeatureConfig clicks;
    clicks.of = "item";
    clicks.signal = "watched";
    const auto plan = FeaturePlan::create({clicks}, world.inputs()).value();
    const auto rows = rows_by_table(plan, world.data.items, world.data.users);
    PartitionGatherer gatherer(plan, world.data.items, world.data.users, kTickUs, {});
    gatherer.apply({.time = kMinuteUs, .user = 0, .item = 3, .signals = 1});
    const auto batch = gatherer.finish();
    const auto good = increments_in(batch).value();
    ASSERT_TRUE(check_increments(good, plan, rows));
    ASSERT_EQ(good.size(), 1U);
    EXPECT_EQ(good.tick[0], 2 * kMinuteUs);
    EXPECT_THAT(good.words[0], ElementsAre(1U));
    const std::vector<std::size_t> fewer(rows.size(), 3);
    EXPECT_THAT(check_increments(good, plan, fewer).error().message, HasSubstr("not there"));
    TickIncrements wrong = good;
    const std::vector<std::uint32_t> table{9};
    wrong.table = table;
    EXPECT_THAT(check_increments(wrong, plan, rows).error().message, HasSubstr("another plan"));
}

}  // namespace
}  // namespace shortlist::features
