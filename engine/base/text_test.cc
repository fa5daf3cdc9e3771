#include "engine/base/text.h"

#include <gtest/gtest.h>

#include <array>
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

// The bytes of a code point, by the table of RFC 3629, section 3.
std::string encoded(std::uint32_t point, std::size_t bytes) {
    if (bytes == 1) return {static_cast<char>(point)};
    static constexpr std::array<std::uint32_t, 5> kLead{0, 0, 0xc0, 0xe0, 0xf0};
    std::string out{static_cast<char>(kLead.at(bytes) + (point >> (6 * (bytes - 1))))};
    for (std::size_t byte = bytes - 1; byte-- > 0;) out += static_cast<char>(0x80 + ((point >> (6 * byte)) & 0x3f));
    return out;
}

// Every code point in the shortest form that holds it is valid, and in a longer one it is not; so are no surrogates.
TEST(Utf8, has_one_form_of_each_code_point) {
    for (std::uint32_t point = 0; point < 0x111000; point += point < 0x10000 || point > 0x10ffe0 ? 1 : 61) {
        const std::size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        const bool exists = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        ASSERT_EQ(is_valid_utf8(encoded(point, shortest)), exists) << std::hex << point;
        for (std::size_t bytes = shortest + 1; bytes <= 4; ++bytes) ASSERT_FALSE(is_valid_utf8(encoded(point, bytes))) << std::hex << point;
    }
}

TEST(Utf8, refuses_every_sequence_that_is_cut_or_goes_on_with_another_byte) {
    for (const auto& whole : {encoded(0xe9, 2), encoded(0x20ac, 3), encoded(0x1f3ac, 4)}) {
        for (std::size_t length = 1; length < whole.size(); ++length) {
            EXPECT_FALSE(is_valid_utf8(whole.substr(0, length)));
            for (const char other : {'\x00', '\x7f', '\xc0', '\xff'}) {
                std::string damaged = whole;
                damaged[length] = other;
                EXPECT_FALSE(is_valid_utf8(damaged)) << printable(damaged);
            }
        }
        EXPECT_TRUE(is_valid_utf8("a" + whole + "b" + whole));
        EXPECT_FALSE(is_valid_utf8(whole + "\x80"));
    }
    for (int lead = 0x80; lead < 0xc2; ++lead) EXPECT_FALSE(is_valid_utf8(std::string{static_cast<char>(lead), '\x80'})) << lead;
    for (int lead = 0xf5; lead < 0x100; ++lead) EXPECT_FALSE(is_valid_utf8(static_cast<char>(lead) + std::string("\x80\x80\x80"))) << lead;
}

// Two thirds of the longer one's length: 2 of 3 letters may differ, 3 may not; 6 of 9 may be missing, 7 of 10 may not.
TEST(Nearest, allows_two_thirds_of_the_longer_ones_length) {
    const auto is_near = [](const std::string& word, const std::string& option) { return nearest(word, std::vector{option}) == option; };
    EXPECT_TRUE(is_near("abc", "axy"));
    EXPECT_FALSE(is_near("abc", "xyz"));
    EXPECT_TRUE(is_near("abc", "abcdefghi"));
    EXPECT_FALSE(is_near("abc", "abcdefghij"));
    EXPECT_TRUE(is_near("abcdefghi", "abc"));
    EXPECT_TRUE(is_near("abc", "cab")) << "one letter put in front, one left out behind";
    EXPECT_FALSE(is_near("ab", "ba"));
    EXPECT_TRUE(is_near(std::string(256, 'x'), std::string(255, 'x')));
    EXPECT_FALSE(is_near(std::string(257, 'x'), std::string(256, 'x'))) << "nobody typed this";
}

// kitten to kitchen: one letter put in, one changed. To sitting: two changed, one put in. To mitten: one changed.
TEST(Nearest, takes_the_least_distance_and_of_equal_ones_the_first) {
    EXPECT_EQ(nearest("kitten", std::vector<std::string>{"sitting", "kitchen"}), "kitchen");
    EXPECT_EQ(nearest("kitten", std::vector<std::string>{"kitchen", "mitten", "bitten"}), "mitten");
    EXPECT_EQ(nearest("kitten", std::vector<std::string>{"kittens", "kitte"}), "kittens");
    EXPECT_EQ(nearest("", std::vector<std::string>{"a"}), "");
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
    EXPECT_EQ(printable("abc", 3), "abc");
    EXPECT_EQ(printable("\x1f\x20~\x7f"sv), "\\x1f ~\\x7f");
    EXPECT_EQ(printable("\xc3\xa9\xc3"sv), "\xc3\xa9\\xc3");
    EXPECT_EQ(printable("\xc3\xa9!", 1), "\xc3\xa9...") << "no character is cut in two";
    EXPECT_EQ(printable(std::string(81, 'x')), std::string(80, 'x') + "...");
}

TEST(Duration, reads_and_prints_each_unit) {
    EXPECT_EQ(parse_duration("12h").value(), 12 * kHourUs);
    EXPECT_EQ(parse_duration("500ms").value(), 500'000);
    EXPECT_EQ(parse_duration("7us").value(), 7);
    EXPECT_EQ(parse_duration("3d").value(), 3 * 86'400'000'000);
    EXPECT_EQ(parse_duration("0h").value(), 0);
    EXPECT_EQ(format_duration(3'600'000'001), "3600000001us");
    EXPECT_EQ(format_duration(25 * kHourUs), "25h");
    EXPECT_EQ(parse_duration("1w").error().message, "a duration is a whole number and one of us, ms, s, m, h, d, such as 12h; got '1w'");
    for (const auto text : {"0s", "90s", "15m", "12h", "7d", "500ms", "3us"}) EXPECT_EQ(format_duration(parse_duration(text).value()), text);
    for (const auto text : {"", "h", "12", "-3h", "1.5h", "12 h", "99999999999999d", "1w"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Format, writes_counts_bytes_and_times_for_people) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1,000");
    EXPECT_EQ(format_count(123456), "123,456");
    EXPECT_EQ(format_count(1234567), "1,234,567");
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(1024), "1.0 KiB");
    EXPECT_EQ(format_bytes(1536), "1.5 KiB");
    EXPECT_EQ(format_bytes(std::uint64_t{5} << 30), "5.0 GiB");
    EXPECT_EQ(format_bytes(std::uint64_t{3} << 50), "3072.0 TiB");
    EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}, "; "), "a; b; c");
    EXPECT_EQ(join(std::vector<std::string>{}), "");
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
