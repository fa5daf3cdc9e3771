#include "engine/project/yaml_text.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "engine/base/text.h"

namespace shortlist::project {

namespace {

using base::ConfigNode;
using Kind = ConfigNode::Kind;

std::string quoted(const std::string& text) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
    if (std::none_of(text.begin(), text.end(), control)) {
        std::string out = "'";
        for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
        return out + "'";
    }
    std::string out = "\"";
    for (const char c : text) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
        out += control(c) ? std::string(escape) : (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
    }
    return out + "\"";
}

// What stood plain in the file may be a number, a duration or ${NAME}, which mean something else in quotes.
std::string scalar(const ConfigNode& node) {
    const auto plain = [](char c) { return base::is_name_character(c) || std::string_view("./+%$").find(c) != std::string_view::npos; };
    if (node.quoted) return yaml_scalar(node.text);
    const bool variable = node.text.starts_with("${") && node.text.find('}') == node.text.size() - 1;
    const bool stands = !node.text.empty() && node.text[0] != '%' && std::all_of(node.text.begin(), node.text.end(), plain);
    return variable || stands ? node.text : quoted(node.text);
}

std::string on_one_line(const ConfigNode& node) {
    std::vector<std::string> parts;
    for (const auto& child : node.children) {
        if (child.kind == Kind::Null) continue;
        parts.push_back((node.kind == Kind::Map ? yaml_scalar(child.key) + ": " : "") + on_one_line(child));
    }
    switch (node.kind) {
        case Kind::Map: return "{" + base::join(parts) + "}";
        case Kind::Sequence: return "[" + base::join(parts) + "]";
        default: break;
    }
    const std::string text = scalar(node);
    return text.starts_with("${") ? quoted(text) : text;  // braces would end the map
}

void append(const ConfigNode& map, std::size_t depth, std::string& out) {
    for (const auto& child : map.children) {
        if (child.kind == Kind::Null) continue;
        out += std::string(2 * depth, ' ') + yaml_scalar(child.key) + ":";
        const bool has_values = std::ranges::any_of(child.children, [](const ConfigNode& value) { return value.kind != Kind::Null; });
        if (child.kind == Kind::Map && has_values) {
            out += "\n";
            append(child, depth + 1, out);
        } else {
            out += " " + (child.kind == Kind::Scalar ? scalar(child) : on_one_line(child)) + "\n";
        }
    }
}

}  // namespace

std::string yaml_scalar(const std::string& text) {
    const auto plain = [](char c) { return base::is_name_character(c) || c == '/' || c == '.'; };
    const bool letter = !text.empty() && (base::is_letter(text[0]) || text[0] == '_');
    static const std::vector<std::string> kWords{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    const bool is_word = std::find(kWords.begin(), kWords.end(), text) != kWords.end();
    return letter && !is_word && std::all_of(text.begin(), text.end(), plain) ? text : quoted(text);
}

std::string yaml_text(const ConfigNode& map) {
    std::string out;
    append(map, 0, out);
    return out;
}

}  // namespace shortlist::project
