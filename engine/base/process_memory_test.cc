#include "engine/base/process_memory.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace shortlist::base {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 20;

// A block this large is mapped for itself, so that its pages are given back with it; writing makes them resident.
TEST(ProcessMemory, counts_a_block_while_it_is_held_and_remembers_it_in_the_peak) {
    const auto before = resident_memory_bytes();
    {
        const std::vector<char> block(kBlock, 'x');
        EXPECT_GE(resident_memory_bytes(), before + kBlock / 2);
        EXPECT_LE(resident_memory_bytes(), before + 4 * kBlock);  // with what ThreadSanitizer notes of each byte, three times the block
        EXPECT_EQ(block.back(), 'x');
    }
    EXPECT_GE(peak_memory_bytes(), before + kBlock / 2);
}

}  // namespace
}  // namespace shortlist::base
