#include "apps/server/message.h"

#include <shortlist.pb.h>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>
#include <variant>

#include "apps/server/json_document.h"
#include "apps/server/write_batch.h"

namespace shortlist::server {

namespace {

template <class Entry, class ToRecord>
void read_entries(const boost::json::value& body, std::string_view list_name, const ReadLimits& limits, const ToRecord& to_record,
                  MessageContent& content) {
    auto found = entries_of(body, list_name);
    if (auto* problem = std::get_if<Problem>(&found)) {
        content.faults.push_back({std::move(problem->message), std::move(problem->field)});
        return;
    }
    for (const auto* value : std::get<BatchEntries>(found).entries) {
        Entry entry;
        if (auto problem = read_fields(*value, limits, entry)) {
            content.faults.push_back({std::move(problem->message), std::move(problem->field)});
        } else {
            content.records.push_back(to_record(std::move(entry)));
        }
    }
}

MessageContent read_json(std::string_view bytes, MessageKind kind, const MessageRules& rules) {
    MessageContent content;
    auto parsed = parse_json(bytes, rules.depth_max);
    if (auto* problem = std::get_if<Problem>(&parsed)) {
        content.faults.push_back({std::move(problem->message), std::move(problem->field)});
        return content;
    }
    const auto& body = std::get<boost::json::value>(parsed);
    switch (kind) {
        case MessageKind::Events:
            read_entries<data::Event>(
                body, "events", rules.limits, [](data::Event event) -> data::Record { return event; }, content);
            break;
        case MessageKind::Items:
            read_entries<Entity>(
                body, "items", rules.limits, [](const Entity& item) -> data::Record { return data::ItemUpsert{upsert_of(item)}; }, content);
            break;
        case MessageKind::Users:
            read_entries<Entity>(
                body, "users", rules.limits, [](const Entity& user) -> data::Record { return data::UserUpsert{upsert_of(user)}; }, content);
            break;
    }
    return content;
}

template <class Entries, class Convert>
auto sorted_entries(const Entries& entries, const Convert& convert) {
    std::vector<std::pair<std::string, decltype(convert(entries.begin()->second))>> sorted;
    for (const auto& [name, value] : entries) sorted.emplace_back(name, convert(value));
    std::ranges::sort(sorted, {}, [](const auto& entry) { return entry.first; });  // a map gives them in any order
    return sorted;
}

data::Event event_of(const v1::Event& message) {
    data::Event event;
    event.event_id = message.event_id();
    event.time = message.time();
    event.user = message.user();
    event.item = message.item();
    event.type = message.type();
    if (message.has_value()) event.value = message.value();
    event.request_id = message.request_id();
    if (message.has_position()) event.position = message.position();
    event.context = sorted_entries(message.context(), [](const std::string& text) { return text; });
    return event;
}

data::AttributeValue value_of(const v1::Value& value) {
    switch (value.kind_case()) {
        case v1::Value::kText: return value.text();
        case v1::Value::kTexts: return std::vector<std::string>(value.texts().texts().begin(), value.texts().texts().end());
        case v1::Value::kVector: return std::vector<float>(value.vector().numbers().begin(), value.vector().numbers().end());
        case v1::Value::kTime: return std::int64_t{value.time()};
        default: return value.number();
    }
}

MessageContent read_protobuf(std::string_view bytes, MessageKind kind) {
    constexpr std::size_t kBytesMax = std::size_t{1} << 30;
    const auto parsed = [&](auto& message) {
        return bytes.size() <= kBytesMax && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    };
    if (kind == MessageKind::Events) {
        v1::Event message;
        if (!parsed(message)) return {{}, {{"not a message of the type shortlist.v1.Event", ""}}};
        // Seconds or milliseconds taken for microseconds would land in the first days of 1970, and nobody would see it.
        constexpr TimeUs kEarliest = 365 * kDayUs;
        if (message.time() != 0 && message.time() < kEarliest) {
            return {{}, {{"time: must be microseconds since 1970; got " + std::to_string(message.time()), "time"}}};
        }
        return {{event_of(message)}, {}};
    }
    v1::Entity message;
    if (!parsed(message)) return {{}, {{"not a message of the type shortlist.v1.Entity", ""}}};
    for (const auto& [name, value] : message.attributes()) {
        if (value.kind_case() == v1::Value::KIND_NOT_SET) return {{}, {{"attributes." + name + ": has no value", "attributes." + name}}};
    }
    data::Upsert upsert{message.id(), sorted_entries(message.attributes(), value_of)};
    if (kind == MessageKind::Items) return {{data::ItemUpsert{std::move(upsert)}}, {}};
    return {{data::UserUpsert{std::move(upsert)}}, {}};
}

std::string json_of(const data::ServedList& list) {
    boost::json::object context;
    for (const auto& [name, value] : list.request.context) context.insert_or_assign(name, value);
    boost::json::array items;
    for (const auto& item : list.items) items.push_back({{"id", item.id}, {"score", item.score}});
    return boost::json::serialize(boost::json::object{{"request_id", list.request.request_id},
                                                      {"time", list.time},
                                                      {"user", list.request.user},
                                                      {"surface", list.request.surface},
                                                      {"bundle", list.bundle},
                                                      {"context", std::move(context)},
                                                      {"items", std::move(items)}});
}

std::string protobuf_of(const data::ServedList& list) {
    v1::List message;
    message.set_request_id(list.request.request_id);
    message.set_time(list.time);
    message.set_user(list.request.user);
    message.set_surface(list.request.surface);
    message.set_bundle(list.bundle);
    for (const auto& [name, value] : list.request.context) (*message.mutable_context())[name] = value;
    for (const auto& item : list.items) {
        auto* added = message.add_items();
        added->set_id(item.id);
        added->set_score(item.score);
    }
    return message.SerializeAsString();
}

}  // namespace

std::string write_message(const data::ServedList& list, kafka::MessageFormat format) {
    return format == kafka::MessageFormat::Protobuf ? protobuf_of(list) : json_of(list);
}

MessageContent read_message(std::string_view bytes, MessageKind kind, const MessageRules& rules) {
    return rules.format == kafka::MessageFormat::Protobuf ? read_protobuf(bytes, kind) : read_json(bytes, kind, rules);
}

data::Upsert upsert_of(const Entity& entity) {
    data::Upsert upsert;
    upsert.id = entity.id;
    for (const auto& [name, value] : entity.attributes) {
        data::AttributeValue out;
        if (const auto* list = std::get_if<std::vector<double>>(&value)) {
            out = std::vector<float>(list->begin(), list->end());
        } else if (const auto* number = std::get_if<double>(&value)) {
            out = *number;
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            out = *text;
        } else {
            out = std::get<std::vector<std::string>>(value);
        }
        upsert.attributes.emplace_back(name, std::move(out));
    }
    return upsert;
}

}  // namespace shortlist::server
