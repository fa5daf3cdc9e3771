#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "engine/data/event.h"
#include "engine/data/metarank_events_internal.h"
#include "engine/data/object_fields_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

/// What an event says in `key`, as the column `column`.
void copy(const json::object& event, json::string_view key, json::string_view column, json::object& row) {
    if (const auto* value = event.if_contains(key)) put_field(column, *value, row);
}

/// The free-form fields of an event; one that is no {name, value} says nothing.
void copy_fields(const json::object& event, const std::vector<std::string>& columns, json::object& row) {
    const auto* fields = event.if_contains("fields");
    if (fields == nullptr || !fields->is_array()) return;
    for (const auto& field : fields->get_array()) {
        if (!field.is_object()) continue;
        const auto* name = field.get_object().if_contains("name");
        const auto* value = field.get_object().if_contains("value");
        if (name == nullptr || !name->is_string() || value == nullptr) continue;
        put_field(free_name(name->get_string(), "field_", columns), *value, row);
    }
}

json::object described(const json::object& event, json::string_view id, SourceTable table) {
    json::object row;
    copy(event, id, id, row);
    copy(event, "timestamp", "timestamp", row);
    copy_fields(event, metarank_columns(table), row);
    return row;
}

/// What impressions and interactions have in common.
json::object happened(const json::object& event) {
    json::object row;
    copy(event, "session", "user", row);
    copy(event, "user", "user", row);
    copy(event, "timestamp", "timestamp", row);
    copy_fields(event, metarank_columns(SourceTable::Events), row);
    return row;
}

json::object interaction(const json::object& event) {
    json::object row = happened(event);
    copy(event, "id", "id", row);
    copy(event, "item", "item", row);
    copy(event, "type", "type", row);
    copy(event, "ranking", "request_id", row);
    return row;
}

std::string_view kind_of(const json::object& event) {
    const auto* kind = event.if_contains("event");
    return kind != nullptr && kind->is_string() ? std::string_view(kind->get_string()) : std::string_view();
}

/// The table that an event of one row belongs to.
std::optional<SourceTable> table_of(std::string_view kind) {
    if (kind == "item") return SourceTable::Items;
    if (kind == "user") return SourceTable::Users;
    if (kind == "interaction") return SourceTable::Events;
    return std::nullopt;
}

json::object row_of(const json::object& event, SourceTable table) {
    switch (table) {
        case SourceTable::Items: return described(event, "item", table);
        case SourceTable::Users: return described(event, "user", table);
        case SourceTable::Events: break;
    }
    return interaction(event);
}

}  // namespace

std::vector<std::string> metarank_columns(SourceTable table) {
    switch (table) {
        case SourceTable::Items: return {"item", "timestamp"};
        case SourceTable::Users: return {"user", "timestamp"};
        case SourceTable::Events: break;
    }
    return {"id", "user", "item", "timestamp", "type", "request_id", "position", "relevancy"};
}

Status MetarankRows::begin(const json::object& event) {
    has_row_ = false;
    shown_ = nullptr;
    const std::string_view kind = kind_of(event);
    if (kind == "ranking") return begin_ranking(event);
    const auto table = table_of(kind);
    if (!table) return base::invalid_argument("not an item, user, ranking or interaction");
    has_row_ = table_ == *table;
    if (has_row_) row_ = row_of(event, *table);
    return {};
}

Status MetarankRows::begin_ranking(const json::object& event) {
    const auto* items = event.if_contains("items");
    if (items == nullptr || !items->is_array()) return base::invalid_argument("a ranking without items");
    if (table_ != SourceTable::Events) return {};
    shown_ = &items->get_array();
    position_ = 0;
    row_ = happened(event);
    row_["type"] = json::string_view(kImpressionType.data(), kImpressionType.size());
    copy(event, "id", "request_id", row_);
    const auto* id = event.if_contains("id");
    ranking_ = id != nullptr && id->is_string() ? std::string(id->get_string()) + "/" : std::string();
    return {};
}

const json::object* MetarankRows::next() {
    if (shown_ == nullptr) return std::exchange(has_row_, false) ? &row_ : nullptr;
    if (position_ == shown_->size()) return nullptr;
    const auto& item = (*shown_)[position_];
    for (const json::string_view key : {"item", "relevancy", "id"}) row_.erase(key);
    if (item.is_object()) {
        copy(item.get_object(), "id", "item", row_);
        copy(item.get_object(), "relevancy", "relevancy", row_);
    }
    if (!ranking_.empty()) row_["id"] = ranking_ + std::to_string(position_);
    row_["position"] = position_++;
    return &row_;
}

}  // namespace shortlist::data
