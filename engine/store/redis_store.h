/// Users' states in a Redis that servers share.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/redis_config.h"
#include "engine/store/user_store.h"

namespace shortlist::store {

class RedisConnection;

/// Keeps connections open and makes a new one where one broke. After a failure nobody waits for Redis for a while, which grows from a
/// tenth of a second to five (and is drawn, so that servers do not come back together): calls fail at once. Versions are compared within
/// Redis, by scripts; a key is `prefix:layout:user`, one Redis key a user. Any thread.
class RedisStore final : public UserStore {
public:
    /// `layout`: what states of these bytes have in common; those of others are never read. Nothing is connected before the first call. From then on
    /// the process ignores SIGPIPE.
    RedisStore(RedisConfig config, std::string layout, std::uint64_t seed);
    ~RedisStore() override;

    [[nodiscard]] Result<std::vector<std::optional<StoredState>>> read(std::span<const KnownState> users) override;
    [[nodiscard]] Result<std::vector<bool>> write(std::span<const StateWrite> writes) override;
    [[nodiscard]] Status erase(std::span<const std::string_view> users) override;

private:
    struct Backoff {
        double until = 0;  ///< On the monotonic clock.
        double wait = 0;
        std::string error;  ///< Why it began.
    };
    /// An open one, or none where one may be opened.
    [[nodiscard]] Result<std::unique_ptr<RedisConnection>> take_connection();
    [[nodiscard]] Status with_connection(const std::function<Status(RedisConnection&)>& use);
    [[nodiscard]] Error back_off(const Error& error);
    [[nodiscard]] std::string key_of(std::string_view user) const;

    RedisConfig config_;
    std::string layout_;
    std::mutex mutex_;
    std::uint64_t random_;
    Backoff backoff_;
    std::vector<std::unique_ptr<RedisConnection>> idle_;
};

}  // namespace shortlist::store
