#include "apps/server/run_server.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <utility>

#include "apps/server/api.h"
#include "apps/server/http_server.h"
#include "apps/server/server_metrics.h"
#include "apps/server/token.h"

namespace shortlist::server {
namespace {

/// Files that the stores keep open beside the connections.
constexpr rlim_t kOtherFiles = 512;

/// Many systems let a process open 1024 files unless it asks for more.
void raise_file_limit(const project::ServeConfig& config, const LogSink& log) {
    const rlim_t wanted = static_cast<rlim_t>(config.connections) + kOtherFiles;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) {
        log(LogLevel::Warning, "too few open files allowed allowed=" + std::to_string(limit.rlim_cur) + " wanted=" + std::to_string(wanted));
    }
}

/// Whoever waits for the file sees all of it or none.
Status write_port_file(const std::string& path, std::uint16_t port) {
    if (path.empty()) return {};
    const auto unfinished = path + ".tmp";
    std::ofstream file(unfinished, std::ios::trunc);
    file << port << '\n';
    file.close();
    if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) return base::invalid_argument("serve.port_file: cannot write " + path);
    return {};
}

}  // namespace

StopSignals::StopSignals() {
    sigemptyset(&stopping_);
    sigaddset(&stopping_, SIGTERM);
    sigaddset(&stopping_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stopping_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void StopSignals::wait() const {
    int arrived = 0;
    while (sigwait(&stopping_, &arrived) != 0) {}
}

Status run_server(Service& service, const project::ServeConfig& config, const Surroundings& surroundings) {
    const auto& log = surroundings.log;
    SHORTLIST_ASSIGN(auto token, load_token(config.token_file, surroundings.environment));
    raise_file_limit(config, log);
    ServerLoad load;
    ServerMetrics metrics;
    const auto router = make_router(make_endpoints({service, metrics, load, config}));
    const auto answered = [&](const AnsweredRequest& request) {
        metrics.observe(request);
        if (!request.failure.empty()) {
            log(LogLevel::Error, access_line(request));
        } else if (config.access_log) {
            log(LogLevel::Info, access_line(request));
        }
    };
    SHORTLIST_ASSIGN(const auto server, HttpServer::start(config, {router, load, std::move(token), surroundings.request_id_seed, answered}));
    SHORTLIST_TRY(write_port_file(config.port_file, server->port()));
    log(LogLevel::Info, "server listens address=" + server->address());
    surroundings.listening(server->address());
    surroundings.wait_for_stop();
    log(LogLevel::Info, "server drains connections=" + std::to_string(load.connections.load()));
    const auto cut = server->drain();
    if (cut > 0) {
        return Error{ErrorCode::DeadlineExceeded, std::to_string(cut) + " connections were cut before their requests were answered (serve.drain)"};
    }
    log(LogLevel::Info, "server stopped");
    return {};
}

Surroundings process_surroundings(std::function<void(const std::string&)> listening, std::function<void()> wait_for_stop) {
    std::random_device random;
    const std::uint64_t seed = (std::uint64_t{random()} << 32) | random();
    return {standard_error_log(), base::process_environment(), std::move(listening), std::move(wait_for_stop), seed};
}

}  // namespace shortlist::server
