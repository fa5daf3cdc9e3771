#include "engine/data/source_config.h"

#include "engine/data/catalogue.h"

namespace shortlist::data {

Result<TimeSource> TimeSource::from_text(std::string_view text) {
    if (text.empty()) return base::invalid_argument("time: must be a column, {order: file} or none; got an empty text");
    TimeSource source;
    if (text != "none") source.column = text;
    return source;
}

std::optional<std::string> TimeSource::to_text() const {
    if (unit != TimeUnit::Auto || order != OrderSource::None || column == "none") return std::nullopt;
    return column.empty() ? "none" : column;
}

Result<ValueColumn> ValueColumn::from_text(std::string_view text) {
    if (text.empty()) return base::invalid_argument("value: must be a column; got an empty text");
    ValueColumn column;
    column.value = text;
    return column;
}

std::optional<std::string> ValueColumn::to_text() const { return divided_by.empty() ? std::optional(value) : std::nullopt; }

Result<AttributeConfig> AttributeConfig::from_text(std::string_view text) {
    SHORTLIST_ASSIGN(const auto type, parse_attribute_type(text));
    AttributeConfig config;
    config.type = type;
    return config;
}

std::optional<std::string> AttributeConfig::to_text() const {
    if (!column.empty() || !separator.empty()) return std::nullopt;
    return std::string(attribute_type_name(type));
}

}  // namespace shortlist::data
