/// One connection to Redis. Private to engine/store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/store/redis_config.h"

struct redisContext;

namespace shortlist::store {

/// One thread at a time. After any error it is of no more use.
class RedisConnection {
public:
    using Command = std::vector<std::string_view>;

    /// Connects, logs in and chooses the database. Errors: Unavailable, naming the address and never the password.
    [[nodiscard]] static Result<std::unique_ptr<RedisConnection>> open(const RedisConfig& config);

    /// Sends the commands together and hands on each answer: its bytes or number as text, or nothing where Redis answers nil.
    /// Errors: Unavailable (no answer in time, or one that is an error).
    [[nodiscard]] Status run(std::span<const Command> commands,
                             const std::function<void(std::size_t command, std::optional<std::string_view> answer)>& visit);

private:
    struct Close {
        void operator()(redisContext* context) const noexcept;
    };
    RedisConnection(std::string address, redisContext* context) : address_(std::move(address)), context_(context) {}
    [[nodiscard]] Error broken() const;
    [[nodiscard]] Status log_in(const RedisConfig& config);

    std::string address_;
    std::unique_ptr<redisContext, Close> context_;
};

}  // namespace shortlist::store
