#include "engine/base/process_memory.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
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

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHORTLIST_ALLOCATOR_KEEPS 1  // to find who uses what was freed
#endif
#endif
#ifndef SHORTLIST_ALLOCATOR_KEEPS
// Each one is too small to be mapped for itself, and the last one that is held keeps the heap from shrinking.
TEST(ProcessMemory, small_blocks_that_were_freed_are_given_back) {
    constexpr std::size_t kSmall = 4096;
    std::vector<std::unique_ptr<char[]>> blocks;  // NOLINT(modernize-avoid-c-arrays): bytes, nothing more
    for (std::size_t taken = 0; taken < kBlock; taken += kSmall) {
        blocks.push_back(std::make_unique<char[]>(kSmall));  // NOLINT(modernize-avoid-c-arrays)
        blocks.back()[0] = 'x';
    }
    blocks.erase(blocks.begin(), blocks.end() - 1);
    const auto before = resident_memory_bytes();
    release_freed_memory();
    EXPECT_LE(resident_memory_bytes() + kBlock / 2, before);
    EXPECT_EQ(blocks.back()[0], 'x');
}
#endif

}  // namespace
}  // namespace shortlist::base
