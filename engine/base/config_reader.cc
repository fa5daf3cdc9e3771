#include "engine/base/config_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/config_shape.h"
#include "engine/base/text.h"

namespace shortlist::base {

namespace {

using Kind = ConfigNode::Kind;

std::string found(const ConfigNode& node) {
    switch (node.kind) {
        case Kind::Null: return "no value";
        case Kind::Scalar: return (node.quoted ? "the quoted text '" : "'") + printable(node.text) + "'";
        case Kind::Sequence: return "a list";
        case Kind::Map: return "a map";
    }
    return "";
}

bool is_old_boolean(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    return lower == "yes" || lower == "no" || lower == "on" || lower == "off" || lower == "true" || lower == "false" || lower == "y" || lower == "n";
}

template <class T>
std::optional<T> parse_whole(const ConfigNode& node) {
    T number{};
    const char* end = node.text.data() + node.text.size();
    const auto [rest, code] = std::from_chars(node.text.data(), end, number);
    if (node.kind != Kind::Scalar || node.quoted || code != std::errc{} || rest != end) return std::nullopt;
    return number;
}

bool is_within(std::string_view key, std::string_view outer) {
    return key.starts_with(outer) && (outer.empty() || key.size() == outer.size() || key[outer.size()] == '.' || key[outer.size()] == '[');
}

std::string flag_of(std::string_view key) {
    std::string flag = "--" + std::string(key);
    std::replace(flag.begin() + 2, flag.end(), '_', '-');
    std::replace(flag.begin() + 2, flag.end(), '.', '-');
    return flag;
}

}  // namespace

std::string ConfigReading::place(ConfigPosition at, std::string_view key) const {
    if (source_.file.empty()) return key.empty() ? "" : flag_of(key) + ": ";
    std::string place = source_.file;
    if (at.line > 0) place += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    if (!key.empty()) place += ": " + std::string(key);
    return place + ": ";
}

void ConfigReading::problem(ConfigPosition at, std::string_view message) { problems_.push_back({at, key_, place(at, key_) + std::string(message)}); }

void ConfigReading::problem(const ConfigNode& root, std::string_view key, std::string_view message) {
    const ConfigPosition at = nearest_node(root, key).at;
    problems_.push_back({at, std::string(key), place(at, key) + std::string(message)});
}

bool ConfigReading::has_problem(std::string_view key) const {
    return std::any_of(problems_.begin(), problems_.end(),
                       [&](const Problem& problem) { return is_within(problem.key, key) || is_within(key, problem.key); });
}

Status ConfigReading::status() const {
    if (problems_.empty()) return {};
    auto sorted = problems_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::vector<std::string> lines;
    for (auto& problem : sorted) lines.push_back(std::move(problem.text));
    return invalid_argument(join(lines, "\n"));
}

void ConfigReading::must_be(const ConfigNode& node, std::string_view allowed) {
    problem(node.at, "must be " + std::string(allowed) + ", got " + found(node));
}

bool ConfigReading::expect(const ConfigNode& node, Kind kind, std::string_view expected) {
    if (node.kind == kind) return true;
    must_be(node, expected);
    return false;
}

std::optional<std::string> ConfigReading::expand(const ConfigNode& node) {
    std::string out;
    std::string_view rest = node.text;
    while (true) {
        const std::size_t begin = rest.find("${");
        if (begin == std::string_view::npos) return out.append(rest);
        const std::size_t end = rest.find('}', begin);
        if (end == std::string_view::npos) {
            problem(node.at, "has '${' without '}': write ${NAME} for an environment variable");
            return std::nullopt;
        }
        const std::string name(rest.substr(begin + 2, end - begin - 2));
        const auto value = source_.environment(name);
        if (!value) {
            problem(node.at, "the environment has no variable '" + printable(name) + "'");
            return std::nullopt;
        }
        out.append(rest.substr(0, begin)).append(*value);
        rest.remove_prefix(end + 1);
    }
}

std::optional<std::string> ConfigReading::text(const ConfigNode& node, std::string_view expected) {
    if (!expect(node, Kind::Scalar, expected)) return std::nullopt;
    return source_.environment ? expand(node) : node.text;
}

void ConfigReading::refuse_unknown_keys(const ConfigNode& map, const std::vector<std::string>& known) {
    for (const auto& child : map.children) {
        if (std::find(known.begin(), known.end(), child.key) != known.end()) continue;
        inside(printable(child.key), [&] { problem(child.key_at, "is not a known key" + suggestion(child.key, known)); });
    }
}

void ConfigReading::missing_key(const ConfigNode& map, std::string_view name, std::string_view help) {
    inside(name, [&] { problem(map.at, "is required: " + std::string(help)); });
}

void ConfigReading::read(const ConfigNode& node, bool& value) {
    const bool plain = node.kind == Kind::Scalar && !node.quoted;
    if (plain && (node.text == "true" || node.text == "false")) {
        value = node.text == "true";
    } else {
        must_be(node, "true or false" + std::string(plain && is_old_boolean(node.text) ? " (spelled exactly so)" : ""));
    }
}

void ConfigReading::read(const ConfigNode& node, std::string& value, const Text& rule) {
    if (!expect(node, Kind::Scalar, "text")) return;
    auto found_text = rule.keeps_references ? node.text : text(node, "text");
    if (!found_text) return;
    if (!is_valid_utf8(*found_text)) return problem(node.at, "must be valid UTF-8, got '" + printable(*found_text) + "'");
    if (found_text->size() < rule.low || found_text->size() > rule.high) {
        return problem(node.at, "must be text of " + format_bounds(static_cast<double>(rule.low), static_cast<double>(rule.high)) + " bytes, got " +
                                    std::to_string(found_text->size()) + ": '" + printable(*found_text) + "'");
    }
    value = std::move(*found_text);
}

void ConfigReading::read(const ConfigNode& node, Duration& value, const Range& rule) {
    const std::string bounds = format_duration_bounds(rule);
    if (!expect(node, Kind::Scalar, "a duration such as 12h, " + bounds)) return;
    const auto parsed = parse_duration(node.text);
    if (!parsed) return problem(node.at, parsed.error().message + "; allowed: " + bounds);
    const auto length = static_cast<double>(*parsed);
    if (length < rule.low || length > rule.high) return must_be(node, bounds);
    value.us = *parsed;
}

void ConfigReading::read(const ConfigNode& node, double& value, const Range& rule) {
    double number = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [rest, code] = std::from_chars(node.text.data(), end, number);
    const bool is_number = node.kind == Kind::Scalar && !node.quoted && code == std::errc{} && rest == end && std::isfinite(number);
    if (!is_number || number < rule.low || number > rule.high) return must_be(node, "a number, " + format_bounds(rule.low, rule.high));
    value = number;
}

std::optional<std::int64_t> ConfigReading::whole_number(const ConfigNode& node, std::int64_t low, std::int64_t high) {
    const auto number = parse_whole<std::int64_t>(node);
    if (number && *number >= low && *number <= high) return number;
    must_be(node, "a whole number, " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
}

std::optional<std::uint64_t> ConfigReading::whole_number(const ConfigNode& node, std::uint64_t low, std::uint64_t high) {
    const auto number = parse_whole<std::uint64_t>(node);
    if (number && *number >= low && *number <= high) return number;
    must_be(node, "a whole number, " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
}

std::optional<std::size_t> ConfigReading::choice(const ConfigNode& node, const std::vector<std::string>& names) {
    const auto found_text = text(node, "one of " + join(names));
    if (!found_text) return std::nullopt;
    const auto position = std::find(names.begin(), names.end(), *found_text);
    if (position != names.end()) return static_cast<std::size_t>(position - names.begin());
    problem(node.at, "'" + printable(*found_text) + "' is not one of the choices" + suggestion(*found_text, names));
    return std::nullopt;
}

}  // namespace shortlist::base
