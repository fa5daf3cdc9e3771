/// Where the server's log lines go.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/server/http_server.h"

namespace shortlist::server {

enum class LogLevel { Info, Warning, Error };

/// Takes one line: a fixed phrase and key=value fields. Any thread may call it.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// Writes lines with time and level to standard error.
[[nodiscard]] LogSink standard_error_log();

/// `request method=POST route=/v1/events status=200 ...`. User attributes, ids and query texts are not in it.
[[nodiscard]] std::string access_line(const AnsweredRequest& request);

}  // namespace shortlist::server
