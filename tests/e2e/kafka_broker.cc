// A broker of Kafka as a process of its own, for tests: librdkafka's mock cluster, which speaks the protocol over TCP and keeps its messages
// in memory, the newest 4 MB or so of each partition. Prints its address, then obeys a command a line and answers each with a line, `ok` or
// what went wrong:
//     topic NAME PARTITIONS
//     produce TOPIC PARTITION FILE    messages of FILE in order: each its length as 4 bytes, little-endian, and its bytes
//     consume TOPIC PARTITIONS FILE   writes all messages to FILE: each its partition, key length and length as 4 bytes each, then key and bytes
//     down, up                        cuts all connections and refuses new ones; takes them again
// It ends with its standard input.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

namespace {

constexpr int kBrokers = 1;
constexpr int kFlushMs = 60'000;

std::string text_of(rd_kafka_resp_err_t error) { return error == RD_KAFKA_RESP_ERR_NO_ERROR ? "ok" : rd_kafka_err2str(error); }

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 512> error{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
        std::cerr << error.data() << '\n';
        std::exit(1);
    }
}

rd_kafka_t* start(rd_kafka_conf_t* conf, rd_kafka_type_t type = RD_KAFKA_PRODUCER) {
    std::array<char, 512> error{};
    rd_kafka_t* client = rd_kafka_new(type, conf, error.data(), error.size());
    if (client != nullptr) return client;
    std::cerr << error.data() << '\n';
    std::exit(1);
}

class Broker {
public:
    Broker() : owner_(start(rd_kafka_conf_new())), cluster_(rd_kafka_mock_cluster_new(owner_, kBrokers)) {}
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    ~Broker() {
        if (producer_ != nullptr) rd_kafka_destroy(producer_);
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(owner_);
    }

    [[nodiscard]] std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

    std::string obey(const std::string& line) {
        std::istringstream words(line);
        std::string command;
        std::string topic;
        words >> command >> topic;
        if (command == "topic") {
            int partitions = 0;
            words >> partitions;
            return text_of(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, kBrokers));
        }
        if (command == "produce") {
            std::int32_t partition = 0;
            std::string file;
            words >> partition >> file;
            return produce(topic, partition, file);
        }
        if (command == "consume") {
            std::int32_t partitions = 0;
            std::string file;
            words >> partitions >> file;
            return consume(topic, partitions, file);
        }
        if (command == "down") return text_of(rd_kafka_mock_broker_set_down(cluster_, 1));
        if (command == "up") return text_of(rd_kafka_mock_broker_set_up(cluster_, 1));
        return "no such command: " + line;
    }

private:
    std::string produce(const std::string& topic, std::int32_t partition, const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        if (!file) return "cannot read " + path;
        if (producer_ == nullptr) connect();
        failed_ = 0;
        for (std::size_t at = 0; at + 4 <= bytes.size();) {
            std::uint32_t size = 0;
            std::memcpy(&size, bytes.data() + at, 4);
            at += 4;
            if (size > bytes.size() - at) return path + " ends within a message";
            if (const auto error = send(topic, partition, {bytes.data() + at, size}); error != RD_KAFKA_RESP_ERR_NO_ERROR) return text_of(error);
            at += size;
        }
        const auto flushed = rd_kafka_flush(producer_, kFlushMs);
        return failed_ == 0 ? text_of(flushed) : std::to_string(failed_) + " messages were not taken";
    }

    // Each partition from its beginning to its present end.
    [[nodiscard]] std::string consume(const std::string& topic, std::int32_t partitions, const std::string& path) const {
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        set(conf, "bootstrap.servers", address());
        set(conf, "group.id", "reader");
        set(conf, "enable.partition.eof", "true");
        rd_kafka_t* client = start(conf, RD_KAFKA_CONSUMER);
        rd_kafka_poll_set_consumer(client);
        rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(partitions);
        for (std::int32_t partition = 0; partition < partitions; ++partition) {
            rd_kafka_topic_partition_list_add(all, topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
        }
        auto error = rd_kafka_assign(client, all);
        rd_kafka_topic_partition_list_destroy(all);
        std::ofstream file(path, std::ios::binary);
        const auto number = [&file](std::uint32_t value) { file.write(reinterpret_cast<const char*>(&value), sizeof(value)); };
        for (std::int32_t ended = 0; ended < partitions && error == RD_KAFKA_RESP_ERR_NO_ERROR;) {
            rd_kafka_message_t* message = rd_kafka_consumer_poll(client, kFlushMs);
            if (message == nullptr) {
                error = RD_KAFKA_RESP_ERR__TIMED_OUT;
                break;
            }
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                ++ended;
            } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                error = message->err;
            } else {
                number(static_cast<std::uint32_t>(message->partition));
                number(static_cast<std::uint32_t>(message->key_len));
                number(static_cast<std::uint32_t>(message->len));
                file.write(static_cast<const char*>(message->key), static_cast<std::streamsize>(message->key_len));
                file.write(static_cast<const char*>(message->payload), static_cast<std::streamsize>(message->len));
            }
            rd_kafka_message_destroy(message);
        }
        rd_kafka_consumer_close(client);
        rd_kafka_destroy(client);
        file.close();
        return file ? text_of(error) : "cannot write " + path;
    }

    rd_kafka_resp_err_t send(const std::string& topic, std::int32_t partition, std::string_view value) {
        std::array<rd_kafka_vu_t, 4> message{};
        message[0].vtype = RD_KAFKA_VTYPE_TOPIC;
        message[0].u.cstr = topic.c_str();
        message[1].vtype = RD_KAFKA_VTYPE_PARTITION;
        message[1].u.i32 = partition;
        message[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        message[2].u.i = RD_KAFKA_MSG_F_COPY;
        message[3].vtype = RD_KAFKA_VTYPE_VALUE;
        message[3].u.mem = {const_cast<char*>(value.data()), value.size()};
        while (true) {
            rd_kafka_error_t* refused = rd_kafka_produceva(producer_, message.data(), message.size());
            const auto error = rd_kafka_error_code(refused);
            rd_kafka_error_destroy(refused);
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return error;
            rd_kafka_poll(producer_, 100);
        }
    }

    void connect() {
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        set(conf, "bootstrap.servers", address());
        set(conf, "enable.idempotence", "true");
        set(conf, "linger.ms", "5");
        rd_kafka_conf_set_opaque(conf, this);
        rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<Broker*>(opaque)->failed_;
        });
        producer_ = start(conf);
    }

    rd_kafka_t* owner_;
    rd_kafka_mock_cluster_t* cluster_;
    rd_kafka_t* producer_ = nullptr;
    std::uint64_t failed_ = 0;
};

}  // namespace

int main() {
    Broker broker;
    std::cout << broker.address() << std::endl;
    for (std::string line; std::getline(std::cin, line);) std::cout << broker.obey(line) << std::endl;
}
