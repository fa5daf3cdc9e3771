// AddressSanitizer and LeakSanitizer see what is planted here: were a flag lost from the build, these tests would say so.
#include <gtest/gtest.h>
#include <sanitizer/lsan_interface.h>

#include <cstdlib>
#include <vector>

namespace {

[[gnu::noinline]] int read_past_the_end(const std::vector<int>& values) {
    const volatile std::size_t past = values.size();
    return values.data()[past];
}

[[gnu::noinline]] void lose_memory() { static_cast<void>(*new volatile char[64]); }

TEST(AddressSanitizerDeathTest, stops_at_a_read_past_the_end_of_the_heap_block) {
    const std::vector<int> values(3);
    EXPECT_DEATH(std::_Exit(read_past_the_end(values)), "heap-buffer-overflow");
}

TEST(LeakSanitizerDeathTest, stops_at_lost_memory) {
    EXPECT_DEATH(
        {
            lose_memory();
            __lsan_do_leak_check();
            std::_Exit(0);
        },
        "detected memory leaks");
}

}  // namespace
