#include "engine/base/config_flags.h"

#include <algorithm>

#include "engine/base/text.h"

namespace shortlist::base {

namespace {

using Kind = ConfigShape::Kind;

std::string flag_name(const std::vector<std::string>& path, bool negative) {
    std::string name = (negative ? "--no-" : "--") + join(path, "-");
    std::replace(name.begin() + 2, name.end(), '_', '-');
    return name;
}

std::string help_of(const ConfigShape& shape) {
    std::string help = shape.help;
    if (shape.kind == Kind::Boolean) return help;
    const std::string allowed = shape.kind == Kind::Text || shape.kind == Kind::List ? "" : allowed_in(shape);
    const bool has_default = !shape.required && shape.value.kind == ConfigNode::Kind::Scalar && !shape.value.text.empty();
    if (allowed.empty() && !has_default) return help;
    help += " [";
    help += allowed;
    if (has_default) help += (allowed.empty() ? "" : "; ") + std::string("default ") + shape.value.text;
    return help + "]";
}

void add_flags(const ConfigShape& shape, std::vector<std::string>& path, std::vector<ConfigFlag>& flags) {
    for (const auto& field : shape.fields) {
        path.push_back(field.name);
        if (field.kind == Kind::Struct && !field.text_form) {
            add_flags(field, path, flags);
        } else if (field.kind != Kind::Map && field.kind != Kind::Variant) {
            const bool is_switch = field.kind == Kind::Boolean;
            const bool negative = is_switch && field.value.text == "true";
            flags.push_back({flag_name(path, negative), path, is_switch, field.kind == Kind::List, field.required, help_of(field)});
        }
        path.pop_back();
    }
}

// The child of `map` called `name`, added where it is not there yet.
ConfigNode& child(ConfigNode& map, const std::string& name) {
    map.kind = ConfigNode::Kind::Map;
    for (auto& existing : map.children) {
        if (existing.key == name) return existing;
    }
    auto& added = map.children.emplace_back();
    added.key = name;
    return added;
}

}  // namespace

std::vector<ConfigFlag> list_flags(const ConfigShape& shape) {
    std::vector<ConfigFlag> flags;
    std::vector<std::string> path;
    add_flags(shape, path, flags);
    return flags;
}

ConfigNode tree_of_flags(const std::vector<std::pair<ConfigFlag, std::vector<std::string>>>& given) {
    ConfigNode root;
    root.kind = ConfigNode::Kind::Map;
    for (const auto& [flag, values] : given) {
        ConfigNode* node = &root;
        for (const auto& step : flag.path) node = &child(*node, step);
        node->kind = flag.repeated ? ConfigNode::Kind::Sequence : ConfigNode::Kind::Scalar;
        if (flag.repeated) {
            for (const auto& value : values) node->children.push_back(scalar_node(value));
        } else if (!values.empty()) {
            node->text = values.back();
        }
    }
    return root;
}

}  // namespace shortlist::base
