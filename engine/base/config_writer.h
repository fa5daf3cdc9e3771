/// Turns a described struct back into a tree: every field with the value it has.
#pragma once

#include <charconv>
#include <string>
#include <variant>

#include "engine/base/config_node.h"
#include "engine/base/config_visitor.h"
#include "engine/base/text.h"

namespace shortlist::base {

/// The shortest decimal that reads back as the same number.
[[nodiscard]] std::string format_number(double number);
[[nodiscard]] std::string format_number(float number);

namespace config_internal {

inline constexpr std::string_view kMasked = "***";

template <class Rule>
ConfigNode write_value(bool& value, const Rule&) {
    return scalar_node(value ? "true" : "false");
}
template <class Rule>
ConfigNode write_value(Duration& value, const Rule&) {
    return scalar_node(format_duration(value.us));
}
template <std::floating_point T, class Rule>
ConfigNode write_value(T& value, const Rule&) {
    return scalar_node(format_number(value));
}
template <ConfigInteger T, class Rule>
ConfigNode write_value(T& value, const Rule&) {
    return scalar_node(std::to_string(value));
}
template <class Rule>
ConfigNode write_value(std::string& value, const Rule&) {
    ConfigNode node = scalar_node(value);
    node.quoted = true;
    return node;
}
template <ConfigEnum T>
ConfigNode write_value(T& value, const OneOf<T>& rule) {
    for (const auto& [name, known] : rule.names) {
        if (known == value) return scalar_node(name);
    }
    return {};
}

template <class T, class Rule>
ConfigNode write_value(std::optional<T>& value, const Rule& rule);
template <ConfigList T, class Rule>
ConfigNode write_value(T& values, const Rule& rule);
template <ConfigNamed T, class Rule>
ConfigNode write_value(T& values, const Rule& rule);
template <class... Ts, class Rule>
ConfigNode write_value(std::variant<Ts...>& value, const Rule&);
template <ConfigStruct T, class Rule>
ConfigNode write_value(T& value, const Rule&);

inline ConfigNode branch(ConfigNode::Kind kind) {
    ConfigNode node;
    node.kind = kind;
    return node;
}

inline void append(ConfigNode& map, std::string_view name, ConfigNode child) {
    child.key = name;
    map.children.push_back(std::move(child));
}

class MapWriter : public FieldVisitor<MapWriter> {
public:
    template <class Member, class Rule>
    void visit(std::string_view name, Member& member, const Rule& rule, const FieldNotes& notes) {
        ConfigNode child = write_value(member, rule);
        if (notes.secret) mask(child);
        append(map, name, std::move(child));
    }
    ConfigNode map = branch(ConfigNode::Kind::Map);

private:
    static void mask(ConfigNode& node) {
        if (!node.text.empty()) node.text = kMasked;
        for (auto& child : node.children) mask(child);
    }
};

template <class T, class Rule>
ConfigNode write_value(std::optional<T>& value, const Rule& rule) {
    return value ? write_value(*value, rule) : ConfigNode{};
}

template <ConfigList T, class Rule>
ConfigNode write_value(T& values, const Rule& rule) {
    ConfigNode list = branch(ConfigNode::Kind::Sequence);
    for (auto& value : values) list.children.push_back(write_value(value, rule));
    return list;
}

template <ConfigNamed T, class Rule>
ConfigNode write_value(T& values, const Rule& rule) {
    ConfigNode map = branch(ConfigNode::Kind::Map);
    for (auto& entry : values) append(map, entry.first, write_value(entry.second, rule));
    return map;
}

template <class... Ts, class Rule>
ConfigNode write_value(std::variant<Ts...>& value, const Rule&) {
    return std::visit(
        [](auto& alternative) {
            MapWriter writer;
            append(writer.map, "kind", scalar_node(std::string(alternative.kKind)));
            alternative.describe(writer);
            return std::move(writer.map);
        },
        value);
}

template <ConfigStruct T, class Rule>
ConfigNode write_value(T& value, const Rule&) {
    if constexpr (PrintsAsText<T>) {
        if (auto text = value.to_text()) return scalar_node(std::move(*text));
    }
    if constexpr (ListFormed<T>) return write_value(value.list_form(), Any{});
    if constexpr (Described<T>) {
        MapWriter writer;
        value.describe(writer);
        return std::move(writer.map);
    }
    return {};
}

}  // namespace config_internal

/// The tree of `value`. A std::optional without a value is a Null node; secrets are masked.
template <Described T>
[[nodiscard]] ConfigNode write_config(T value) {
    return config_internal::write_value(value, Any{});
}

}  // namespace shortlist::base
