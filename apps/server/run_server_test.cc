// A whole server from start to SIGTERM, in this process.
#include "apps/server/run_server.h"

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "apps/server/memory_service.h"
#include "apps/server/raw_client.h"

namespace shortlist::server {
namespace {

/// Starts run_server on a thread of its own; a test ends it with SIGTERM.
class Running {
public:
    explicit Running(project::ServeConfig config = {}) : config_(std::move(config)) {
        config_.listen = "127.0.0.1:0";
        config_.linger = {10 * kSecondUs};  // Clients here leave of their own accord, however slow the machine is.
        surroundings_.log = [this](LogLevel, std::string_view line) {
            const std::lock_guard lock(mutex_);
            lines_.emplace_back(line);
        };
        surroundings_.environment = [](const std::string& name) {
            return name == "TEST_TOKEN" ? std::optional<std::string>("0123456789abcdef\n") : std::nullopt;
        };
        surroundings_.listening = [this](const std::string& address) { address_.set_value(address); };
        surroundings_.wait_for_stop = [this] { signals_.wait(); };
        status_ = std::async(std::launch::async, [this] { return run_server(service, config_, surroundings_); });
        const auto address = address_.get_future().get();
        const auto colon = address.rfind(':');
        std::from_chars(address.data() + colon + 1, address.data() + address.size(), port_);
    }

    RawClient connect() const { return RawClient(port_); }
    std::uint16_t port() const { return port_; }
    void stop() { ::kill(::getpid(), SIGTERM); }
    Status status() { return status_.get(); }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    MemoryService service;

private:
    StopSignals signals_;
    project::ServeConfig config_;
    Surroundings surroundings_;
    std::promise<std::string> address_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> lines_;
    std::future<Status> status_;
};

TEST(RunServer, sigterm_under_load_loses_no_request) {
    Running running;
    constexpr int kClients = 8;
    std::atomic<int> answered{0};
    std::atomic<int> stored{0};
    std::atomic<int> lost{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c) {
        clients.emplace_back([&, c] {
            auto client = running.connect();
            for (int i = 0;; ++i) {
                const auto id = std::to_string(c) + "-" + std::to_string(i);
                // Writes and reads in turn, on one connection until the server closes it.
                const auto answer = i % 2 == 0 ? client.post("/v1/events", R"({"event_id":")" + id + R"(","user":"u","item":"i","type":"watch"})")
                                               : client.post("/v1/recommend", R"({"user":"u"})");
                if (!answer || answer->status != 200) {
                    lost += 1;
                    return;
                }
                answered += 1;
                if (i % 2 == 0) stored += 1;
                if (answer->head.find("Connection: close") != std::string::npos) return;
            }
        });
    }
    while (answered < 500) std::this_thread::yield();
    running.stop();
    for (auto& client : clients) client.join();
    EXPECT_TRUE(running.status());
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(running.service.events().size(), static_cast<std::size_t>(stored));
    EXPECT_FALSE(running.connect().is_connected());
}

TEST(RunServer, takes_the_token_from_the_environment_and_asks_for_it) {
    project::ServeConfig config;
    config.token_file = "${TEST_TOKEN}";
    Running running(config);
    {
        auto client = running.connect();
        for (const auto* target : {"/v1/events", "/v1/items", "/v1/users", "/v1/admin/reload"})
            EXPECT_EQ(client.post(target, "{}")->status, 401) << target;
        EXPECT_EQ(client.post("/v1/admin/reload", "", "Authorization: Bearer 0123456789abcdef\r\n")->status, 200);
        EXPECT_EQ(client.post("/v1/recommend", R"({"user":"u"})")->status, 200);
    }
    running.stop();
    EXPECT_TRUE(running.status());
    for (const auto& line : running.lines()) EXPECT_EQ(line.find("0123456789abcdef"), std::string::npos);
}

TEST(RunServer, writes_the_port_and_a_line_for_each_request) {
    const auto file = std::filesystem::temp_directory_path() / ("shortlist_port_" + std::to_string(::getpid()));
    project::ServeConfig config;
    config.port_file = file.string();
    config.access_log = true;
    Running running(config);
    int port = 0;
    std::ifstream(file) >> port;
    std::filesystem::remove(file);
    EXPECT_EQ(port, running.port());
    EXPECT_EQ(running.connect().get("/v1/similar/secret-item")->status, 404);
    running.stop();
    EXPECT_TRUE(running.status());
    bool found = false;
    for (const auto& line : running.lines()) {
        if (!line.starts_with("request ")) continue;
        found = true;
        EXPECT_TRUE(line.starts_with("request method=GET route=/v1/similar/{item} status=404 latency_us=")) << line;
        EXPECT_EQ(line.find("secret-item"), std::string::npos) << line;
    }
    EXPECT_TRUE(found);
}

TEST(RunServer, does_not_start_without_the_token_it_is_told_to_ask_for) {
    MemoryService service;
    const Surroundings surroundings{[](LogLevel, std::string_view) {}, [](const std::string&) { return std::optional<std::string>("short"); },
                                    [](const std::string&) {}, [] {}, 1};
    for (const auto* place : {"/no/such/file", "${SHORT}"}) {
        project::ServeConfig config;
        config.token_file = place;
        const auto status = run_server(service, config, surroundings);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(status.error().message.find("serve.token_file"), std::string::npos) << status.error().message;
    }
}

}  // namespace
}  // namespace shortlist::server
