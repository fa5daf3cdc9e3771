/// The `serve.kafka` part of shortlist.yaml: which topics are consumed, from where, and how.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/base/config_rules.h"

namespace shortlist::kafka {

/// What a message holds.
enum class MessageFormat {
    Json,      ///< What POST /v1/events, /v1/items and /v1/users take.
    Protobuf,  ///< docs/formats/shortlist.proto.
};

/// Where to begin in a partition of which the log holds nothing.
enum class StartAt {
    Earliest,   ///< At its beginning.
    Committed,  ///< Where the group has come to, by the broker's books; at its beginning where it has not.
    Latest,     ///< At its end.
};

struct KafkaConfig {
    std::vector<std::string> brokers;
    std::string group = "shortlist";
    std::vector<std::string> events;
    std::vector<std::string> items;
    std::vector<std::string> users;
    std::string lists;
    MessageFormat format = MessageFormat::Json;
    StartAt start = StartAt::Earliest;
    base::Duration lateness{0};
    base::Duration wait{5 * kSecondUs};
    std::size_t held = 200'000;
    std::map<std::string, std::string> options;

    /// Whether there is a broker to talk to; and whether anything is to be consumed.
    [[nodiscard]] bool used() const noexcept { return !brokers.empty(); }
    [[nodiscard]] bool consumes() const noexcept { return used() && !(events.empty() && items.empty() && users.empty()); }

    template <class Visitor>
    void describe(Visitor& v) {
        using base::text;
        v.field("brokers", brokers, text(1, 256), "Brokers to begin with, as kafka-1:9092; without any, nothing is consumed.");
        v.field("group", group, text(1, 256),
                "Consumer group: its members share the partitions. Servers that are all to see everything have a group each.");
        v.field("events", events, text(1, 249), "Topics of events.");
        v.field("items", items, text(1, 249), "Topics of new and changed items.");
        v.field("users", users, text(1, 249), "Topics of new and changed users.");
        v.field("lists", lists, text(0, 249),
                "Topic to which the lists that recommend and rank served are written, once they are in the log; empty: none.");
        v.field("format", format, base::one_of<MessageFormat>({{"json", MessageFormat::Json}, {"protobuf", MessageFormat::Protobuf}}),
                "What a message holds: the JSON that POST /v1/events, /v1/items and /v1/users take, or a message of docs/formats/shortlist.proto.");
        v.field("start", start,
                base::one_of<StartAt>({{"earliest", StartAt::Earliest}, {"committed", StartAt::Committed}, {"latest", StartAt::Latest}}),
                "Where to begin in a partition of which the log holds nothing; else it goes on behind what the log holds.");
        v.field("lateness", lateness, base::range(0, kHourUs),
                "How far an event may lie behind the newest of its partition and still count for its own minute. Events wait as long.");
        v.field("wait", wait, base::range(100'000, kHourUs),
                "How long the others wait for a partition that has no more messages; for one that cannot be read, six times as long.");
        v.field("held", held, base::range(1'000, 100'000'000),
                "Events that may wait for other partitions; past it, partitions that are ahead pause.");
        v.secret_field("options", options, text(0, 65536),
                       "Options of the client, librdkafka, by their names: security.protocol, sasl.password, ssl.ca.location. Shown as ***.");
    }
};

}  // namespace shortlist::kafka
