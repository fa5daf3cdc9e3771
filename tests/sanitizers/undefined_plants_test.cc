// UndefinedBehaviorSanitizer stops the process: by default it would print its report and let the test pass.
#include <gtest/gtest.h>

#include <limits>

namespace {

TEST(UndefinedBehaviorSanitizerDeathTest, stops_at_a_signed_overflow) {
    volatile int largest = std::numeric_limits<int>::max();
    EXPECT_DEATH(largest = largest + 1, "signed integer overflow");
}

}  // namespace
