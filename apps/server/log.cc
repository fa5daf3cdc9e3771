// The only unit that includes spdlog.
#include "apps/server/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "engine/base/text.h"

namespace shortlist::server {

LogSink standard_error_log() {
    // A logger of its own: the library's registry of names would make a second one an error.
    auto logger = std::make_shared<spdlog::logger>("shortlist", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::warn);
    return [logger](LogLevel level, std::string_view line) {
        const auto spd = level == LogLevel::Info ? spdlog::level::info : level == LogLevel::Warning ? spdlog::level::warn : spdlog::level::err;
        logger->log(spd, spdlog::string_view_t(line.data(), line.size()));
    };
}

std::string access_line(const AnsweredRequest& request) {
    std::string line = "request method=";
    line += name_of(request.method);
    line += " route=";
    line += request.route.empty() ? "none" : request.route;
    line += " status=" + std::to_string(request.status);
    line += " latency_us=" + std::to_string(static_cast<long long>(request.seconds * 1e6));
    line += " request_bytes=" + std::to_string(request.request_bytes);
    line += " response_bytes=" + std::to_string(request.response_bytes);
    line += " remote=";
    line += request.remote_address;
    line += " request_id=";
    line += request.request_id;
    if (!request.failure.empty()) line += " failure=\"" + base::printable(request.failure) + "\"";
    return line;
}

}  // namespace shortlist::server
