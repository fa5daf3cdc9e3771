/// Positions in the tables of a project. An outside id (ItemId, UserId) is a string; a row is where it stands.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace shortlist {

using ItemId = std::string;  ///< The outside world's name of an item: valid UTF-8, 1 to 256 bytes.
using UserId = std::string;
using ItemRow = std::uint32_t;  ///< 0-based position in the catalogue; never reassigned within a project.
using UserRow = std::uint32_t;

inline constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();  ///< An id that no table holds.

/// Time of an event: microseconds since 1970-01-01T00:00:00Z. Where a project knows only the order, the ordinal.
using TimeUs = std::int64_t;

inline constexpr TimeUs kSecondUs = 1'000'000;
inline constexpr TimeUs kMinuteUs = 60 * kSecondUs;
inline constexpr TimeUs kHourUs = 60 * kMinuteUs;
inline constexpr TimeUs kDayUs = 24 * kHourUs;

}  // namespace shortlist
