#include "apps/server/json_fields.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "apps/server/json_text.h"
#include "engine/base/rfc3339.h"
#include "engine/base/text.h"

namespace shortlist::server {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::string& text) { return {text.data(), text.size()}; }

std::string described(const json::value& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "a list";
    return base::printable(json::serialize(value));
}

std::optional<double> finite_number(const json::value& value) {
    if (!value.is_number()) return std::nullopt;
    const auto number = value.to_number<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

/// The integer that `value` holds, where it holds one that fits in 64 bits with sign.
std::optional<std::int64_t> integer(const json::value& value) {
    const auto* number = value.if_int64();
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

/// A context value as text: features compare texts, so 1 and "1" are the same.
std::optional<std::string> context_text(const json::value& value) {
    if (const auto* text = value.if_string()) return text->size() <= kTextBytes ? std::optional(std::string(text_of(*text))) : std::nullopt;
    if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
    if (!finite_number(value)) return std::nullopt;
    std::string out;
    if (const auto whole = integer(value)) {
        append_json(out, *whole);
    } else {
        append_json(out, *finite_number(value));
    }
    return out;
}

}  // namespace

std::optional<Problem> check_id(std::string_view id, std::string_view field, std::size_t bytes_max) {
    if (id.empty() || id.size() > bytes_max) {
        return invalid_field(std::string(field), "must have 1 to " + std::to_string(bytes_max) + " bytes; got " + std::to_string(id.size()));
    }
    if (!base::is_valid_utf8(id)) return invalid_field(std::string(field), "must be valid UTF-8");
    if (id.find('\0') != std::string_view::npos) return invalid_field(std::string(field), "must not hold a zero byte");
    return std::nullopt;
}

std::optional<Problem> read_count(std::string_view text, std::string_view field, std::size_t k_max, std::size_t& k) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), k);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && k >= 1 && k <= k_max) return std::nullopt;
    return invalid_field(std::string(field), "must be an integer from 1 to " + std::to_string(k_max) + "; got " + base::printable(text));
}

Problem unknown_field(std::string_view name, const std::vector<std::string>& known) {
    const auto near = base::nearest(name, known);
    const auto hint = near.empty() ? "; there are " + base::join(known) : "; did you mean \"" + near + "\"?";
    return invalid_field(base::printable(name), "unknown field \"" + base::printable(name) + "\"" + hint);
}

std::optional<Problem> FieldReader::finish() const {
    for (const auto& entry : object_) {
        const std::string_view name(entry.key().data(), entry.key().size());
        if (std::ranges::find(known_, name) == known_.end()) return unknown_field(name, {known_.begin(), known_.end()});
    }
    return problem_;
}

const json::value* FieldReader::find(std::string_view name) {
    known_.push_back(name);
    const auto* value = object_.if_contains(name);
    return value != nullptr && value->is_null() ? nullptr : value;
}

void FieldReader::fail(std::string_view name, std::string message) {
    if (!problem_) problem_ = invalid_field(base::printable(name), base::printable(name) + ": " + std::move(message));
}

void FieldReader::refuse(std::string_view name, std::string_view wanted, const Value& got) {
    fail(name, "must be " + std::string(wanted) + "; got " + described(got));
}

void FieldReader::read(std::string_view name, const Value& value, std::string& member, IdRule) {
    const auto* text = value.if_string();
    if (text == nullptr) return refuse(name, "a text", value);
    if (const auto problem = check_id(text_of(*text), name, limits_.id_bytes)) return fail(name, problem->message);
    member = text_of(*text);
}

void FieldReader::read(std::string_view name, const Value& value, std::string& member, TextRule) {
    const auto* text = value.if_string();
    if (text == nullptr || text->size() > kTextBytes) return refuse(name, "a text of at most " + std::to_string(kTextBytes) + " bytes", value);
    member = text_of(*text);
}

void FieldReader::read(std::string_view name, const Value& value, std::size_t& member, CountRule) {
    const auto number = integer(value);
    if (!number || *number < 1 || static_cast<std::uint64_t>(*number) > limits_.k_max) {
        return refuse(name, "an integer from 1 to " + std::to_string(limits_.k_max), value);
    }
    member = static_cast<std::size_t>(*number);
}

void FieldReader::read(std::string_view name, const Value& value, bool& member, FlagRule) {
    const auto* flag = value.if_bool();
    if (flag == nullptr) return refuse(name, "true or false", value);
    member = *flag;
}

void FieldReader::read(std::string_view name, const Value& value, float& member, NumberRule) {
    const auto number = finite_number(value);
    if (!number || std::abs(*number) > static_cast<double>(std::numeric_limits<float>::max()))
        return refuse(name, "a number that fits in 32 bits", value);
    member = static_cast<float>(*number);
}

void FieldReader::read(std::string_view name, const Value& value, std::vector<std::string>& member, IdsRule) {
    const auto* list = value.if_array();
    if (list == nullptr || list->empty() || list->size() > limits_.k_max) {
        return refuse(name, "a list of 1 to " + std::to_string(limits_.k_max) + " ids", value);
    }
    member.reserve(list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
        read(std::string(name) + "[" + std::to_string(i) + "]", (*list)[i], member.emplace_back(), IdRule{});
    }
}

void FieldReader::read(std::string_view name, const Value& value, TimeUs& member, TimeRule) {
    constexpr std::string_view kWanted = "RFC 3339 text as 2024-05-01T12:00:00Z, or microseconds since 1970";
    // Seconds or milliseconds taken for microseconds would land in the first days of 1970, and nobody would see it.
    constexpr TimeUs kEarliest = 365 * kDayUs;
    std::optional<TimeUs> time;
    if (const auto* text = value.if_string()) time = base::parse_rfc3339(text_of(*text));
    if (const auto number = integer(value)) time = number;
    if (!time || *time < kEarliest) return refuse(name, kWanted, value);
    member = *time;
}

void FieldReader::read(std::string_view name, const Value& value, std::int32_t& member, PositionRule) {
    const auto number = integer(value);
    if (!number || *number < 0 || *number > kPositionMax) return refuse(name, "an integer from 0 to " + std::to_string(kPositionMax), value);
    member = static_cast<std::int32_t>(*number);
}

void FieldReader::read(std::string_view name, const Value& value, Context& member, ContextRule) {
    const auto* object = value.if_object();
    if (object == nullptr || object->size() > kContextFields) {
        return refuse(name, "an object of at most " + std::to_string(kContextFields) + " fields", value);
    }
    for (const auto& entry : *object) {
        const std::string key(entry.key().data(), entry.key().size());
        const auto path = std::string(name) + "." + key;
        if (const auto problem = check_id(key, path, limits_.id_bytes)) return fail(path, problem->message);
        auto text = context_text(entry.value());
        if (!text) return refuse(path, "a text of at most " + std::to_string(kTextBytes) + " bytes, a number, true or false", entry.value());
        member.emplace_back(key, std::move(*text));
    }
}

void FieldReader::read(std::string_view name, const Value& value, std::vector<std::pair<std::string, AttributeValue>>& member, AttributesRule) {
    const auto* object = value.if_object();
    if (object == nullptr || object->size() > kAttributesMax) {
        return refuse(name, "an object of at most " + std::to_string(kAttributesMax) + " attributes", value);
    }
    for (const auto& entry : *object) {
        const std::string key(entry.key().data(), entry.key().size());
        const auto path = std::string(name) + "." + key;
        if (const auto problem = check_id(key, path, limits_.id_bytes)) return fail(path, problem->message);
        auto attribute = read_attribute(path, entry.value());
        if (!attribute) return;
        member.emplace_back(key, std::move(*attribute));
    }
}

/// The attribute's value; nothing, and a problem noted, where it has none of the allowed forms.
std::optional<AttributeValue> FieldReader::read_attribute(const std::string& path, const Value& value) {
    if (const auto* text = value.if_string(); text != nullptr && text->size() <= kAttributeBytes) return AttributeValue(std::string(text_of(*text)));
    if (const auto* flag = value.if_bool()) return AttributeValue(*flag ? 1.0 : 0.0);
    if (const auto number = finite_number(value)) return AttributeValue(*number);
    if (value.is_array()) return read_list(path, value);
    refuse(path, "a number, true or false, a text of at most " + std::to_string(kAttributeBytes) + " bytes, or a list of numbers or of texts", value);
    return std::nullopt;
}

std::optional<AttributeValue> FieldReader::read_list(const std::string& path, const Value& value) {
    const auto& list = value.get_array();
    std::vector<double> numbers;
    std::vector<std::string> texts;
    for (const auto& entry : list) {
        if (const auto* text = entry.if_string(); text != nullptr && text->size() <= kTextBytes) texts.emplace_back(text_of(*text));
        if (const auto number = finite_number(entry)) numbers.push_back(*number);
    }
    const bool fits = list.size() <= kAttributeEntries;
    // An empty list is one of texts: a vector of no numbers means nothing.
    if (fits && texts.size() == list.size()) return AttributeValue(std::move(texts));
    if (fits && numbers.size() == list.size()) return AttributeValue(std::move(numbers));
    fail(path, "must be a list of at most " + std::to_string(kAttributeEntries) + " entries, all numbers or all texts of at most " +
                   std::to_string(kTextBytes) + " bytes");
    return std::nullopt;
}

}  // namespace shortlist::server
