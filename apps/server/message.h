/// What a message of a stream holds: the documents that the HTTP endpoints take, or their binary form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/server/json_fields.h"
#include "apps/server/service.h"
#include "engine/data/record.h"
#include "engine/kafka/kafka_config.h"

namespace shortlist::server {

enum class MessageKind { Events, Items, Users };

/// Why a message, or one of the entries that it lists, cannot be used.
struct MessageFault {
    std::string reason;  ///< What is wrong and what is allowed.
    std::string field;   ///< The field at fault, where there is one.
};

struct MessageContent {
    std::vector<data::Record> records;  ///< In the order in which they stand there. An event without a time has time 0.
    std::vector<MessageFault> faults;
};

struct MessageRules {
    kafka::MessageFormat format = kafka::MessageFormat::Json;
    std::size_t depth_max = 32;
    ReadLimits limits;
};

/// Reads any bytes; what is wrong with them is in the answer. Cost: as parse_json().
[[nodiscard]] MessageContent read_message(std::string_view bytes, MessageKind kind, const MessageRules& rules);

/// A list that was served, as one message: an object with the members of docs/formats/shortlist.proto's List, or that itself.
[[nodiscard]] std::string write_message(const data::ServedList& list, kafka::MessageFormat format);

/// An item or a user as the log takes it.
[[nodiscard]] data::Upsert upsert_of(const Entity& entity);

}  // namespace shortlist::server
