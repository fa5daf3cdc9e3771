/// The version of the program.
#pragma once

#include <string_view>

namespace shortlist::cli {

inline constexpr std::string_view kVersion = SHORTLIST_VERSION;

}  // namespace shortlist::cli
