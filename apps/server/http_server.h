/// The HTTP/1.1 transport: sockets, limits, deadlines and an orderly end. It knows routes and handlers, and nothing of what they do.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "apps/server/router.h"
#include "engine/base/result.h"
#include "engine/project/serve_config.h"

namespace shortlist::server {

/// How busy the server is, kept current by it; any thread may read.
struct ServerLoad {
    std::atomic<std::int64_t> connections{0};
    std::atomic<std::int64_t> requests{0};  ///< Read in whole and not yet answered.
    std::atomic<std::int64_t> queued{0};    ///< Of these, waiting for a worker.
    std::atomic<std::int64_t> write_bytes{0};  ///< Bodies of those that wait for the disk.
};

/// One answered request, for metrics and the access log.
struct AnsweredRequest {
    Method method = Method::Other;
    std::string_view route;  ///< The pattern; empty where the request did not get as far as a route.
    int status = 0;
    double seconds = 0;      ///< From the last byte read to the answer handed to the system.
    std::size_t request_bytes = 0;
    std::size_t response_bytes = 0;
    std::string_view remote_address;
    std::string_view request_id;
    std::string_view failure;  ///< What a handler threw; empty where it returned.
};

/// What a server is given. Router and load must outlive it.
struct HttpServerParts {
    const Router& router;
    ServerLoad& load;
    std::string token;                   ///< What routes that need one ask for; empty: they are open.
    std::uint64_t request_id_seed = 0;   ///< Different at each start, so that request ids are too.
    std::function<void(const AnsweredRequest&)> answered;  ///< Any thread may call it; must not throw.
};

/// Threads of their own serve the connections; any thread may call the members, one at a time.
class HttpServer {
public:
    /// Listens and starts serving.
    /// Errors: InvalidArgument (listen is no address and port, or is open to others without token or `insecure`), Unavailable (the port is taken).
    static Result<std::unique_ptr<HttpServer>> start(const project::ServeConfig& config, HttpServerParts parts);

    /// Drains, unless that is done.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Where it listens, with the port that the system chose: 127.0.0.1:41523.
    [[nodiscard]] const std::string& address() const;
    [[nodiscard]] std::uint16_t port() const;

    /// Stops accepting, answers every request that was accepted, and ends the threads. Connections that are idle may send
    /// one more request within `linger`; what is not answered within `drain` is cut. Returns how many connections were cut.
    std::size_t drain();

    struct State;  ///< Defined in the .cc.

private:
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::server
