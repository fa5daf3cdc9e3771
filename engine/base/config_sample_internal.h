/// A described struct with a field of every type, and trees built by hand: for the tests of the config visitors.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/config.h"

namespace shortlist::base::sample {

enum class Color { Red, DarkBlue };

struct Circle {
    static constexpr std::string_view kKind = "circle";
    double radius = 1.5;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("radius", radius, range(0, 10), "Its radius.");
    }
};

struct Square {
    static constexpr std::string_view kKind = "square";
    std::uint32_t side = 2;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("side", side, range(1, 100), "Its side.");
    }
};

/// `when: noon` or `when: {hour: 12}`.
struct When {
    int hour = 0;
    static Result<When> from_text(std::string_view text) {
        if (text == "noon") return When{12};
        return invalid_argument("must be noon, got '" + std::string(text) + "'");
    }
    [[nodiscard]] std::optional<std::string> to_text() const { return hour == 12 ? std::optional<std::string>("noon") : std::nullopt; }
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("hour", hour, range(0, 23), "Hour of the day.");
    }
};

/// `parts: auto` or a list.
struct Parts {
    bool automatic = true;
    std::vector<Circle> circles;
    static Result<Parts> from_text(std::string_view text) {
        if (text == "auto") return Parts{};
        return invalid_argument("must be auto or a list");
    }
    [[nodiscard]] std::optional<std::string> to_text() const { return automatic ? std::optional<std::string>("auto") : std::nullopt; }
    std::vector<Circle>& list_form() { return automatic = false, circles; }
};

struct Everything {
    bool enabled = false;
    std::int32_t count = 3;
    std::uint64_t seed = 42;
    double share = 0.25;
    float small = 0.1F;
    std::string title = "untitled";
    std::string password;
    Duration window{kHourUs};
    Color color = Color::Red;
    std::optional<double> limit;
    std::vector<std::string> paths;
    Named<Circle> circles;
    std::map<std::string, std::string> labels;
    std::variant<Circle, Square> shape;
    When when;
    Parts parts;
    std::string place;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("enabled", enabled, any<bool>(), "Whether it is on.");
        v.field("count", count, range(1, 5), "How many.");
        v.field("seed", seed, any<std::uint64_t>(), "Seed.");
        v.field("share", share, range(0, 1), "Which share.");
        v.field("small", small, range(0, 1), "A float.");
        v.required_field("title", title, text(1, 10), "Its title.");
        v.secret_field("password", password, text(), "A secret.");
        v.field("window", window, range(0, kDayUs), "How long.");
        v.field("color", color, one_of<Color>({{"red", Color::Red}, {"dark_blue", Color::DarkBlue}}), "Its color.");
        v.field("limit", limit, range(0, 9), "A limit, if any.");
        v.field("paths", paths, text(1, 20), "Files.");
        v.field("circles", circles, "Named circles.");
        v.field("labels", labels, text(1, 20), "Free labels.");
        v.field("shape", shape, "Circle or square.");
        v.field("when", when, "When.");
        v.field("parts", parts, "Parts.");
        v.field("place", place, secret_place(), "Where the secret is.");
    }
};

/// A scalar at line `line`, column 5.
inline ConfigNode scalar(std::string text, int line = 1) {
    ConfigNode node = scalar_node(std::move(text));
    node.at = {line, 5};
    return node;
}

inline ConfigNode quoted(std::string text) {
    ConfigNode node = scalar(std::move(text));
    node.quoted = true;
    return node;
}

inline ConfigNode list(std::initializer_list<ConfigNode> items) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::Sequence;
    node.at = {1, 5};
    node.children = items;
    return node;
}

/// Entries in order; each key stands in its value's line, column 1.
inline ConfigNode map(std::initializer_list<std::pair<std::string, ConfigNode>> entries) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::Map;
    node.at = {1, 1};
    for (const auto& [key, value] : entries) {
        ConfigNode child = value;
        child.key = key;
        child.key_at = {value.at.line, 1};
        node.children.push_back(std::move(child));
    }
    return node;
}

}  // namespace shortlist::base::sample
