/// Fills a struct from a tree and collects everything that is wrong with it. Each problem says where, which key, what was
/// found, what is allowed and the nearest thing that would have worked. One thread at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/config_node.h"
#include "engine/base/config_visitor.h"
#include "engine/base/environment.h"
#include "engine/base/text.h"

namespace shortlist::base {

/// Where a tree came from, and what it may refer to.
struct ConfigSource {
    /// File name for messages; empty for a command line, whose keys are shown as flags.
    std::string file;
    /// The value of ${NAME} in texts, or nothing when there is none. Without it, ${NAME} stays as it is.
    Environment environment;
};

/// One read of one tree: where it is, and what was wrong so far.
class ConfigReading {
public:
    explicit ConfigReading(ConfigSource source) : source_(std::move(source)) {}

    /// Adds a problem with the value under the current key.
    void problem(ConfigPosition at, std::string_view message);
    /// Adds a problem with the value under `key`, such as `retrievers[0].signal`; for checks across fields.
    void problem(const ConfigNode& root, std::string_view key, std::string_view message);
    /// True when a problem concerns `key`, something below it, or something it lies in.
    [[nodiscard]] bool has_problem(std::string_view key) const;
    /// Ok, or InvalidArgument with a line a problem, in the order of the file.
    [[nodiscard]] Status status() const;

    /// Calls body() with `step`, a key or an index such as `[0]`, behind the current key.
    template <class Body>
    void inside(std::string_view step, Body body) {
        const std::size_t length = key_.size();
        if (!key_.empty() && step.front() != '[') key_ += '.';
        key_ += step;
        body();
        key_.resize(length);
    }

    /// The scalar's text with ${NAME} replaced; a problem and nothing when the node is no scalar or a variable is missing.
    [[nodiscard]] std::optional<std::string> text(const ConfigNode& node, std::string_view expected);
    /// True when the node has the kind; adds a problem otherwise.
    bool expect(const ConfigNode& node, ConfigNode::Kind kind, std::string_view expected);
    /// Adds a problem for each key of the map that is not in `known`.
    void refuse_unknown_keys(const ConfigNode& map, const std::vector<std::string>& known);
    void missing_key(const ConfigNode& map, std::string_view name, std::string_view help);

    void read(const ConfigNode& node, bool& value);
    void read(const ConfigNode& node, std::string& value, const Text& rule);
    void read(const ConfigNode& node, Duration& value, const Range& rule);
    void read(const ConfigNode& node, double& value, const Range& rule);
    /// A whole number in [low, high]; signed and unsigned 64 bits.
    std::optional<std::int64_t> whole_number(const ConfigNode& node, std::int64_t low, std::int64_t high);
    std::optional<std::uint64_t> whole_number(const ConfigNode& node, std::uint64_t low, std::uint64_t high);
    /// Index of the scalar's text in `names`.
    std::optional<std::size_t> choice(const ConfigNode& node, const std::vector<std::string>& names);

private:
    struct Problem {
        ConfigPosition at;
        std::string key;
        std::string text;
    };
    [[nodiscard]] std::string place(ConfigPosition at, std::string_view key) const;
    void must_be(const ConfigNode& node, std::string_view allowed);
    std::optional<std::string> expand(const ConfigNode& node);

    ConfigSource source_;
    std::string key_;
    std::vector<Problem> problems_;
};

namespace config_internal {

// Bounds of an integer type, narrowed by the rule.
template <ConfigInteger T>
T low_bound(const Any&) {
    return std::numeric_limits<T>::min();
}
template <ConfigInteger T>
T high_bound(const Any&) {
    return std::numeric_limits<T>::max();
}
template <ConfigInteger T>
T low_bound(const Range& rule) {
    return rule.low <= static_cast<double>(std::numeric_limits<T>::min()) ? std::numeric_limits<T>::min() : static_cast<T>(rule.low);
}
template <ConfigInteger T>
T high_bound(const Range& rule) {
    return rule.high >= static_cast<double>(std::numeric_limits<T>::max()) ? std::numeric_limits<T>::max() : static_cast<T>(rule.high);
}

inline Range or_range(const Any&) { return {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()}; }
inline Range or_range(const Range& rule) { return rule; }
inline Range or_duration(const Any&) { return {0, static_cast<double>(std::numeric_limits<TimeUs>::max())}; }
inline Range or_duration(const Range& rule) { return rule; }
inline Text or_text(const Any&) { return text(); }
inline Text or_text(const Text& rule) { return rule; }

template <class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, bool& value, const Rule&) {
    reading.read(node, value);
}
template <class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, std::string& value, const Rule& rule) {
    reading.read(node, value, or_text(rule));
}
template <class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, Duration& value, const Rule& rule) {
    reading.read(node, value, or_duration(rule));
}
template <std::floating_point T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& value, const Rule& rule) {
    double wide = static_cast<double>(value);
    reading.read(node, wide, or_range(rule));
    value = static_cast<T>(wide);
}
template <ConfigInteger T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& value, const Rule& rule) {
    using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    if (auto number = reading.whole_number(node, Wide{low_bound<T>(rule)}, Wide{high_bound<T>(rule)})) value = static_cast<T>(*number);
}
template <ConfigEnum T>
void read_value(ConfigReading& reading, const ConfigNode& node, T& value, const OneOf<T>& rule) {
    std::vector<std::string> names;
    for (const auto& name : rule.names) names.push_back(name.first);
    if (auto index = reading.choice(node, names)) value = rule.names[*index].second;
}

// Declared before any is defined: they call one another.
template <class T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, std::optional<T>& value, const Rule& rule);
template <ConfigList T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& values, const Rule& rule);
template <ConfigNamed T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& values, const Rule& rule);
template <class... Ts, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, std::variant<Ts...>& value, const Rule&);
template <ConfigStruct T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& value, const Rule&);

// Reads the fields of one struct from one map. finish() refuses the keys that no field took.
class MapReader : public FieldVisitor<MapReader> {
public:
    MapReader(ConfigReading& reading, const ConfigNode& map) : reading_(reading), map_(map) {}

    template <class Member, class Rule>
    void visit(std::string_view name, Member& member, const Rule& rule, const FieldNotes& notes) {
        known_.emplace_back(name);
        const ConfigNode* child = map_.find(name);
        if (child != nullptr) {
            reading_.inside(name, [&] { read_value(reading_, *child, member, rule); });
        } else if (notes.required) {
            reading_.missing_key(map_, name, notes.help);
        }
    }
    void know(std::string_view name) { known_.emplace_back(name); }
    void finish() { reading_.refuse_unknown_keys(map_, known_); }

private:
    ConfigReading& reading_;
    const ConfigNode& map_;
    std::vector<std::string> known_;
};

template <class T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, std::optional<T>& value, const Rule& rule) {
    read_value(reading, node, value.emplace(), rule);
}

template <ConfigList T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& values, const Rule& rule) {
    values.clear();
    if (ConfigScalar<typename T::value_type> && node.kind == ConfigNode::Kind::Scalar) {
        read_value(reading, node, values.emplace_back(), rule);
    } else if (reading.expect(node, ConfigNode::Kind::Sequence, "a list")) {
        for (const auto& child : node.children) {
            reading.inside("[" + std::to_string(values.size()) + "]", [&] { read_value(reading, child, values.emplace_back(), rule); });
        }
    }
}

template <ConfigNamed T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& values, const Rule& rule) {
    values.clear();
    if (!reading.expect(node, ConfigNode::Kind::Map, "a map of names")) return;
    for (const auto& child : node.children) {
        auto entry = values.insert(values.end(), {child.key, {}});
        reading.inside(child.key, [&] { read_value(reading, child, entry->second, rule); });
    }
}

template <class... Ts, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, std::variant<Ts...>& value, const Rule&) {
    if (!reading.expect(node, ConfigNode::Kind::Map, "a map with the key 'kind'")) return;
    const ConfigNode* kind = node.find("kind");
    const std::vector<std::string> kinds{std::string(Ts::kKind)...};
    if (kind == nullptr) return reading.missing_key(node, "kind", "one of " + join(kinds));
    std::optional<std::size_t> chosen;
    reading.inside("kind", [&] { chosen = reading.choice(*kind, kinds); });
    if (!chosen) return;
    MapReader fields(reading, node);
    fields.know("kind");
    std::size_t index = 0;
    const auto take = [&](auto alternative) {
        if (index++ != *chosen) return;
        alternative.describe(fields);
        value = std::move(alternative);
    };
    (take(Ts{}), ...);
    fields.finish();
}

template <TextFormed T>
void read_text_form(ConfigReading& reading, const ConfigNode& node, T& value) {
    const auto text = reading.text(node, "text");
    if (!text) return;
    auto parsed = T::from_text(*text);
    if (!parsed) return reading.problem(node.at, parsed.error().message);
    value = std::move(*parsed);
}

template <ConfigStruct T, class Rule>
void read_value(ConfigReading& reading, const ConfigNode& node, T& value, const Rule&) {
    if constexpr (TextFormed<T>) {
        if (node.kind == ConfigNode::Kind::Scalar) return read_text_form(reading, node, value);
    }
    if constexpr (ListFormed<T>) {
        if (node.kind == ConfigNode::Kind::Sequence) return read_value(reading, node, value.list_form(), Any{});
    }
    if constexpr (Described<T>) {
        if (!reading.expect(node, ConfigNode::Kind::Map, "a map")) return;
        MapReader fields(reading, node);
        value.describe(fields);
        fields.finish();
    } else {
        reading.expect(node, ConfigNode::Kind::Scalar, ListFormed<T> ? "a list or a single value" : "a single value");
    }
}

}  // namespace config_internal

/// Fills `value` from the tree; what the tree does not name keeps its value. An empty tree is an empty map.
/// Problems are added to `reading`, all of them; the fields they concern are then unspecified.
template <Described T>
void read_config(ConfigReading& reading, const ConfigNode& root, T& value) {
    ConfigNode empty;
    empty.kind = ConfigNode::Kind::Map;
    config_internal::read_value(reading, root.kind == ConfigNode::Kind::Null ? empty : root, value, Any{});
}

}  // namespace shortlist::base
