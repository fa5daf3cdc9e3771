#include "engine/kafka/producer.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/kafka/client_options_internal.h"

namespace shortlist::kafka {

namespace {

constexpr int kPollMs = 100;
constexpr int kCloseMs = 5'000;

}  // namespace

struct Producer::State {
    rd_kafka_t* client = nullptr;
    rd_kafka_topic_t* topic = nullptr;
    SentState& facts;
    Warn warn;
    std::atomic<bool> stopping = false;
    std::thread reports;  // hears what became of the messages

    State(SentState& shows, Warn tells) : facts(shows), warn(std::move(tells)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (client == nullptr) return;
        stopping = true;
        if (reports.joinable()) reports.join();
        rd_kafka_flush(client, kCloseMs);
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(client, 0);  // the reports of what was purged
        if (topic != nullptr) rd_kafka_topic_destroy(topic);
        rd_kafka_destroy(client);
    }

    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
        auto& state = *static_cast<State*>(opaque);
        ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? state.facts.delivered : state.facts.lost);
    }
    static void on_error(rd_kafka_t*, int, const char* reason, void* opaque) {
        static_cast<State*>(opaque)->warn("kafka: " + base::printable(reason, 300));
    }
};

Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Producer::~Producer() = default;

Result<std::unique_ptr<Producer>> Producer::open(const KafkaConfig& config, const std::string& topic, SentState& facts, Warn warn) {
    const std::array<std::pair<std::string, std::string>, 3> ours{
        {{"enable.idempotence", "true"}, {"linger.ms", "20"}, {"queue.buffering.max.kbytes", "65536"}}};
    SHORTLIST_ASSIGN(auto options, client_options(config, ours));
    auto state = std::make_unique<State>(facts, std::move(warn));
    rd_kafka_conf_set_opaque(options.get(), state.get());
    rd_kafka_conf_set_dr_msg_cb(options.get(), &State::on_delivery);
    rd_kafka_conf_set_error_cb(options.get(), &State::on_error);
    std::array<char, 512> error{};
    state->client = rd_kafka_new(RD_KAFKA_PRODUCER, options.get(), error.data(), error.size());
    if (state->client == nullptr) return base::invalid_argument(base::printable(error.data(), error.size()));
    (void)options.release();  // the client's now
    state->topic = rd_kafka_topic_new(state->client, topic.c_str(), nullptr);
    if (state->topic == nullptr) return base::invalid_argument("topic: " + base::printable(topic) + ": " + rd_kafka_err2str(rd_kafka_last_error()));
    state->reports = std::thread([running = state.get()] {
        while (!running->stopping) rd_kafka_poll(running->client, kPollMs);
    });
    return std::unique_ptr<Producer>(new Producer(std::move(state)));
}

bool Producer::send(std::string_view key, std::string_view value) {
    // The client copies the value, and promises not to change it.
    return rd_kafka_produce(state_->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(),
                            key.empty() ? nullptr : key.data(), key.size(), nullptr) == 0;
}

}  // namespace shortlist::kafka
