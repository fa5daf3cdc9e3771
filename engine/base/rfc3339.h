/// Times as text.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/ids.h"

namespace shortlist::base {

/// Reads a time of RFC 3339 such as 2024-05-01T12:00:00Z or 2024-05-01T14:00:00.250+02:00; digits past the microsecond are dropped.
/// A leap second (:60) counts as the second after it. Nothing where the text is no such time.
[[nodiscard]] std::optional<TimeUs> parse_rfc3339(std::string_view text);

}  // namespace shortlist::base
