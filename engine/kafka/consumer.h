/// A member of a consumer group: says which partitions it is given and what they hold. Nothing is committed but what commit() says.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/kafka/kafka_config.h"

namespace shortlist::kafka {

struct Partition {
    std::string topic;
    std::int32_t number = 0;
    friend auto operator<=>(const Partition&, const Partition&) = default;
};

/// Valid during the call that it is given to.
struct Message {
    const Partition& partition;
    std::int64_t offset = 0;
    TimeUs time = 0;  ///< As the producer or the broker stamped it; 0 where neither did.
    std::string_view value;
};

/// Who hears of what arrives; every call is made by poll(), on its thread.
class Listener {
public:
    virtual ~Listener() = default;
    /// The partition is ours from now on. Returns the offset to begin at; nothing: where `start` says.
    virtual std::optional<std::int64_t> given(const Partition& partition) = 0;
    /// These are about to be another member's. commit() in here is waited for.
    virtual void taken(std::span<const Partition> partitions) = 0;
    virtual void message(const Message& message) = 0;
    /// All that the partition holds was given.
    virtual void at_end(const Partition& partition) = 0;
};

/// How the client fares. Any thread may read.
struct ClientState {
    std::atomic<bool> connected = false;        ///< A broker answers.
    std::atomic<std::uint64_t> rebalances = 0;  ///< Times that partitions were given or taken.
};

/// One thread at a time.
class Consumer {
public:
    using Warn = std::function<void(const std::string& line)>;
    /// Connects in the background, again and again: that no broker answers is no error. `warn` hears what the client complains of, from
    /// any thread. Listener and state must outlive it.
    /// Errors: InvalidArgument (serve.kafka.options).
    static Result<std::unique_ptr<Consumer>> open(const KafkaConfig& config, Listener& listener, ClientState& state, Warn warn);
    /// Leaves the group.
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    /// Gives the listener what there is, at most about `messages` of them, partitions in turn. Where there is nothing it waits for `timeout`.
    /// Returns how many it gave.
    std::size_t poll(std::size_t messages, std::chrono::milliseconds timeout);
    /// A partition that is paused brings no messages; what was fetched of it is kept.
    void pause(const Partition& partition, bool paused);
    enum class Wait { No, Yes };
    /// Tells the brokers how far we are: `next` of each partition. They need not hear it: the next call says it again.
    void commit(std::span<const std::pair<Partition, std::int64_t>> next, Wait wait = Wait::No);

    /// One past the last message that the brokers hold, as they last said; 0 before.
    [[nodiscard]] std::int64_t end_of(const Partition& partition) const;

    struct State;  ///< Defined in the .cc.

private:
    explicit Consumer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Whether the client takes these options. Errors: InvalidArgument naming the option.
[[nodiscard]] Status check_options(const KafkaConfig& config);

}  // namespace shortlist::kafka
