/// Parses the body of a request, strictly.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>
#include <variant>

#include "apps/server/http.h"

namespace shortlist::server {

/// The JSON value that `text` holds, or why it is refused: 400 where it is not JSON (or not UTF-8), 422 where it nests deeper
/// than `depth_max` or an object names a field twice.
/// Cost O(n log n) in the text's length, whatever it holds.
[[nodiscard]] std::variant<boost::json::value, Problem> parse_json(std::string_view text, std::size_t depth_max);

}  // namespace shortlist::server
