#include "engine/features/sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace shortlist::features {
namespace {

using Sketch = std::vector<std::uint32_t>;

void add(Sketch& sketch, std::size_t begin, std::size_t end) {
    for (std::size_t id = begin; id < end; ++id) add_mark(std::span(sketch), sketch_mark("user" + std::to_string(id)));
}
double distinct_in(const Sketch& sketch) { return distinct(std::span<const std::uint32_t>(sketch)); }

// 64 registers: a standard error of 1.04 / 8 = 13 %; 0.45 is more than three of them.
TEST(Sketch, counts_different_ids_within_its_error_and_the_same_ones_once) {
    EXPECT_EQ(distinct_in(Sketch(StateTable::kSketchWords, 0)), 0.0);
    for (const std::size_t count : {1UL, 5UL, 40UL, 150UL, 1000UL, 30'000UL, 400'000UL}) {
        Sketch sketch(StateTable::kSketchWords, 0);
        add(sketch, 0, count);
        const double found = distinct_in(sketch);
        EXPECT_NEAR(found / static_cast<double>(count), 1.0, count < 40 ? 0.15 : 0.45) << count;
        add(sketch, 0, count);
        EXPECT_EQ(distinct_in(sketch), found);
    }
}

TEST(Sketch, of_parts_merges_into_that_of_the_whole_in_any_order_and_width) {
    Sketch whole(StateTable::kSketchWords, 0);
    Sketch first = whole;
    Sketch second = whole;
    std::vector<std::uint64_t> wide(StateTable::kSketchWords, 0);
    add(whole, 0, 3000);
    add(first, 0, 2000);
    add(second, 1000, 3000);
    merge_sketch(std::span(wide), std::span<const std::uint32_t>(second));
    merge_sketch(std::span(wide), std::span<const std::uint32_t>(first));
    merge_sketch(std::span(first), std::span<const std::uint32_t>(second));
    EXPECT_EQ(first, whole);
    EXPECT_EQ(distinct(std::span<const std::uint64_t>(wide)), distinct_in(whole));
}

}  // namespace
}  // namespace shortlist::features
