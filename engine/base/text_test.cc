#include "engine/base/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace shortlist::base {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, accepts_every_length_of_sequence) { EXPECT_TRUE(is_valid_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xac")); }

TEST(Utf8, refuses_what_rfc_3629_refuses) {
    for (const auto bad :
         {"\x80"sv, "\xc0\x80"sv, "\xc3"sv, "\xe0\x80\x80"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "a\xff"sv}) {
        EXPECT_FALSE(is_valid_utf8(bad)) << printable(bad);
    }
}

TEST(Nearest, finds_the_typo_and_nothing_for_a_stranger) {
    const std::vector<std::string> options{"half_life", "candidates", "signal"};
    EXPECT_EQ(nearest("halflife", options), "half_life");
    EXPECT_EQ(nearest("candidate", options), "candidates");
    EXPECT_EQ(nearest("xylophone_zz", options), "");
    EXPECT_EQ(suggestion("xylophone_zz", options), "; allowed: " + join(options));
    EXPECT_EQ(suggestion("halflife", options), "; did you mean 'half_life'? Allowed: " + join(options));
}

TEST(Letters, are_those_of_ascii) {
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool digit = std::string_view("0123456789").find(c) != std::string_view::npos;
        const bool lower = std::string_view("abcdefghijklmnopqrstuvwxyz").find(c) != std::string_view::npos;
        const auto upper = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ").find(c);
        EXPECT_EQ(is_digit(c), digit) << byte;
        EXPECT_EQ(is_letter(c), lower || upper != std::string_view::npos) << byte;
        EXPECT_EQ(is_name_character(c), is_letter(c) || digit || c == '_' || c == '-') << byte;
        EXPECT_EQ(to_lower(c), upper == std::string_view::npos ? c : "abcdefghijklmnopqrstuvwxyz"[upper]) << byte;
    }
}

TEST(Printable, shows_control_bytes_and_cuts) {
    EXPECT_EQ(printable("a\nb\xff"sv), "a\\x0ab\\xff");
    EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Duration, reads_and_prints_each_unit) {
    EXPECT_EQ(parse_duration("12h").value(), 12 * kHourUs);
    EXPECT_EQ(parse_duration("500ms").value(), 500'000);
    for (const auto text : {"0s", "90s", "15m", "12h", "7d", "500ms", "3us"}) EXPECT_EQ(format_duration(parse_duration(text).value()), text);
    for (const auto text : {"", "h", "12", "-3h", "1.5h", "12 h", "99999999999999d", "1w"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Format, writes_counts_bytes_and_times_for_people) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(1234567), "1,234,567");
    EXPECT_EQ(format_bytes(1536), "1.5 KiB");
    EXPECT_EQ(format_time(1'650'899'541'436'000), "2022-04-25T15:12:21.436Z");
    EXPECT_EQ(format_time(-kSecondUs), "1969-12-31T23:59:59Z");
    EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_time(951'782'400 * kSecondUs), "2000-02-29T00:00:00Z");
}

// The years are those that numpy gives: numpy.datetime64(2**63 - 1, "us"), and one more than the least, which it keeps for itself.
TEST(FormatTime, writes_the_first_and_the_last_time_there_is) {
    EXPECT_EQ(format_time(std::numeric_limits<TimeUs>::max()), "294247-01-10T04:00:54.775807Z");
    EXPECT_EQ(format_time(std::numeric_limits<TimeUs>::min() + 1), "-290308-12-21T19:59:05.224193Z");
    EXPECT_EQ(format_time(std::numeric_limits<TimeUs>::min()), "-290308-12-21T19:59:05.224192Z");
}

}  // namespace
}  // namespace shortlist::base
