/// Text from outside: is it UTF-8, what was probably meant, how do numbers and durations read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace shortlist::base {

/// True for well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or values past U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// The option within two thirds of its length in edit distance that is nearest to `word`; empty when none is near.
/// Ties go to the earlier option. Cost O(options x length^2).
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> options);

/// The end of a message about a `word` that is none of `options`: `; did you mean 'x'? Allowed: x, y`, or `; allowed: x, y` where none is near.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string> options);

/// `text` made safe to print inside quotes: control bytes as \xNN, cut to `limit` bytes with "..." behind.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 80);

/// Joins with commas, as in messages that list what is allowed.
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

/// ASCII alone, whatever the locale.
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
[[nodiscard]] constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
/// What the names in a project file are made of: letters, digits, _ and -.
[[nodiscard]] constexpr bool is_name_character(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

/// Reads a duration such as 90s, 15m, 12h, 7d, 500ms. Errors: InvalidArgument, naming the forms.
[[nodiscard]] Result<TimeUs> parse_duration(std::string_view text);
/// The shortest exact form that parse_duration reads back.
[[nodiscard]] std::string format_duration(TimeUs duration);

/// 1234567 as 1,234,567.
[[nodiscard]] std::string format_count(std::uint64_t count);
/// 1536 as 1.5 KiB.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);
/// A UTC time as 2022-04-25T15:12:21Z, with a fraction only where there is one.
[[nodiscard]] std::string format_time(TimeUs time);

}  // namespace shortlist::base
