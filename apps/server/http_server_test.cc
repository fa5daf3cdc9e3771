// The transport alone, with routes of its own: connections, limits, deadlines, tokens and the orderly end.
#include "apps/server/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "apps/server/raw_client.h"

namespace shortlist::server {
namespace {

constexpr std::string_view kToken = "a-token-of-this-test";

project::ServeConfig test_config() {
    project::ServeConfig config;
    config.listen = "127.0.0.1:0";
    config.threads = 2;
    config.linger = {50'000};
    return config;
}

HttpResponse text(std::string body) {
    HttpResponse response;
    response.body = std::move(body);
    return response;
}

/// A server whose handlers echo, wait for a gate, or throw.
class Transport {
public:
    explicit Transport(project::ServeConfig config = test_config(), std::string token = "")
        : router_(
              {{Method::Get, "/hello", Execution::Inline, false, [](const HttpRequest&) { return text("hello"); }},
               {Method::Get, "/echo/{name}", Execution::Inline, false, [](const HttpRequest& request) { return text(request.placeholders[0]); }},
               {Method::Post, "/echo", Execution::Inline, false, [](const HttpRequest& request) { return text(request.body); }},
               {Method::Post, "/wait", Execution::Blocking, false, [this](const HttpRequest& request) { return wait(request); }},
               {Method::Post, "/write", Execution::Blocking, true, [](const HttpRequest& request) { return text(request.body); }},
               {Method::Post,
                "/later",
                Execution::Deferred,
                false,
                {},
                [this](const HttpRequest& request, auto respond) { begin(request, respond); }},
               {Method::Get, "/throw", Execution::Inline, false, [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("planted"); }}}) {
        HttpServerParts parts{router_, load_, std::move(token), 7, {}};
        parts.answered = [this](const AnsweredRequest& request) {
            if (!request.failure.empty()) failures_ += 1;
            answered_ += 1;
        };
        auto started = HttpServer::start(config, std::move(parts));
        server_ = std::move(started).value();
    }

    RawClient connect() { return RawClient(server_->port()); }
    HttpServer& server() { return *server_; }
    const ServerLoad& load() const { return load_; }
    int failures() const { return failures_; }
    int answered() const { return answered_; }

    /// Lets the requests to /wait go on.
    void open_gate() { gate_.set_value(); }
    /// Answers the requests to /later that have come, on a thread of its own.
    void respond_to_all() {
        std::thread([this] {
            const std::lock_guard lock(later_mutex_);
            for (auto& [body, respond] : std::exchange(later_, {})) respond([text_of_body = body] { return text("later " + text_of_body); });
        }).join();
    }
    /// Returns once `count` requests are at the gate.
    void await_waiting(int count) {
        for (int seen = waiting_; seen < count; seen = waiting_) waiting_.wait(seen);
    }

private:
    HttpResponse wait(const HttpRequest& request) {
        waiting_ += 1;
        waiting_.notify_all();
        opened_.wait();
        return text(request.body);
    }

    void begin(const HttpRequest& request, const std::function<void(MakeResponse)>& respond) {
        if (request.body == "throw") throw std::runtime_error("planted");
        {
            const std::lock_guard lock(later_mutex_);
            later_.emplace_back(request.body, respond);
        }
        waiting_ += 1;
        waiting_.notify_all();
    }

    std::mutex later_mutex_;
    std::vector<std::pair<std::string, std::function<void(MakeResponse)>>> later_;
    std::promise<void> gate_;
    std::shared_future<void> opened_ = gate_.get_future().share();
    std::atomic<int> waiting_{0};
    std::atomic<int> failures_{0};
    std::atomic<int> answered_{0};
    ServerLoad load_;
    Router router_;
    std::unique_ptr<HttpServer> server_;
};

TEST(HttpServer, answers_many_requests_on_one_connection) {
    Transport transport;
    auto client = transport.connect();
    for (int i = 0; i < 100; ++i) {
        const auto answer = client.get("/echo/n" + std::to_string(i));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->body, "n" + std::to_string(i));
    }
}

TEST(HttpServer, answers_pipelined_requests_in_the_order_sent) {
    Transport transport;
    auto client = transport.connect();
    std::string all;
    for (int i = 0; i < 20; ++i) all += post_text("/echo", "body " + std::to_string(i));
    ASSERT_TRUE(client.send(all));
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->body, "body " + std::to_string(i));
    }
}

TEST(HttpServer, keeps_an_encoded_slash_inside_its_segment) {
    Transport transport;
    auto client = transport.connect();
    EXPECT_EQ(client.get("/echo/a%2Fb%20c")->body, "a/b c");
    EXPECT_EQ(client.get("/echo/a/b")->status, 404);
}

TEST(HttpServer, answers_head_as_get_without_the_body) {
    Transport transport;
    auto client = transport.connect();
    ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n"));
    const auto answer = client.receive(/*without_body=*/true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_NE(answer->head.find("Content-Length: 5"), std::string::npos);
    EXPECT_EQ(client.get("/hello")->body, "hello");  // Nothing of a body lies in between.
}

TEST(HttpServer, says_which_methods_a_path_allows) {
    Transport transport;
    auto client = transport.connect();
    const auto answer = client.ask("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 405);
    EXPECT_NE(answer->head.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST(HttpServer, names_the_nearest_path_when_there_is_no_such_one) {
    Transport transport;
    auto client = transport.connect();
    const auto answer = client.get("/helo");
    EXPECT_EQ(answer->status, 404);
    EXPECT_NE(answer->body.find("did you mean /hello?"), std::string::npos);
}

TEST(HttpServer, gives_every_request_an_id_of_its_own) {
    Transport transport;
    auto client = transport.connect();
    const auto id_of = [](const RawClient::Answer& answer) { return answer.head.substr(answer.head.find("X-Request-Id: ") + 14, 32); };
    const auto first = id_of(*client.get("/hello"));
    const auto second = id_of(*client.get("/hello"));
    EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(first, second);
}

TEST(HttpServer, answers_500_without_the_reason_when_a_handler_throws) {
    Transport transport;
    auto client = transport.connect();
    const auto answer = client.get("/throw");
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("planted"), std::string::npos);
    EXPECT_EQ(client.get("/hello")->status, 200);
    EXPECT_EQ(transport.failures(), 1);
}

TEST(HttpServer, sends_continue_to_a_client_that_waits_for_it) {
    Transport transport;
    auto client = transport.connect();
    const auto first = client.ask("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(first->status, 100);
    EXPECT_EQ(client.ask("body")->body, "body");
}

TEST(HttpServer, serves_others_while_blocking_handlers_wait) {
    auto config = test_config();
    config.threads = 1;
    config.workers = 1;
    Transport transport(config);
    auto slow = transport.connect();
    ASSERT_TRUE(slow.send(post_text("/wait", "slow")));
    transport.await_waiting(1);
    auto quick = transport.connect();
    EXPECT_EQ(quick.get("/hello")->status, 200);
    transport.open_gate();
    EXPECT_EQ(slow.receive()->body, "slow");
}

TEST(HttpServer, answers_later_what_is_deferred_and_others_meanwhile) {
    Transport transport;
    auto first = transport.connect();
    auto second = transport.connect();
    ASSERT_TRUE(first.send(post_text("/later", "one") + post_text("/echo", "behind it")));
    ASSERT_TRUE(second.send(post_text("/later", "two")));
    transport.await_waiting(2);
    EXPECT_EQ(transport.load().write_bytes, 6);
    EXPECT_EQ(transport.connect().get("/hello")->body, "hello");
    transport.respond_to_all();
    EXPECT_EQ(first.receive()->body, "later one");
    EXPECT_EQ(first.receive()->body, "behind it");
    EXPECT_EQ(second.receive()->body, "later two");
    EXPECT_EQ(transport.load().write_bytes, 0);
}

TEST(HttpServer, answers_500_where_a_deferred_handler_throws_before_it_has_begun) {
    Transport transport;
    EXPECT_EQ(transport.connect().post("/later", "throw")->status, 500);
    EXPECT_EQ(transport.load().write_bytes, 0);
    EXPECT_EQ(transport.server().drain(), 0U);
    EXPECT_EQ(transport.failures(), 1);
}

TEST(HttpServer, refuses_with_503_and_retry_after_what_would_be_too_much_to_wait_for_the_disk) {
    auto config = test_config();
    config.write_bytes = 10;
    Transport transport(config);
    auto large = transport.connect();
    ASSERT_TRUE(large.send(post_text("/later", "more than ten bytes")));
    transport.await_waiting(1);  // alone it may be as large as a body may be
    const auto refused = transport.connect().post("/later", "one more");
    EXPECT_EQ(refused->status, 503);
    EXPECT_NE(refused->head.find("Retry-After: 1"), std::string::npos) << refused->head;
    const std::string_view full = "19 bytes wait for the disk, and with these there would be more than serve.write_bytes allows, 10";
    EXPECT_NE(refused->body.find(full), std::string::npos) << refused->body;
    transport.respond_to_all();
    EXPECT_EQ(large.receive()->body, "later more than ten bytes");
    auto client = transport.connect();
    ASSERT_TRUE(client.send(post_text("/later", "again")));
    transport.await_waiting(2);
    transport.respond_to_all();
    EXPECT_EQ(client.receive()->status, 200);
}

TEST(HttpServer, drains_what_is_deferred_before_it_ends) {
    Transport transport;
    auto client = transport.connect();
    ASSERT_TRUE(client.send(post_text("/later", "one")));
    transport.await_waiting(1);
    auto drained = std::async(std::launch::async, [&] { return transport.server().drain(); });
    while (RawClient(transport.server().port()).is_connected()) std::this_thread::yield();  // until nobody listens
    transport.respond_to_all();
    EXPECT_EQ(client.receive()->body, "later one");
    EXPECT_EQ(drained.get(), 0U);
}

TEST(HttpServer, refuses_with_429_when_the_queue_for_workers_is_full) {
    auto config = test_config();
    config.threads = 1;
    config.workers = 1;
    config.queue = 1;
    Transport transport(config);
    auto working = transport.connect();
    auto queued = transport.connect();
    auto refused = transport.connect();
    ASSERT_TRUE(working.send(post_text("/wait", "working")));
    transport.await_waiting(1);
    ASSERT_TRUE(queued.send(post_text("/wait", "queued")));
    // One thread reads the connections in turn, so an answer on a later connection may still come first: ask until it is queued.
    while (transport.load().queued == 0) ASSERT_EQ(transport.connect().get("/hello")->status, 200);
    const auto answer = refused.post("/wait", "refused");
    EXPECT_EQ(answer->status, 429);
    EXPECT_NE(answer->head.find("Retry-After: 1"), std::string::npos);
    transport.open_gate();
    EXPECT_EQ(working.receive()->body, "working");
    EXPECT_EQ(queued.receive()->body, "queued");
}

TEST(HttpServer, refuses_and_closes_connections_over_the_limit) {
    auto config = test_config();
    config.connections = 2;
    Transport transport(config);
    auto first = transport.connect();
    EXPECT_EQ(first.get("/hello")->status, 200);
    {
        auto second = transport.connect();
        EXPECT_EQ(second.get("/hello")->status, 200);
        auto third = transport.connect();
        const auto answer = third.receive();  // Without having sent anything.
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 429);
        EXPECT_NE(answer->body.find("at most 2 connections"), std::string::npos);
        third.finish_sending();
        EXPECT_TRUE(third.is_closed_by_server());
    }
    while (transport.load().connections > 1) EXPECT_EQ(first.get("/hello")->status, 200);
    EXPECT_EQ(transport.connect().get("/hello")->status, 200);
}

TEST(HttpServer, answers_408_to_a_header_that_does_not_end) {
    auto config = test_config();
    config.timeout = {100'000};
    Transport transport(config);
    auto client = transport.connect();
    const auto answer = client.ask("GET /hello HTTP/1.1\r\nHost: te");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
    EXPECT_NE(answer->body.find("within 100 ms"), std::string::npos);
    client.finish_sending();
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, answers_408_to_a_body_that_drips) {
    auto config = test_config();
    config.timeout = {100'000};
    config.body_bytes = 100'000'000;
    Transport transport(config);
    auto client = transport.connect();
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100000000\r\n\r\n"));
    // A byte at a time, for as long as the server takes them: each arrives in time, the whole never does.
    std::atomic<bool> answered{false};
    std::thread dripping([&] {
        while (!answered && client.send("x")) std::this_thread::yield();
    });
    const auto answer = client.receive();
    answered = true;
    dripping.join();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
}

TEST(HttpServer, closes_a_connection_that_stays_idle) {
    auto config = test_config();
    config.keep_alive = {50'000};
    Transport transport(config);
    auto client = transport.connect();
    EXPECT_EQ(client.get("/hello")->status, 200);
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, asks_for_the_token_only_where_a_route_needs_it) {
    Transport transport(test_config(), std::string(kToken));
    auto client = transport.connect();
    EXPECT_EQ(client.post("/echo", "open")->status, 200);
    const auto without = client.post("/write", "x");
    EXPECT_EQ(without->status, 401);
    EXPECT_NE(without->head.find("WWW-Authenticate: Bearer"), std::string::npos);
    EXPECT_EQ(client.post("/write", "x", "Authorization: Bearer wrong\r\n")->status, 401);
    EXPECT_EQ(client.post("/write", "x", "Authorization: " + std::string(kToken) + "\r\n")->status, 401);
    EXPECT_EQ(client.post("/write", "x", "authorization: Bearer " + std::string(kToken) + "\r\n")->status, 200);
}

TEST(HttpServer, leaves_writes_open_where_no_token_is_set) {
    Transport transport;
    EXPECT_EQ(transport.connect().post("/write", "x")->status, 200);
}

Error start_error(const std::string& listen) {
    auto config = test_config();
    config.listen = listen;
    ServerLoad load;
    const Router router({});
    const auto started = HttpServer::start(config, {router, load, "", 1, {}});
    return started ? Error{ErrorCode::Internal, "started"} : started.error();
}

TEST(HttpServer, does_not_listen_on_an_outside_address_without_token_or_insecure) {
    for (const auto* listen : {"0.0.0.0:0", "[::]:0"}) {
        const auto error = start_error(listen);
        EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
        EXPECT_NE(error.message.find("--insecure"), std::string::npos) << error.message;
    }
    auto config = test_config();
    config.listen = "0.0.0.0:0";
    EXPECT_EQ(Transport(config, std::string(kToken)).connect().get("/hello")->status, 200);
    config.insecure = true;
    EXPECT_EQ(Transport(config).connect().get("/hello")->status, 200);
}

TEST(HttpServer, says_what_listen_must_be) {
    for (const auto* listen : {"", "127.0.0.1", ":8080", "example:80", "127.0.0.1:70000", "127.0.0.1:8o", "127.0.0.1:-1"}) {
        const auto error = start_error(listen);
        EXPECT_EQ(error.code, ErrorCode::InvalidArgument) << listen;
        EXPECT_NE(error.message.find("127.0.0.1:8080"), std::string::npos) << error.message;
    }
}

TEST(HttpServer, does_not_start_on_a_port_that_is_taken) {
    Transport transport;
    EXPECT_EQ(start_error(transport.server().address()).code, ErrorCode::Unavailable);
}

TEST(HttpServer, answers_all_it_accepted_before_it_ends) {
    auto config = test_config();
    config.workers = 2;
    Transport transport(config);
    constexpr int kClients = 20;
    std::vector<RawClient> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(transport.connect());
        // Two requests each, the second behind the first.
        ASSERT_TRUE(clients.back().send(post_text("/wait", "one") + post_text("/wait", "two")));
    }
    transport.await_waiting(2);
    while (transport.load().requests < kClients) std::this_thread::yield();
    auto drained = std::async(std::launch::async, [&] { return transport.server().drain(); });
    // Once the listener is closed, nobody new gets in.
    while (transport.connect().is_connected()) std::this_thread::yield();
    transport.open_gate();
    for (auto& client : clients) {
        EXPECT_EQ(client.receive()->body, "one");
        EXPECT_EQ(client.receive()->body, "two");
        EXPECT_TRUE(client.is_closed_by_server());
    }
    clients.clear();
    EXPECT_EQ(drained.get(), 0U);
    EXPECT_EQ(transport.answered(), 2 * kClients);
}

TEST(HttpServer, cuts_what_takes_longer_than_the_drain_deadline) {
    auto config = test_config();
    config.drain = {50'000};
    Transport transport(config);
    auto client = transport.connect();
    ASSERT_TRUE(client.send(post_text("/wait", "stuck")));
    transport.await_waiting(1);
    auto drained = std::async(std::launch::async, [&] { return transport.server().drain(); });
    EXPECT_FALSE(client.receive());
    transport.open_gate();  // A worker cannot be stopped, only waited for.
    EXPECT_EQ(drained.get(), 1U);
}

}  // namespace
}  // namespace shortlist::server
