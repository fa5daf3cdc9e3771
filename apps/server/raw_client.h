/// A client for tests that sends whatever bytes it is given, right or wrong, and reads what comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace shortlist::server {

/// One connection to 127.0.0.1. One thread at a time.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), unread_(std::move(other.unread_)) {}
    RawClient& operator=(RawClient&&) = delete;

    [[nodiscard]] bool is_connected() const { return socket_ >= 0; }
    /// False where the other side is gone.
    bool send(std::string_view bytes);
    /// Says that nothing more will be sent.
    void finish_sending();

    struct Answer {
        int status = 0;
        std::string head;
        std::string body;
    };
    /// Reads one answer; nothing where the connection ended (or stood still for 20 s) before it was complete.
    std::optional<Answer> receive(bool without_body = false);
    /// True once the server has closed its side.
    bool is_closed_by_server();

    std::optional<Answer> ask(std::string_view bytes) { return send(bytes), receive(); }
    std::optional<Answer> get(std::string_view target);
    std::optional<Answer> post(std::string_view target, std::string_view body, std::string_view more_headers = "");

private:
    bool read_more();

    int socket_ = -1;
    std::string unread_;
};

/// A whole POST request of JSON, ready to send.
[[nodiscard]] std::string post_text(std::string_view target, std::string_view body, std::string_view more_headers = "");

}  // namespace shortlist::server
