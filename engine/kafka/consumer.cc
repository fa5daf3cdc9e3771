#include "engine/kafka/consumer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <map>
#include <utility>

#include "engine/base/text.h"
#include "engine/kafka/client_options_internal.h"

namespace shortlist::kafka {

namespace {

namespace json = boost::json;

template <auto Destroy>
struct Destroyer {
    template <class T>
    void operator()(T* object) const {
        Destroy(object);
    }
};
using PartitionsPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;

Result<ClientOptions> consumer_options(const KafkaConfig& config) {
    const std::array<std::pair<std::string, std::string>, 8> ours{{{"group.id", config.group},
                                                                   {"enable.auto.commit", "false"},
                                                                   {"enable.auto.offset.store", "false"},
                                                                   {"auto.offset.reset", "earliest"},
                                                                   {"enable.partition.eof", "true"},
                                                                   {"statistics.interval.ms", "1000"},
                                                                   {"queued.max.messages.kbytes", "4096"},
                                                                   {"partition.assignment.strategy", "cooperative-sticky"}}};
    return client_options(config, ours);
}

constexpr std::size_t kMessagesATurn = 100;

std::int64_t logical_start(StartAt start) {
    switch (start) {
        case StartAt::Earliest: return RD_KAFKA_OFFSET_BEGINNING;
        case StartAt::Committed: return RD_KAFKA_OFFSET_STORED;
        case StartAt::Latest: return RD_KAFKA_OFFSET_END;
    }
    return RD_KAFKA_OFFSET_BEGINNING;
}

// The client's statistics name each broker and its state.
bool any_broker_up(std::string_view statistics) {
    boost::system::error_code error;
    const auto parsed = json::parse(json::string_view(statistics.data(), statistics.size()), error);
    if (error || !parsed.is_object()) return false;
    const auto* brokers = parsed.get_object().if_contains("brokers");
    if (brokers == nullptr || !brokers->is_object()) return false;
    return std::ranges::any_of(brokers->get_object(), [](const auto& broker) {
        const auto* state = broker.value().is_object() ? broker.value().get_object().if_contains("state") : nullptr;
        return state != nullptr && state->is_string() && state->get_string() == "UP";
    });
}

}  // namespace

// Each partition has a queue of its own, so that one can be left alone while others are read; the client's own pausing would throw away what
// it fetched.
struct Consumer::State {
    struct Source {
        QueuePtr queue;
        bool paused = false;
    };

    rd_kafka_t* client = nullptr;
    std::map<Partition, Source> sources;
    Listener& listener;
    ClientState& facts;
    Warn warn;
    StartAt start = StartAt::Earliest;

    State(Listener& hears, ClientState& shows, Warn tells, StartAt begins) : listener(hears), facts(shows), warn(std::move(tells)), start(begins) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (client == nullptr) return;
        rd_kafka_consumer_close(client);
        sources.clear();
        rd_kafka_destroy(client);
    }

    void check(rd_kafka_error_t* failure) const {
        const ErrorPtr error(failure);
        if (error) warn(std::string("kafka: assignment failed reason=") + rd_kafka_error_string(error.get()));
    }
    void check(rd_kafka_resp_err_t error) const {
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) warn(std::string("kafka: assignment failed reason=") + rd_kafka_err2str(error));
    }

    void give(rd_kafka_topic_partition_list_t* partitions, bool cooperative) {
        for (int i = 0; i < partitions->cnt; ++i) {
            auto& partition = partitions->elems[i];
            partition.offset = listener.given({partition.topic, partition.partition}).value_or(logical_start(start));
            QueuePtr queue(rd_kafka_queue_get_partition(client, partition.topic, partition.partition));
            if (!queue) continue;  // then its messages come by the consumer's own
            rd_kafka_queue_forward(queue.get(), nullptr);
            sources[{partition.topic, partition.partition}] = {std::move(queue), false};
        }
        if (cooperative) {
            check(rd_kafka_incremental_assign(client, partitions));
        } else {
            check(rd_kafka_assign(client, partitions));
        }
    }

    void take(rd_kafka_topic_partition_list_t* partitions, bool cooperative) {
        std::vector<Partition> taken;
        for (int i = 0; i < partitions->cnt; ++i) taken.push_back({partitions->elems[i].topic, partitions->elems[i].partition});
        listener.taken(taken);
        for (const auto& partition : taken) sources.erase(partition);
        if (cooperative) {
            check(rd_kafka_incremental_unassign(client, partitions));
        } else {
            check(rd_kafka_assign(client, nullptr));
        }
    }

    static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
        auto& state = *static_cast<State*>(opaque);
        const bool cooperative = std::string_view(rd_kafka_rebalance_protocol(client)) == "COOPERATIVE";
        ++state.facts.rebalances;
        if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return state.give(partitions, cooperative);
        if (error != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) state.warn(std::string("kafka: rebalance failed reason=") + rd_kafka_err2str(error));
        state.take(partitions, cooperative);
    }

    static void on_error(rd_kafka_t*, int error, const char* reason, void* opaque) {
        auto& state = *static_cast<State*>(opaque);
        if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) state.facts.connected = false;
        state.warn("kafka: " + base::printable(reason, 300));
    }

    static int on_statistics(rd_kafka_t*, char* text, std::size_t size, void* opaque) {
        static_cast<State*>(opaque)->facts.connected = any_broker_up({text, size});
        return 0;  // the client frees the text
    }

    // Some of one partition, for each has its turn: none runs far ahead. Returns how many there were.
    std::size_t take_some(const Source& source, std::size_t most) {
        std::size_t taken = 0;
        for (; taken < most; ++taken) {
            const MessagePtr message(rd_kafka_consume_queue(source.queue.get(), 0));
            if (!message) break;
            take_message(*message);
        }
        return taken;
    }

    void take_message(const rd_kafka_message_t& message) {
        const Partition partition{message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt), message.partition};
        if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            facts.connected = true;
            return listener.at_end(partition);
        }
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return warn("kafka: " + base::printable(rd_kafka_message_errstr(&message), 300) + " topic=" + partition.topic);
        }
        facts.connected = true;
        rd_kafka_timestamp_type_t stamped = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        const std::int64_t milliseconds = rd_kafka_message_timestamp(&message, &stamped);
        constexpr std::int64_t kLatest = TimeUs{1} << 43;  // milliseconds: past it, microseconds would not fit
        const bool known = stamped != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && milliseconds > 0 && milliseconds < kLatest;
        listener.message({partition, message.offset, known ? milliseconds * 1000 : 0, {static_cast<const char*>(message.payload), message.len}});
    }
};

Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Consumer::~Consumer() = default;

Result<std::unique_ptr<Consumer>> Consumer::open(const KafkaConfig& config, Listener& listener, ClientState& facts, Warn warn) {
    SHORTLIST_ASSIGN(auto options, consumer_options(config));
    auto state = std::make_unique<State>(listener, facts, std::move(warn), config.start);
    rd_kafka_conf_set_opaque(options.get(), state.get());
    rd_kafka_conf_set_rebalance_cb(options.get(), &State::on_rebalance);
    rd_kafka_conf_set_error_cb(options.get(), &State::on_error);
    rd_kafka_conf_set_stats_cb(options.get(), &State::on_statistics);
    std::array<char, 512> error{};
    state->client = rd_kafka_new(RD_KAFKA_CONSUMER, options.get(), error.data(), error.size());
    if (state->client == nullptr) return base::invalid_argument(base::printable(error.data(), error.size()));
    (void)options.release();  // the client's now
    rd_kafka_poll_set_consumer(state->client);
    const PartitionsPtr topics(rd_kafka_topic_partition_list_new(1));
    for (const auto* list : {&config.events, &config.items, &config.users}) {
        for (const auto& topic : *list) rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    if (const auto failure = rd_kafka_subscribe(state->client, topics.get()); failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return base::invalid_argument(std::string("cannot subscribe: ") + rd_kafka_err2str(failure));
    }
    return std::unique_ptr<Consumer>(new Consumer(std::move(state)));
}

std::size_t Consumer::poll(std::size_t messages, std::chrono::milliseconds timeout) {
    // Rebalances, and what goes wrong; waited for only where no partition has anything.
    const auto listen = [&](int wait_ms) {
        while (const MessagePtr message{rd_kafka_consumer_poll(state_->client, wait_ms)}) {
            state_->take_message(*message);
            wait_ms = 0;
        }
    };
    listen(0);
    std::size_t given = 0;
    for (bool any = true; any && given < messages;) {
        any = false;
        for (const auto& [partition, source] : state_->sources) {
            if (source.paused) continue;
            const std::size_t taken = state_->take_some(source, std::min(kMessagesATurn, messages - given));
            given += taken;
            any = any || taken > 0;
        }
    }
    if (given == 0) listen(static_cast<int>(timeout.count()));
    return given;
}

void Consumer::pause(const Partition& partition, bool paused) {
    const auto found = state_->sources.find(partition);
    if (found != state_->sources.end()) found->second.paused = paused;
}

void Consumer::commit(std::span<const std::pair<Partition, std::int64_t>> next, Wait wait) {
    if (next.empty()) return;
    const PartitionsPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
    for (const auto& [partition, offset] : next) {
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = offset;
    }
    // What fails is said again with the next commit.
    (void)rd_kafka_commit(state_->client, list.get(), wait == Wait::No ? 1 : 0);
}

std::int64_t Consumer::end_of(const Partition& partition) const {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto failure = rd_kafka_get_watermark_offsets(state_->client, partition.topic.c_str(), partition.number, &low, &high);
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR ? std::max<std::int64_t>(0, high) : 0;
}

Status check_options(const KafkaConfig& config) {
    SHORTLIST_ASSIGN(const auto options, consumer_options(config));
    return {};
}

}  // namespace shortlist::kafka
