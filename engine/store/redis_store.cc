#include "engine/store/redis_store.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/store/packed_state_internal.h"
#include "engine/store/redis_connection_internal.h"

namespace shortlist::store {

namespace {

constexpr double kFirstWaitSeconds = 0.1;
constexpr double kLongestWaitSeconds = 5;

// The value where its version is not the one that is known.
constexpr std::string_view kReadScript = R"(
if redis.call('GETRANGE', KEYS[1], 0, 7) == ARGV[1] then return false end
return redis.call('GET', KEYS[1]))";

// Writes where the version is the one that is known, or nothing is there.
constexpr std::string_view kWriteScript = R"(
local version = redis.call('GETRANGE', KEYS[1], 0, 7)
if version ~= '' and version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1)";

}  // namespace

RedisStore::RedisStore(RedisConfig config, std::string layout, std::uint64_t seed)
    : config_(std::move(config)), layout_(std::move(layout)), random_(seed) {
    // hiredis writes with write(2): where Redis has hung up, the signal would end the process.
    std::signal(SIGPIPE, SIG_IGN);
}
RedisStore::~RedisStore() = default;

std::string RedisStore::key_of(std::string_view user) const { return config_.prefix + ':' + layout_ + ':' + std::string(user); }

Result<std::unique_ptr<RedisConnection>> RedisStore::take_connection() {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }
    if (base::monotonic_seconds() < backoff_.until) return base::unavailable(backoff_.error);
    return std::unique_ptr<RedisConnection>();
}

Status RedisStore::with_connection(const std::function<Status(RedisConnection&)>& use) {
    SHORTLIST_ASSIGN(auto connection, take_connection());
    bool done = false;
    if (connection) done = use(*connection).has_value();
    if (!done) {  // none was open, or Redis has closed it since
        auto opened = RedisConnection::open(config_);
        if (!opened) return back_off(opened.error());
        connection = std::move(*opened);
        if (const auto used = use(*connection); !used) return back_off(used.error());
    }
    const std::lock_guard lock(mutex_);
    backoff_ = {};
    idle_.push_back(std::move(connection));
    return {};
}

Error RedisStore::back_off(const Error& error) {
    const std::lock_guard lock(mutex_);
    idle_.clear();
    random_ = base::mix64(random_);
    const double drawn = 0.5 + static_cast<double>(random_ >> 11U) * 0x1p-54;
    backoff_.wait = std::clamp(backoff_.wait * 2, kFirstWaitSeconds, kLongestWaitSeconds);
    backoff_.until = base::monotonic_seconds() + backoff_.wait * drawn;
    backoff_.error = error.message;
    return error;
}

Result<std::vector<std::optional<StoredState>>> RedisStore::read(std::span<const KnownState> users) {
    std::vector<std::string> keys;
    std::vector<std::string> versions;
    for (const auto& user : users) {
        keys.push_back(key_of(user.user));
        versions.push_back(version_bytes(user.version));
    }
    std::vector<RedisConnection::Command> commands;
    for (std::size_t u = 0; u < users.size(); ++u) commands.push_back({"EVAL", kReadScript, "1", keys[u], versions[u]});
    std::vector<std::optional<StoredState>> found(users.size());
    bool damaged = false;
    SHORTLIST_TRY(with_connection([&](RedisConnection& connection) {
        return connection.run(commands, [&](std::size_t command, std::optional<std::string_view> answer) {
            if (!answer) return;
            found[command] = unpack(*answer);
            damaged |= !found[command];
        });
    }));
    if (damaged) return base::data_loss("redis " + config_.address + ": a state without a version under " + config_.prefix + ':' + layout_);
    return found;
}

Result<std::vector<bool>> RedisStore::write(std::span<const StateWrite> writes) {
    const auto keep = std::to_string(config_.keep.us / 1000);
    std::vector<std::string> keys;
    std::vector<std::string> versions;
    std::vector<std::string> values;
    for (const auto& write : writes) {
        keys.push_back(key_of(write.known.user));
        versions.push_back(version_bytes(write.known.version));
        values.push_back(pack(write.version, write.bytes));
    }
    std::vector<RedisConnection::Command> commands;
    for (std::size_t w = 0; w < writes.size(); ++w) commands.push_back({"EVAL", kWriteScript, "1", keys[w], versions[w], values[w], keep});
    std::vector<bool> written(writes.size());
    SHORTLIST_TRY(with_connection([&](RedisConnection& connection) {
        return connection.run(commands, [&](std::size_t command, std::optional<std::string_view> answer) { written[command] = answer == "1"; });
    }));
    return written;
}

Status RedisStore::erase(std::span<const std::string_view> users) {
    std::vector<std::string> keys;
    for (const auto user : users) keys.push_back(key_of(user));
    std::vector<RedisConnection::Command> commands;
    for (const auto& key : keys) commands.push_back({"DEL", key});
    return with_connection(
        [&](RedisConnection& connection) { return connection.run(commands, [](std::size_t, std::optional<std::string_view>) {}); });
}

}  // namespace shortlist::store
