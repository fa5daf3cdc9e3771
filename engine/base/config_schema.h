/// A shape as JSON Schema (Draft 2020-12), for editors that complete and check a project file as it is typed.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/config_shape.h"

namespace shortlist::base {

/// The schema of the whole file as JSON text, indented by two spaces, keys in the order of the shape.
[[nodiscard]] std::string json_schema(const ConfigShape& shape, std::string_view title);

}  // namespace shortlist::base
