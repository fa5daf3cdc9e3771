#include "engine/store/redis_connection_internal.h"

#include <hiredis/hiredis.h>

#include <charconv>
#include <utility>

#include "engine/base/text.h"

namespace shortlist::store {

namespace {

struct FreeReply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

timeval as_timeval(TimeUs time) { return {time / kSecondUs, time % kSecondUs}; }

struct Place {
    std::string host;  ///< Or the path of a socket.
    int port = 0;      ///< 0: a socket.
};

Result<Place> place_of(const std::string& address) {
    if (address.starts_with('/')) return Place{address, 0};
    constexpr int kDefaultPort = 6379;
    constexpr int kLastPort = 65535;
    Place place{address, kDefaultPort};
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return place;
    place.host = address.substr(0, colon);
    const auto* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, place.port);
    if (error != std::errc() || stop != end || place.port < 1 || place.port > kLastPort || place.host.empty()) {
        return base::invalid_argument("serve.redis.address: '" + base::printable(address) + "' is no host:port and no socket's path");
    }
    return place;
}

}  // namespace

void RedisConnection::Close::operator()(redisContext* context) const noexcept { redisFree(context); }

Error RedisConnection::broken() const { return base::unavailable("redis " + address_ + ": " + base::printable(context_->errstr, 200)); }

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(const RedisConfig& config) {
    SHORTLIST_ASSIGN(const auto place, place_of(config.address));
    const timeval timeout = as_timeval(config.timeout.us);
    redisContext* context =
        place.port == 0 ? redisConnectUnixWithTimeout(place.host.c_str(), timeout) : redisConnectWithTimeout(place.host.c_str(), place.port, timeout);
    if (context == nullptr) return base::unavailable("redis " + config.address + ": no memory");
    std::unique_ptr<RedisConnection> connection(new RedisConnection(config.address, context));
    if (context->err != 0 || redisSetTimeout(context, timeout) != REDIS_OK) return connection->broken();
    SHORTLIST_TRY(connection->log_in(config));
    return connection;
}

Status RedisConnection::log_in(const RedisConfig& config) {
    std::vector<Command> commands;
    if (!config.user.empty()) {
        commands.push_back({"AUTH", config.user, config.password});
    } else if (!config.password.empty()) {
        commands.push_back({"AUTH", config.password});
    }
    const auto database = std::to_string(config.database);
    commands.push_back({"SELECT", database});
    return run(commands, [](std::size_t, std::optional<std::string_view>) {});
}

Status RedisConnection::run(std::span<const Command> commands, const std::function<void(std::size_t, std::optional<std::string_view>)>& visit) {
    std::vector<const char*> parts;
    std::vector<std::size_t> sizes;
    for (const auto& command : commands) {
        parts.clear();
        sizes.clear();
        for (const auto part : command) {
            parts.push_back(part.data());
            sizes.push_back(part.size());
        }
        if (redisAppendCommandArgv(context_.get(), static_cast<int>(parts.size()), parts.data(), sizes.data()) != REDIS_OK) return broken();
    }
    for (std::size_t command = 0; command < commands.size(); ++command) {
        void* answer = nullptr;
        if (redisGetReply(context_.get(), &answer) != REDIS_OK) return broken();
        const Reply reply(static_cast<redisReply*>(answer));
        const std::string_view bytes = reply->str == nullptr ? std::string_view() : std::string_view(reply->str, reply->len);
        switch (reply->type) {
            case REDIS_REPLY_ERROR: return base::unavailable("redis " + address_ + ": " + base::printable(bytes, 200));
            case REDIS_REPLY_NIL: visit(command, std::nullopt); break;
            case REDIS_REPLY_INTEGER: visit(command, std::to_string(reply->integer)); break;
            default: visit(command, bytes);
        }
    }
    return {};
}

}  // namespace shortlist::store
