// The only unit that includes Boost.Beast and Asio, and one file because of that. One acceptor hands connections to the threads in turn: a second
// listener on the same port then fails to start, which SO_REUSEPORT would hide, and no thread's backlog is lost when the server stops.
#include "apps/server/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apps/server/token.h"
#include "apps/server/worker_pool.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"

namespace shortlist::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kIdleBytes = 4 * kReadBytes;  // What the buffer of an idle connection may keep.
/// Connections over the limit that may wait for their refusal to be read; the next ones are closed without a word.
constexpr std::int64_t kRefusalsMax = 128;
constexpr auto kAcceptRetry = std::chrono::milliseconds(20);
constexpr auto kCancelAgain = std::chrono::milliseconds(1);
constexpr auto kLingeringClose = std::chrono::milliseconds(500);

std::chrono::microseconds duration_of(base::Duration duration) { return std::chrono::microseconds(duration.us); }

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get: return Method::Get;
        case http::verb::head: return Method::Head;
        case http::verb::post: return Method::Post;
        case http::verb::put: return Method::Put;
        case http::verb::patch: return Method::Patch;
        case http::verb::delete_: return Method::Delete;
        case http::verb::options: return Method::Options;
        default: return Method::Other;
    }
}

/// What a request that could not be read is told; nothing where there is nobody left to tell.
std::optional<Problem> read_problem(error_code error, const project::ServeConfig& config) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return Problem{431, "header_too_large", "request line and header fields must fit in " + std::to_string(config.header_bytes) + " bytes", ""};
    }
    if (error == http::error::body_limit) {
        return Problem{413, "body_too_large", "the body must fit in " + std::to_string(config.body_bytes) + " bytes", ""};
    }
    if (error == http::error::end_of_stream || error.category() != http::make_error_code(http::error::bad_method).category()) return std::nullopt;
    return Problem{400, "bad_request", "the request is not well-formed HTTP: " + error.message(), ""};
}

std::string head_of(const HttpResponse& response, std::string_view request_id, bool keep_open) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += reason_phrase(response.status);
    head += "\r\nContent-Type: " + response.content_type;
    head += "\r\nContent-Length: " + std::to_string(response.body.size());
    head += "\r\nX-Request-Id: ";
    head += request_id;
    for (const auto& [name, value] : response.headers) head += "\r\n" + name + ": " + value;
    head += keep_open ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    return head;
}

class Session;

/// One thread, its connections, and its event loop. `sessions` is touched by that thread only.
struct Home {
    // Destroyed after the context, whose pending handlers own the last sessions.
    std::unordered_set<Session*> sessions;
    asio::io_context context{1};
    std::thread thread;
};

}  // namespace

struct HttpServer::State {
    State(const project::ServeConfig& serve_config, HttpServerParts server_parts) : config(serve_config), parts(std::move(server_parts)) {}

    void accept();
    void adopt(Home& home, tcp::socket socket);
    void close_acceptor();
    std::size_t drain();
    [[nodiscard]] std::string next_request_id();
    void session_ended();
    void deferred_began();
    void deferred_ended();

    const project::ServeConfig config;
    const HttpServerParts parts;
    // Before the homes: the last sessions end with them and say so here.
    std::mutex mutex;
    std::condition_variable all_ended;
    std::size_t deferred = 0;  // Requests whose response somebody else is to make.
    std::vector<std::unique_ptr<Home>> homes;
    std::optional<tcp::acceptor> acceptor;  // Lives on the first home.
    std::optional<asio::steady_timer> retry;
    std::optional<WorkerPool> workers;
    std::size_t next_home = 0;
    std::string address;
    std::uint16_t port = 0;
    std::atomic<std::uint64_t> requests{0};
    std::atomic<bool> draining{false};
    bool drained = false;
};

namespace {

/// One connection: reads a request, has it answered, writes the answer, and again. Runs on its home's thread; while a worker
/// answers, nothing else touches the request.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(HttpServer::State& server, Home& home, tcp::socket socket)
        : server_(server), home_(home), socket_(std::move(socket)), timer_(home.context) {
        home_.sessions.insert(this);
        error_code error;
        const auto remote = socket_.remote_endpoint(error);
        if (!error) remote_address_ = remote.address().to_string();
        socket_.set_option(tcp::no_delay(true), error);
    }
    ~Session() {
        home_.sessions.erase(this);
        server_.session_ended();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start() { await_request(); }
    void refuse() {
        request_.request_id = server_.next_request_id();
        answer({429, "too_many_connections", "at most " + std::to_string(server_.config.connections) + " connections may be open", ""});
    }
    void begin_drain() {
        if (idle_) arm(duration_of(server_.config.linger));
    }
    void cut() {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    void arm(std::chrono::microseconds delay);
    void await_timer(std::chrono::microseconds delay);
    void disarm();
    void await_request();
    void read_header();
    void header_read(error_code error);
    void read_body();
    void body_read(error_code error);
    std::optional<Problem> take_request();
    void dispatch();
    void run_on_worker(bool keep_open);
    void run_deferred(bool keep_open);
    HttpResponse handle(const MakeResponse& make);
    void answer(const Problem& problem);
    void answer(HttpResponse response, bool keep_open);
    void answered(error_code error, bool keep_open);
    void record();
    void close_gently();
    void discard();

    HttpServer::State& server_;
    Home& home_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    std::uint64_t timer_round_ = 0;  // A timer that fires for an earlier round is stale.
    bool timed_out_ = false;
    bool idle_ = false;
    bool counted_ = false;  // In load.requests.
    std::string remote_address_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    HttpRequest request_;
    const Route* route_ = nullptr;
    HttpResponse response_;
    std::string head_;
    std::string failure_;
    std::size_t request_bytes_ = 0;
    double started_seconds_ = 0;
    std::size_t discarded_bytes_ = 0;
};

/// Cancels what the socket waits for once `delay` is over, unless armed again or disarmed before.
void Session::arm(std::chrono::microseconds delay) {
    timed_out_ = false;
    ++timer_round_;
    await_timer(delay);
}

void Session::await_timer(std::chrono::microseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait([self = shared_from_this(), round = timer_round_](error_code error) {
        if (error || round != self->timer_round_) return;
        self->timed_out_ = true;
        error_code ignored;
        self->socket_.cancel(ignored);
        // Between two pieces of a message there may be nothing to cancel: a fast sender would slip through once, but not for ever.
        self->await_timer(kCancelAgain);
    });
}

void Session::disarm() {
    ++timer_round_;
    timer_.cancel();
}

void Session::await_request() {
    if (buffer_.size() > 0) return read_header();
    idle_ = true;
    // A thousand idle connections must not hold a thousand bodies.
    request_ = HttpRequest();
    response_ = HttpResponse();
    parser_.reset();
    if (buffer_.capacity() > kIdleBytes) buffer_.shrink_to_fit();
    arm(duration_of(server_.draining ? server_.config.linger : server_.config.keep_alive));
    socket_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](error_code error, std::size_t bytes) {
        self->idle_ = false;
        self->disarm();
        if (error) return;
        self->buffer_.commit(bytes);
        self->read_header();
    });
}

void Session::read_header() {
    request_ = HttpRequest();
    request_.request_id = server_.next_request_id();
    request_.remote_address = remote_address_;
    route_ = nullptr;
    failure_.clear();
    request_bytes_ = 0;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.config.header_bytes));
    parser_->body_limit(server_.config.body_bytes);
    arm(duration_of(server_.config.timeout));  // One deadline for the whole request, however slowly its bytes drip in.
    http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) { self->header_read(error); });
}

void Session::header_read(error_code error) {
    if (error) return body_read(error);
    if (parser_->get()[http::field::expect] != "100-continue" || parser_->is_done()) return read_body();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(kContinue),
                      [self = shared_from_this()](error_code write_error, std::size_t) { write_error ? self->disarm() : self->read_body(); });
}

void Session::read_body() {
    http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) { self->body_read(error); });
}

void Session::body_read(error_code error) {
    disarm();
    started_seconds_ = base::monotonic_seconds();
    request_.method = method_of(parser_->get().method());
    if (error && timed_out_) {
        return answer({408, "request_timeout", "the request must arrive within " + std::to_string(server_.config.timeout.us / 1000) + " ms", ""});
    }
    if (error) {
        const auto problem = read_problem(error, server_.config);
        if (problem) answer(*problem);
        return;
    }
    ++server_.parts.load.requests;
    counted_ = true;
    if (const auto problem = take_request()) return answer(*problem);
    dispatch();
}

/// Moves what the parser read into our own request.
std::optional<Problem> Session::take_request() {
    auto& message = parser_->get();
    if (message.version() >= 11 && message.count(http::field::host) != 1) {
        return Problem{400, "bad_request", "a request of HTTP/1.1 must have one Host header field", ""};
    }
    for (const auto& field : message) request_.headers.emplace_back(field.name_string(), field.value());
    const auto target = message.target();
    request_.body = std::move(message.body());
    request_bytes_ = request_.body.size();
    return read_target(std::string_view(target.data(), target.size()), request_);
}

void Session::dispatch() {
    const bool keep_open = parser_->get().keep_alive();
    auto found = server_.parts.router.find(request_);
    if (auto* refusal = std::get_if<HttpResponse>(&found)) return answer(std::move(*refusal), keep_open);
    route_ = std::get<const Route*>(found);
    const auto& token = server_.parts.token;
    if (route_->needs_token && !token.empty() && !is_authorized(request_.header("Authorization"), token)) {
        const Problem problem{401, "unauthorized", "this needs the header field Authorization: Bearer <token>, with the server's token", ""};
        return answer(problem_response(problem, request_.request_id), keep_open);
    }
    switch (route_->execution) {
        case Execution::Inline: return answer(handle([this] { return route_->handler(request_); }), keep_open);
        case Execution::Blocking: return run_on_worker(keep_open);
        case Execution::Deferred: return run_deferred(keep_open);
    }
}

void Session::run_on_worker(bool keep_open) {
    ++server_.parts.load.queued;
    const bool posted = server_.workers->post([self = shared_from_this(), keep_open]() mutable {
        --self->server_.parts.load.queued;
        auto response = self->handle([&self] { return self->route_->handler(self->request_); });
        auto& context = self->home_.context;
        // The session goes back whole, so that it never ends on a worker's thread.
        asio::post(context, [session = std::move(self), keep_open, response = std::move(response)]() mutable {
            session->answer(std::move(response), keep_open);
        });
    });
    if (posted) return;
    --server_.parts.load.queued;
    const Problem problem{429, "too_many_requests", std::to_string(server_.config.queue) + " requests wait already", ""};
    answer(problem_response(problem, request_.request_id), keep_open);
}

/// Refuses what would make the bytes that wait for the disk more than they may be: a disk that cannot follow must not fill the memory.
void Session::run_deferred(bool keep_open) {
    auto& waiting = server_.parts.load.write_bytes;
    const auto bytes = static_cast<std::int64_t>(request_.body.size());
    const auto before = waiting.fetch_add(bytes);
    if (before > 0 && before + bytes > static_cast<std::int64_t>(server_.config.write_bytes)) {
        waiting -= bytes;
        const Problem problem{503, "unavailable",
                              std::to_string(before) +
                                  " bytes wait for the disk, and with these there would be more than serve.write_bytes allows, " +
                                  std::to_string(server_.config.write_bytes),
                              ""};
        return answer(problem_response(problem, request_.request_id), keep_open);
    }
    // The session goes back whole, so that it never ends on the thread that responds, which may keep the function.
    const auto respond = [&server = server_, mine = std::make_shared<std::shared_ptr<Session>>(shared_from_this()), keep_open,
                          bytes](MakeResponse make) {
        auto& context = (*mine)->home_.context;
        asio::post(context, [self = std::move(*mine), keep_open, bytes, make = std::move(make)] {
            self->server_.parts.load.write_bytes -= bytes;
            self->answer(self->handle(make), keep_open);
        });
        server.deferred_ended();
    };
    server_.deferred_began();
    bool begun = false;
    auto refusal = handle([&] {
        route_->deferred(request_, respond);
        begun = true;
        return HttpResponse();
    });
    if (begun) return;
    server_.deferred_ended();
    waiting -= bytes;
    answer(std::move(refusal), keep_open);
}

HttpResponse Session::handle(const MakeResponse& make) {
    try {
        return make();
    } catch (const std::bad_alloc&) {
        failure_ = "out of memory";
        return problem_response({503, "unavailable", "out of memory", ""}, request_.request_id);
    } catch (const std::exception& exception) {
        failure_ = exception.what();
    } catch (...) {
        failure_ = "unknown exception";
    }
    return problem_response({500, "internal", "internal error; the server's log has it under this request_id", ""}, request_.request_id);
}

/// Answers a request that could not be read to its end: what follows on the connection has no meaning, so it closes.
void Session::answer(const Problem& problem) { answer(problem_response(problem, request_.request_id), false); }

void Session::answer(HttpResponse response, bool keep_open) {
    response_ = std::move(response);
    // Requests that were already sent behind this one count as accepted.
    if (server_.draining && buffer_.size() == 0) keep_open = false;
    head_ = head_of(response_, request_.request_id, keep_open);
    if (request_.method == Method::Head) response_.body.clear();
    arm(duration_of(server_.config.timeout));
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), asio::buffer(response_.body)};
    asio::async_write(socket_, buffers, [self = shared_from_this(), keep_open](error_code error, std::size_t) { self->answered(error, keep_open); });
}

void Session::answered(error_code error, bool keep_open) {
    disarm();
    record();
    if (error) return;
    if (keep_open) {
        await_request();
    } else {
        close_gently();
    }
}

void Session::record() {
    if (counted_) --server_.parts.load.requests;
    counted_ = false;
    if (!server_.parts.answered) return;
    AnsweredRequest seen;
    seen.method = request_.method;
    if (route_ != nullptr) seen.route = route_->pattern;
    seen.status = response_.status;
    seen.seconds = started_seconds_ > 0 ? base::monotonic_seconds() - started_seconds_ : 0;
    seen.request_bytes = request_bytes_;
    seen.response_bytes = response_.body.size();
    seen.remote_address = remote_address_;
    seen.request_id = request_.request_id;
    seen.failure = failure_;
    server_.parts.answered(seen);
}

/// Closing while bytes are unread makes the system reset the connection, and the client may lose the answer: so the sending half
/// closes first, and what still comes in is read and dropped for a moment.
void Session::close_gently() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return;
    buffer_.clear();
    arm(kLingeringClose);
    discard();
}

void Session::discard() {
    socket_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](error_code error, std::size_t bytes) {
        self->discarded_bytes_ += bytes;
        if (error || self->discarded_bytes_ > 4 * self->server_.config.body_bytes) return self->disarm();
        self->discard();
    });
}

Result<tcp::endpoint> parse_listen(const std::string& listen) {
    const auto wrong = [&] {
        return base::invalid_argument("serve.listen must be an address and a port, as 127.0.0.1:8080 or [::1]:8080; got \"" + listen + "\"");
    };
    const auto colon = listen.rfind(':');
    if (colon == std::string::npos || colon == 0) return wrong();
    auto host = listen.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    std::uint16_t port = 0;
    const auto* end = listen.data() + listen.size();
    const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || parsed.ec != std::errc() || parsed.ptr != end) return wrong();
    return tcp::endpoint(address, port);
}

Status check_exposure(const tcp::endpoint& endpoint, const project::ServeConfig& config, const std::string& token) {
    if (endpoint.address().is_loopback() || !token.empty() || config.insecure) return {};
    return base::invalid_argument("serve.listen: " + config.listen +
                                  " can be reached from other machines; set serve.token_file so that writes need a token, or pass --insecure");
}

Status open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    // Without it a restart would wait a minute for connections of the process before.
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor.non_blocking(true, error);
    if (error)
        return base::unavailable("serve.listen: cannot listen on " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port()) + ": " +
                                 error.message());
    return {};
}

/// Runs the loop of one home to its end. A handler can only throw for want of memory: its connection is dropped and the rest go on.
void run_loop(asio::io_context& context) {
    for (;;) {
        try {
            context.run();
            return;
        } catch (const std::exception&) {
            continue;
        }
    }
}

}  // namespace

std::string HttpServer::State::next_request_id() {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::uint64_t number = requests.fetch_add(1, std::memory_order_relaxed);
    // mix64 is one to one, so ids of one start never meet; seeds keep those of two starts apart.
    std::uint64_t high = base::mix64(parts.request_id_seed);
    std::uint64_t low = base::mix64(parts.request_id_seed + number);
    std::string id(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
        id[15 - i] = kDigits[high & 15];
        id[31 - i] = kDigits[low & 15];
        high >>= 4;
        low >>= 4;
    }
    return id;
}

void HttpServer::State::session_ended() {
    if (parts.load.connections.fetch_sub(1) != 1) return;
    const std::lock_guard lock(mutex);
    all_ended.notify_all();
}

void HttpServer::State::deferred_began() {
    const std::lock_guard lock(mutex);
    ++deferred;
}

void HttpServer::State::deferred_ended() {
    const std::lock_guard lock(mutex);
    --deferred;
    if (deferred == 0) all_ended.notify_all();
}

void HttpServer::State::accept() {
    auto& home = *homes[next_home++ % homes.size()];
    acceptor->async_accept(home.context, [this, &home](error_code error, tcp::socket socket) {
        if (!acceptor->is_open()) return;
        if (!error) {
            adopt(home, std::move(socket));
            return accept();
        }
        // Out of file descriptors, most likely; asking again at once would spin.
        retry->expires_after(kAcceptRetry);
        retry->async_wait([this](error_code) {
            if (acceptor->is_open()) accept();
        });
    });
}

void HttpServer::State::adopt(Home& home, tcp::socket socket) {
    const auto open = parts.load.connections.fetch_add(1) + 1;
    const auto limit = static_cast<std::int64_t>(config.connections);
    if (open > limit + kRefusalsMax) return session_ended();
    asio::post(home.context, [this, &home, refused = open > limit, socket = std::move(socket)]() mutable {
        const auto session = std::make_shared<Session>(*this, home, std::move(socket));
        refused ? session->refuse() : session->start();
    });
}

/// Connections that the system has already accepted for us are taken in before the listener closes.
void HttpServer::State::close_acceptor() {
    error_code error;
    for (;;) {
        auto& home = *homes[next_home++ % homes.size()];
        auto socket = acceptor->accept(home.context, error);
        if (error) break;
        adopt(home, std::move(socket));
    }
    acceptor->close(error);
}

std::size_t HttpServer::State::drain() {
    if (std::exchange(drained, true)) return 0;
    std::promise<void> closed;
    asio::post(homes.front()->context, [this, &closed] {
        close_acceptor();
        closed.set_value();
    });
    closed.get_future().wait();
    // Only now are clients told to close: one that connects again at once must find nobody, not a listener about to go.
    draining = true;
    for (auto& home : homes) {
        asio::post(home->context, [&home = *home] {
            for (auto* session : home.sessions) session->begin_drain();
        });
    }
    auto& connections = parts.load.connections;
    {
        std::unique_lock lock(mutex);
        all_ended.wait_for(lock, duration_of(config.drain), [&] { return connections.load() == 0; });
    }
    const auto cut = static_cast<std::size_t>(connections.load());
    for (auto& home : homes) home->context.stop();
    for (auto& home : homes) home->thread.join();
    for (auto& home : homes) {
        for (auto* session : home->sessions) session->cut();
    }
    workers.reset();
    // Whoever is to respond does so to a session that is here.
    std::unique_lock lock(mutex);
    all_ended.wait(lock, [this] { return deferred == 0; });
    return cut;
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const project::ServeConfig& config, HttpServerParts parts) {
    SHORTLIST_ASSIGN(const auto endpoint, parse_listen(config.listen));
    SHORTLIST_TRY(check_exposure(endpoint, config, parts.token));
    auto state = std::make_unique<State>(config, std::move(parts));
    const std::size_t threads = config.threads > 0 ? config.threads : std::max<std::size_t>(1, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < threads; ++i) state->homes.push_back(std::make_unique<Home>());
    state->acceptor.emplace(state->homes.front()->context);
    state->retry.emplace(state->homes.front()->context);
    SHORTLIST_TRY(open_acceptor(*state->acceptor, endpoint));
    state->port = state->acceptor->local_endpoint().port();
    const auto host = endpoint.address().to_string();
    state->address = (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(state->port);
    state->workers.emplace(config.workers, config.queue);
    state->accept();
    for (auto& home : state->homes) {
        home->thread = std::thread([&context = home->context] {
            const auto keep_running = asio::make_work_guard(context);
            run_loop(context);
        });
    }
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::~HttpServer() { drain(); }

const std::string& HttpServer::address() const { return state_->address; }
std::uint16_t HttpServer::port() const { return state_->port; }
std::size_t HttpServer::drain() { return state_->drain(); }

}  // namespace shortlist::server
