// ThreadSanitizer sees a planted race. The racing code runs in a process of its own, started afresh, because a fork
// of a process with threads would confuse the sanitizer.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

namespace {

int shared_by_two_threads = 0;

void race() {
    std::thread other([] { ++shared_by_two_threads; });
    ++shared_by_two_threads;
    other.join();
    std::exit(shared_by_two_threads > 2 ? 1 : 0);
}

TEST(ThreadSanitizerDeathTest, stops_at_two_unordered_writes) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(race(), "data race");
}

}  // namespace
