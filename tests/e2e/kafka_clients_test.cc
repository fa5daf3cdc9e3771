// The producer and the consumer against a broker: the mock cluster of librdkafka, in this process. Not among the fast tests: sanitizers do not
// see into the library's threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "engine/kafka/consumer.h"
#include "engine/kafka/producer.h"

namespace shortlist::kafka {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr int kPartitions = 3;

class Cluster {
public:
    Cluster() : owner_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)), cluster_(rd_kafka_mock_cluster_new(owner_, 1)) {
        rd_kafka_mock_topic_create(cluster_, "lists", kPartitions, 1);
    }
    ~Cluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(owner_);
    }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;
    [[nodiscard]] KafkaConfig config() const {
        KafkaConfig config;
        config.brokers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
        config.events = {"lists"};
        return config;
    }

private:
    rd_kafka_t* owner_;
    rd_kafka_mock_cluster_t* cluster_;
};

struct Ears final : Listener {
    std::map<Partition, std::vector<std::string>> heard;
    std::map<Partition, std::int64_t> begin;
    std::set<Partition> ended;
    std::set<Partition> ours;

    std::optional<std::int64_t> given(const Partition& partition) override {
        ours.insert(partition);
        return begin.contains(partition) ? std::optional(begin[partition]) : std::nullopt;
    }
    void taken(std::span<const Partition> partitions) override {
        for (const auto& partition : partitions) ours.erase(partition);
    }
    void message(const Message& message) override {
        EXPECT_GT(message.time, 0);
        heard[message.partition].emplace_back(message.value);
    }
    void at_end(const Partition& partition) override { ended.insert(partition); }
};

void ignore(const std::string&) {}

// Polls until all partitions have come to their ends, or a minute has passed.
void listen(Consumer& consumer, Ears& ears) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (ears.ended.size() < kPartitions && std::chrono::steady_clock::now() < deadline) consumer.poll(1000, 100ms);
}

TEST(KafkaClients, what_was_sent_arrives_once_in_order_with_a_key_in_one_partition) {
    const Cluster cluster;
    SentState sent;
    {
        const auto producer = Producer::open(cluster.config(), "lists", sent, ignore).value();
        for (int message = 0; message < 300; ++message) {
            ASSERT_TRUE(producer->send("user" + std::to_string(message % 30), std::to_string(message)));
        }
    }
    EXPECT_EQ(sent.delivered, 300U);
    EXPECT_EQ(sent.lost, 0U);

    ClientState state;
    Ears ears;
    {
        const auto consumer = Consumer::open(cluster.config(), ears, state, ignore).value();
        listen(*consumer, ears);
        EXPECT_TRUE(state.connected);
        EXPECT_EQ(ears.ours.size(), kPartitions);
        for (const auto& [partition, messages] : ears.heard) {
            EXPECT_EQ(consumer->end_of(partition), static_cast<std::int64_t>(messages.size())) << partition.number;
        }
    }
    EXPECT_TRUE(ears.ours.empty()) << "all are taken away at the end";
    std::map<std::string, std::int32_t> partition_of;
    std::size_t total = 0;
    for (const auto& [partition, messages] : ears.heard) {
        total += messages.size();
        std::map<std::string, int> last;
        for (const auto& message : messages) {
            const std::string key = "user" + std::to_string(std::stoi(message) % 30);
            EXPECT_EQ(partition_of.try_emplace(key, partition.number).first->second, partition.number) << key;
            EXPECT_GT(std::stoi(message), last.try_emplace(key, -1).first->second);
            last[key] = std::stoi(message);
        }
    }
    EXPECT_EQ(total, 300U);
    EXPECT_EQ(partition_of.size(), 30U);
}

TEST(KafkaClients, a_consumer_begins_where_its_listener_says) {
    const Cluster cluster;
    SentState sent;
    {
        const auto producer = Producer::open(cluster.config(), "lists", sent, ignore).value();
        for (int message = 0; message < 20; ++message) ASSERT_TRUE(producer->send("one key", std::to_string(message)));
    }
    ClientState state;
    Ears ears;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) ears.begin[{"lists", partition}] = 15;
    const auto consumer = Consumer::open(cluster.config(), ears, state, ignore).value();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    const auto all_heard = [&] { return ears.heard.size() == 1 && ears.heard.begin()->second.size() >= 5; };
    while (!all_heard() && std::chrono::steady_clock::now() < deadline) consumer->poll(1000, 100ms);
    ASSERT_EQ(ears.heard.size(), 1U);
    EXPECT_THAT(ears.heard.begin()->second, testing::ElementsAre("15", "16", "17", "18", "19"));
}

TEST(KafkaClients, without_a_broker_sending_waits_for_nobody_and_says_what_was_lost) {
    KafkaConfig config;
    config.brokers = {"127.0.0.1:1"};
    config.options = {{"message.timeout.ms", "200"}, {"queue.buffering.max.messages", "10"}};
    SentState sent;
    {
        const auto producer = Producer::open(config, "lists", sent, ignore).value();
        int queued = 0;
        for (int message = 0; message < 50; ++message) queued += producer->send("", "m") ? 1 : 0;
        EXPECT_GE(queued, 10);
        EXPECT_LT(queued, 50) << "the queue is bounded";
    }
    EXPECT_EQ(sent.delivered, 0U);
    EXPECT_GE(sent.lost, 10U);
}

TEST(KafkaClients, refuse_options_by_name) {
    ClientState state;
    Ears ears;
    KafkaConfig config;
    config.brokers = {"127.0.0.1:1"};
    config.events = {"lists"};
    config.options = {{"no.such.option", "1"}};
    EXPECT_THAT(Consumer::open(config, ears, state, ignore).error().message, HasSubstr("no.such.option: "));
    SentState sent;
    EXPECT_THAT(Producer::open(config, "lists", sent, ignore).error().message, HasSubstr("no.such.option: "));
}

}  // namespace
}  // namespace shortlist::kafka
