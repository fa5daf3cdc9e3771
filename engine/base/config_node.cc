#include "engine/base/config_node.h"

#include <charconv>
#include <utility>

namespace shortlist::base {

namespace {

// Splits the first step off a dotted key: `a.b[0].c` gives `a`, then `b`, then `0`, then `c`.
std::string_view take_step(std::string_view& key) {
    if (!key.empty() && (key.front() == '.' || key.front() == '[')) key.remove_prefix(1);
    const std::size_t length = std::min(key.find_first_of(".[]"), key.size());
    const std::string_view step = key.substr(0, length);
    key.remove_prefix(length);
    if (!key.empty() && key.front() == ']') key.remove_prefix(1);
    return step;
}

const ConfigNode* child_of(const ConfigNode& node, std::string_view step) {
    if (node.kind != ConfigNode::Kind::Sequence) return node.find(step);
    std::size_t index = 0;
    const auto [end, code] = std::from_chars(step.data(), step.data() + step.size(), index);
    return code == std::errc{} && index < node.children.size() ? &node.children[index] : nullptr;
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view name) const noexcept {
    if (kind != Kind::Map) return nullptr;
    for (const auto& child : children) {
        if (child.key == name) return &child;
    }
    return nullptr;
}

ConfigNode scalar_node(std::string text) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::Scalar;
    node.text = std::move(text);
    return node;
}

const ConfigNode& nearest_node(const ConfigNode& root, std::string_view key) {
    const ConfigNode* node = &root;
    while (!key.empty()) {
        const ConfigNode* child = child_of(*node, take_step(key));
        if (child == nullptr) break;
        node = child;
    }
    return *node;
}

}  // namespace shortlist::base
