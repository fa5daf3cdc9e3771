/// The secret that writes and admin ask for.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/environment.h"
#include "engine/base/result.h"

namespace shortlist::server {

/// Reads the token that `token_file` points to: a path, or ${NAME} for an environment variable. White space around it is dropped.
/// An empty `token_file` gives an empty token. Errors: InvalidArgument, naming the file or variable and never the secret
/// (missing, or not 16 to 1024 printable ASCII characters without spaces).
[[nodiscard]] Result<std::string> load_token(const std::string& token_file, const base::Environment& environment);

/// True when `given` is the header value "Bearer <token>". Takes the same time wherever the two differ.
[[nodiscard]] bool is_authorized(std::string_view given, std::string_view token);

}  // namespace shortlist::server
