#include "engine/base/rfc3339.h"

#include <gtest/gtest.h>

namespace shortlist::base {
namespace {

TEST(Rfc3339, reads_times_with_fraction_and_offset) {
    // Seconds by `date -u -d ... +%s`.
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_rfc3339("2024-02-29T23:59:59Z"), 1'709'251'199'000'000);
    EXPECT_EQ(parse_rfc3339("2024-05-01T14:00:00.25+02:00"), 1'714'564'800'250'000);
    EXPECT_EQ(parse_rfc3339("2024-05-01 06:30:00.123456789-05:30"), 1'714'564'800'123'456);
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), 1'483'228'800'000'000);
}

TEST(Rfc3339, refuses_what_is_no_such_time) {
    for (const auto* text :
         {"", "2024", "2024-05-01", "2024-05-01T12:00:00", "2024-05-01T12:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
          "2024-05-01T24:00:00Z", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00Zx", "2024-05-01T12:00:00+0200", "24-05-01T12:00:00Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace shortlist::base
