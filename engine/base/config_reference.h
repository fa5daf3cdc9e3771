/// A shape as a page of documentation: docs/reference/config.md.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/config_shape.h"

namespace shortlist::base {

/// Markdown: a section with a table for each field of the file, and one for each kind of a choice by `kind`.
[[nodiscard]] std::string reference_page(const ConfigShape& shape, std::string_view title, std::string_view introduction);

}  // namespace shortlist::base
