/// The `serve` part of shortlist.yaml: where the server listens, who may write, and every limit it keeps.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/config_rules.h"
#include "engine/kafka/kafka_config.h"
#include "engine/pipeline/impressions.h"
#include "engine/store/redis_config.h"

namespace shortlist::project {

struct ServeConfig {
    std::string listen = "127.0.0.1:8080";
    std::string token_file;
    bool insecure = false;
    std::string port_file;
    std::size_t threads = 0;
    std::size_t workers = 4;
    std::size_t queue = 1024;
    std::size_t write_bytes = 64 * 1024 * 1024;
    std::size_t connections = 1024;
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 1024 * 1024;
    std::size_t json_depth = 32;
    std::size_t id_bytes = 256;
    std::size_t k_max = 1000;
    base::Duration timeout{10 * kSecondUs};
    base::Duration keep_alive{60 * kSecondUs};
    base::Duration linger{kSecondUs};
    base::Duration drain{30 * kSecondUs};
    std::size_t snapshot_records = 200'000;
    std::size_t segment_records = 200'000;
    std::size_t user_bytes = std::size_t{1} << 30;
    pipeline::ImpressionsConfig impressions;
    bool access_log = false;
    kafka::KafkaConfig kafka;
    store::RedisConfig redis;

    template <class Visitor>
    void describe(Visitor& v) {
        using base::range;
        constexpr TimeUs kShortest = 1'000;
        v.field("listen", listen, base::text(3, 300),
                "Address and port, as 127.0.0.1:8080 or [::1]:8080; port 0 lets the system choose one. Any address that is not of this machine alone "
                "needs token_file or insecure.");
        v.field("token_file", token_file, base::secret_place(),
                "File that holds the token which writes and admin need, or ${NAME} to take it from that environment variable; empty: no token.");
        v.field("insecure", insecure, base::any<bool>(), "Listen on an outside address without a token.");
        v.field("port_file", port_file, base::text(0, 4096), "File to write the chosen port to once the server listens; empty: none.");
        v.field("threads", threads, range(0, 1024), "Threads that read, recommend and write; 0 takes one a core.");
        v.field("workers", workers, range(1, 1024), "Threads for what takes long: forgetting a user, reload.");
        v.field("queue", queue, range(1, 1'000'000), "Requests that may wait for a worker; one more is answered 429.");
        v.field("write_bytes", write_bytes, range(1, 1'000'000'000'000),
                "Bytes of events, items and users, as they were sent, that may wait for the disk; more are answered 503 with Retry-After. In memory "
                "they take "
                "some four times as much.");
        v.field("connections", connections, range(1, 1'000'000), "Connections open at once; one more is answered 429 and closed.");
        v.field("header_bytes", header_bytes, range(256, 1024 * 1024), "Longest request line and header fields together; more is answered 431.");
        v.field("body_bytes", body_bytes, range(1, 1024 * 1024 * 1024), "Longest body; more is answered 413.");
        v.field("json_depth", json_depth, range(1, 1024), "Deepest nesting of a JSON body; more is answered 422.");
        v.field("id_bytes", id_bytes, range(1, 256), "Longest id of an item or a user; more is answered 422.");
        v.field("k_max", k_max, range(1, 100'000), "Most items that one request may ask for or send to be ranked; more is answered 422.");
        v.field("timeout", timeout, range(kShortest, kHourUs),
                "Time from a request's first byte to its last, and to write an answer; more is answered 408.");
        v.field("keep_alive", keep_alive, range(kShortest, kDayUs), "How long a connection may stay open between requests.");
        v.field("linger", linger, range(kShortest, kHourUs), "After SIGTERM, how long an idle connection may still send a request.");
        v.field("drain", drain, range(kShortest, kDayUs), "After SIGTERM, how long accepted requests may take before their connections are cut.");
        v.field("snapshot_records", snapshot_records, range(1, 1'000'000'000),
                "Records after which the state is saved, so that a restart folds at most as many; the end of the server saves it, too.");
        v.field("segment_records", segment_records, range(1, 100'000'000),
                "Live records that are sealed together, as a Parquet file in log/segments; looked at when the state is saved.");
        v.field(
            "user_bytes", user_bytes, range(0, 1e15),
            "Memory for what is known of single users; those who did nothing for longest wait on the disk, and come back as they went. 0: no bound.");
        v.field("impressions", impressions, "How served lists are logged.");
        v.field("access_log", access_log, base::any<bool>(), "Log a line for every request.");
        v.field("kafka", kafka, "Topics whose messages enter the log as if they were posted.");
        v.field("redis", redis, "Where servers share what they know of users, so that an event that one was told the next request to another sees.");
    }
};

}  // namespace shortlist::project
