/// Sends messages to one topic, in the background: whoever sends never waits for a broker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/kafka/kafka_config.h"

namespace shortlist::kafka {

/// How the sending fares. Any thread may read.
struct SentState {
    std::atomic<std::uint64_t> delivered = 0;  ///< Messages that the brokers have.
    std::atomic<std::uint64_t> lost = 0;       ///< Given up after the client's `message.timeout.ms`, or still queued at the end.
};

/// Any thread may call the members. A message is written once, in the order sent among those of its key, also over errors and retries.
class Producer {
public:
    using Warn = std::function<void(const std::string& line)>;
    /// Connects in the background. `warn` hears what the client complains of, from any thread. State must outlive it.
    /// Errors: InvalidArgument (serve.kafka.options).
    static Result<std::unique_ptr<Producer>> open(const KafkaConfig& config, const std::string& topic, SentState& state, Warn warn);
    /// Waits for what is queued, a few seconds at most.
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    /// Queues a message for the partition of its key; an empty key leaves the choice. Copies both. False where the queue is full, or the
    /// message larger than the brokers take: then nothing was queued.
    [[nodiscard]] bool send(std::string_view key, std::string_view value);

    struct State;  ///< Defined in the .cc.

private:
    explicit Producer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::kafka
