#include "engine/kernels/cpu.h"

#include <gtest/gtest.h>

namespace shortlist::kernels {
namespace {

TEST(CpuLevel, is_the_detected_one_when_nothing_is_forced) {
    EXPECT_EQ(choose_cpu_level("", CpuLevel::Avx512).value(), CpuLevel::Avx512);
    EXPECT_EQ(choose_cpu_level("", CpuLevel::Scalar).value(), CpuLevel::Scalar);
}

TEST(CpuLevel, can_be_forced_down_by_name) {
    EXPECT_EQ(choose_cpu_level("scalar", CpuLevel::Avx512).value(), CpuLevel::Scalar);
    EXPECT_EQ(choose_cpu_level("avx2", CpuLevel::Avx512).value(), CpuLevel::Avx2);
    EXPECT_EQ(choose_cpu_level("avx512", CpuLevel::Avx512).value(), CpuLevel::Avx512);
}

TEST(CpuLevel, that_the_processor_lacks_is_refused_and_what_it_has_is_named) {
    const auto level = choose_cpu_level("avx512", CpuLevel::Avx2);
    ASSERT_FALSE(level);
    EXPECT_EQ(level.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(level.error().message, "SHORTLIST_CPU asks for more than this processor has (avx2): avx512");
}

TEST(CpuLevel, with_an_unknown_name_is_refused_and_the_names_are_listed) {
    const auto level = choose_cpu_level("sse9", CpuLevel::Avx512);
    ASSERT_FALSE(level);
    EXPECT_EQ(level.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(level.error().message, "SHORTLIST_CPU must be scalar, avx2 or avx512, not \"sse9\"");
}

TEST(CpuLevel, that_is_active_never_exceeds_the_detected_one) { EXPECT_LE(active_cpu_level(), detected_cpu_level()); }

}  // namespace
}  // namespace shortlist::kernels
