/// Serves until told to stop: what `shortlist serve` and `shortlist-server` both call.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <string>

#include "apps/server/log.h"
#include "apps/server/service.h"
#include "engine/base/environment.h"
#include "engine/base/result.h"
#include "engine/project/serve_config.h"

namespace shortlist::server {

/// SIGTERM and SIGINT, held back from the moment this is built so that wait() gets them. Build it before any other thread starts:
/// threads inherit what is held back.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// Returns once one arrives.
    void wait() const;

private:
    sigset_t stopping_;
    sigset_t before_;
};

/// The outside of a server.
struct Surroundings {
    LogSink log;
    base::Environment environment;
    std::function<void(const std::string& address)> listening;  ///< Called once connections are accepted, with host:port.
    std::function<void()> wait_for_stop;
    std::uint64_t request_id_seed = 0;  ///< Different at each start.
};

/// Listens, serves `service`, and after wait_for_stop() returns answers all it has accepted.
/// Errors: InvalidArgument (listen, token_file), Unavailable (port), DeadlineExceeded (requests were still unanswered after `drain`).
[[nodiscard]] Status run_server(Service& service, const project::ServeConfig& config, const Surroundings& surroundings);

/// Surroundings of a real process: log on standard error, its environment, a random seed, and the given two.
[[nodiscard]] Surroundings process_surroundings(std::function<void(const std::string&)> listening, std::function<void()> wait_for_stop);

}  // namespace shortlist::server
