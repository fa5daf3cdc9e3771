#include "engine/features/block_list.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/byte_strings.h"
#include "engine/base/random.h"

namespace shortlist::features {
namespace {

TEST(BlockList, finds_what_a_map_finds_and_keeps_the_order_of_first_touch) {
    Rng rng(4);
    BlockList list;
    std::map<std::uint32_t, std::uint32_t> expected;
    for (int i = 0; i < 20'000; ++i) {
        const auto code = static_cast<std::uint32_t>(rng.below(3000) * 7919);
        ++list.find_or_add(code, 2)[1];
        ++expected[code];
        ASSERT_EQ(list.size(), expected.size());
    }
    for (std::uint32_t code = 0; code < 3000 * 7919; code += 7919) {
        const auto block = list.find(code);
        ASSERT_EQ(block.empty() ? 0U : block[1], expected.contains(code) ? expected[code] : 0U);
    }
    EXPECT_TRUE(list.find(5).empty());
    EXPECT_TRUE(BlockList().find(0).empty());
}

// Stamped 0, 1, 2, 3, 4, 4, 4 ...: of the equal ones the earlier leave first.
TEST(BlockList, drops_the_least_recent_and_keeps_the_order_of_the_others) {
    for (const std::uint32_t codes : {8U, 40U}) {
        BlockList list;
        for (std::uint32_t code = 0; code < codes; ++code) list.find_or_add(code, 1)[0] = std::min(code, 4U);
        list.drop_least(6);
        EXPECT_EQ(list.size(), codes - 6);
        for (std::uint32_t code = 0; code < codes; ++code) EXPECT_EQ(list.find(code).empty(), code < 6) << code;
        EXPECT_EQ(list.find_or_add(100, 1)[0], 0U) << "a place that was left is zero again";
        const std::string bytes = base::bytes_written([&](base::ByteWriter& out) { list.save(out); });
        BlockList built;
        for (std::uint32_t code = 6; code < codes; ++code) built.find_or_add(code, 1)[0] = 4;
        built.find_or_add(100, 1)[0] = 0;
        EXPECT_EQ(base::bytes_written([&](base::ByteWriter& out) { built.save(out); }), bytes);
    }
}

TEST(BlockList, copies_are_deep_and_a_list_moved_from_is_empty) {
    BlockList list;
    for (std::uint32_t code = 0; code < 30; ++code) list.find_or_add(code, 3)[2] = code;
    BlockList copy = list;
    copy.find_or_add(7, 3)[2] = 1000;
    EXPECT_EQ(list.find(7)[2], 7U);
    const BlockList moved = std::move(copy);
    EXPECT_EQ(moved.find(7)[2], 1000U);
    EXPECT_EQ(copy.size(), 0U);  // NOLINT(bugprone-use-after-move): that is the promise
    list = moved;
    EXPECT_EQ(list.find(29)[2], 29U);
}

TEST(BlockList, refuses_bytes_with_a_key_twice_or_blocks_of_another_stride) {
    const auto load = [](const std::vector<std::uint32_t>& keys, const std::vector<std::uint32_t>& blocks) {
        const std::string bytes = base::bytes_written([&](base::ByteWriter& out) {
            out.put_all(keys);
            out.put_all(blocks);
        });
        base::StringReader in(bytes);
        const BlockList list = BlockList::load(2, in);
        return in.ok() ? static_cast<int>(list.size()) : -1;
    };
    EXPECT_EQ(load({}, {}), 0);
    EXPECT_EQ(load({5, 3}, {1, 2, 3, 4}), 2);
    EXPECT_EQ(load({5, 5}, {1, 2, 3, 4}), -1);
    EXPECT_EQ(load({5, kNoRow}, {1, 2, 3, 4}), -1);
    EXPECT_EQ(load({5, 3}, {1, 2, 3}), -1);
}

}  // namespace
}  // namespace shortlist::features
