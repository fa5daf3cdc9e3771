/// Environment variables. Passed in, so that tests decide what they hold.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace shortlist::base {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// That of this process.
[[nodiscard]] Environment process_environment();

}  // namespace shortlist::base
