/// What a described struct may hold, as data: names, types, bounds, defaults and help. The JSON Schema, the reference page and
/// the command-line flags are written from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_node.h"
#include "engine/base/config_reader.h"
#include "engine/base/config_writer.h"

namespace shortlist::base {

struct ConfigShape {
    enum class Kind { Boolean, Integer, Number, Text, Duration, Choice, List, Map, Struct, Variant };

    Kind kind = Kind::Struct;
    std::string name;  ///< Of the field; of an alternative of a Variant, its `kind`.
    std::string help;
    bool required = false;
    bool optional = false;  ///< Without it there is no value.
    bool secret = false;
    ConfigNode value;                   ///< The default.
    double low = 0;                     ///< Integer, Number; Duration in microseconds; Text in bytes.
    double high = 0;
    std::vector<std::string> choices;   ///< Choice.
    std::vector<ConfigShape> fields;    ///< Struct: its fields. Variant: its alternatives. List and Map: the one element.
    bool text_form = false;           ///< Struct: a single value may stand in its place.
    std::vector<ConfigShape> list_form; ///< Struct: the element of a list that may stand in its place; empty or one.
};

/// `1 to 10`, `at least 1`, `at most 10`, `any`: bounds of +-1e18 and beyond are not worth naming.
[[nodiscard]] std::string format_bounds(double low, double high);
[[nodiscard]] std::string format_duration_bounds(const Range& bounds);
/// A type in words: `whole number`, `list of text`.
[[nodiscard]] std::string type_of(const ConfigShape& shape);
/// What is allowed, in words; empty where the type says it all.
[[nodiscard]] std::string allowed_in(const ConfigShape& shape);

namespace config_internal {

using ShapeKind = ConfigShape::Kind;

inline ConfigShape leaf(ShapeKind kind, double low = 0, double high = 0) {
    ConfigShape shape;
    shape.kind = kind;
    shape.low = low;
    shape.high = high;
    return shape;
}

template <class Rule>
ConfigShape shape_value(bool&, const Rule&) {
    return leaf(ShapeKind::Boolean);
}
template <class Rule>
ConfigShape shape_value(std::string&, const Rule& rule) {
    return leaf(ShapeKind::Text, static_cast<double>(or_text(rule).low), static_cast<double>(or_text(rule).high));
}
template <class Rule>
ConfigShape shape_value(Duration&, const Rule& rule) {
    return leaf(ShapeKind::Duration, or_duration(rule).low, or_duration(rule).high);
}
template <std::floating_point T, class Rule>
ConfigShape shape_value(T&, const Rule& rule) {
    return leaf(ShapeKind::Number, or_range(rule).low, or_range(rule).high);
}
template <ConfigInteger T, class Rule>
ConfigShape shape_value(T&, const Rule& rule) {
    return leaf(ShapeKind::Integer, static_cast<double>(low_bound<T>(rule)), static_cast<double>(high_bound<T>(rule)));
}
template <ConfigEnum T>
ConfigShape shape_value(T&, const OneOf<T>& rule) {
    ConfigShape shape = leaf(ShapeKind::Choice);
    for (const auto& name : rule.names) shape.choices.push_back(name.first);
    return shape;
}

template <class T, class Rule>
ConfigShape shape_value(std::optional<T>& value, const Rule& rule);
template <ConfigList T, class Rule>
ConfigShape shape_value(T& values, const Rule& rule);
template <ConfigNamed T, class Rule>
ConfigShape shape_value(T& values, const Rule& rule);
template <class... Ts, class Rule>
ConfigShape shape_value(std::variant<Ts...>& value, const Rule&);
template <ConfigStruct T, class Rule>
ConfigShape shape_value(T& value, const Rule&);

class ShapeVisitor : public FieldVisitor<ShapeVisitor> {
public:
    template <class Member, class Rule>
    void visit(std::string_view name, Member& member, const Rule& rule, const FieldNotes& notes) {
        // The default first: to ask for a list form may turn a value into a list.
        ConfigNode value = write_value(member, rule);
        ConfigShape shape = shape_value(member, rule);
        shape.name = name;
        shape.help = notes.help;
        shape.required = notes.required;
        shape.secret = notes.secret;
        shape.value = std::move(value);
        fields.push_back(std::move(shape));
    }
    std::vector<ConfigShape> fields;
};

// A shape around the shape of one element.
template <class T, class Rule>
ConfigShape around(ShapeKind kind, const Rule& rule) {
    T element{};
    ConfigShape shape = leaf(kind);
    shape.fields.push_back(shape_value(element, rule));
    return shape;
}

template <class T, class Rule>
ConfigShape shape_value(std::optional<T>&, const Rule& rule) {
    T element{};
    ConfigShape shape = shape_value(element, rule);
    shape.optional = true;
    return shape;
}
template <ConfigList T, class Rule>
ConfigShape shape_value(T&, const Rule& rule) {
    return around<typename T::value_type>(ShapeKind::List, rule);
}
template <ConfigNamed T, class Rule>
ConfigShape shape_value(T&, const Rule& rule) {
    return around<typename NamedValue<T>::type>(ShapeKind::Map, rule);
}

template <class... Ts, class Rule>
ConfigShape shape_value(std::variant<Ts...>&, const Rule&) {
    ConfigShape shape = leaf(ShapeKind::Variant);
    const auto add = [&](auto alternative) {
        ConfigShape fields = shape_value(alternative, Any{});
        fields.name = alternative.kKind;
        shape.fields.push_back(std::move(fields));
    };
    (add(Ts{}), ...);
    return shape;
}

template <ConfigStruct T, class Rule>
ConfigShape shape_value(T& value, const Rule&) {
    ConfigShape shape = leaf(ShapeKind::Struct);
    shape.text_form = TextFormed<T>;
    if constexpr (ListFormed<T>) shape.list_form = shape_value(value.list_form(), Any{}).fields;
    if constexpr (Described<T>) {
        ShapeVisitor visitor;
        value.describe(visitor);
        shape.fields = std::move(visitor.fields);
    }
    return shape;
}

}  // namespace config_internal

/// The shape of T, with the defaults of its initialisers.
template <Described T>
[[nodiscard]] ConfigShape shape_of() {
    T value{};
    return config_internal::shape_value(value, Any{});
}

}  // namespace shortlist::base
