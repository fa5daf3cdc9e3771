#include "apps/server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace shortlist::server {

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::read_more() {
    std::array<char, 65536> bytes;
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    unread_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

std::optional<RawClient::Answer> RawClient::receive(bool without_body) {
    std::size_t end = std::string::npos;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
        if (!read_more()) return std::nullopt;
    }
    Answer answer;
    answer.head = unread_.substr(0, end + 4);
    unread_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    std::size_t length = 0;
    const std::string_view field = "Content-Length: ";
    if (const auto at = answer.head.find(field); at != std::string::npos && !without_body) {
        std::from_chars(answer.head.data() + at + field.size(), answer.head.data() + answer.head.size(), length);
    }
    while (unread_.size() < length) {
        if (!read_more()) return std::nullopt;
    }
    answer.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return answer;
}

bool RawClient::is_closed_by_server() { return unread_.empty() && !read_more(); }

std::optional<RawClient::Answer> RawClient::get(std::string_view target) {
    return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

std::optional<RawClient::Answer> RawClient::post(std::string_view target, std::string_view body, std::string_view more_headers) {
    return ask(post_text(target, body, more_headers));
}

std::string post_text(std::string_view target, std::string_view body, std::string_view more_headers) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(more_headers) + "\r\n" + std::string(body);
}

}  // namespace shortlist::server
