#include "engine/pipeline/model_spec.h"

#include <boost/json.hpp>

#include <utility>

#include "engine/base/config_reader.h"
#include "engine/base/config_writer.h"

namespace shortlist::pipeline {

namespace {

namespace json = boost::json;
using base::ConfigNode;

constexpr std::size_t kDepthMax = 32;

json::value to_value(const ConfigNode& node) {
    switch (node.kind) {
        case ConfigNode::Kind::Null: return nullptr;
        case ConfigNode::Kind::Scalar: return json::value(node.text);
        case ConfigNode::Kind::Sequence: {
            json::array list;
            for (const auto& child : node.children) list.push_back(to_value(child));
            return list;
        }
        case ConfigNode::Kind::Map: {
            json::object map;
            for (const auto& child : node.children) {
                if (child.kind != ConfigNode::Kind::Null) map.emplace(child.key, to_value(child));
            }
            return map;
        }
    }
    return nullptr;
}

// Scalars are texts in the file, so that each number keeps the very digits it was written with.
ConfigNode to_node(const json::value& value) {
    ConfigNode node;
    if (const auto* text = value.if_string()) {
        node.kind = ConfigNode::Kind::Scalar;
        node.text = *text;
    } else if (const auto* list = value.if_array()) {
        node.kind = ConfigNode::Kind::Sequence;
        for (const auto& child : *list) node.children.push_back(to_node(child));
    } else if (const auto* map = value.if_object()) {
        node.kind = ConfigNode::Kind::Map;
        for (const auto& [key, child] : *map) {
            node.children.push_back(to_node(child));
            node.children.back().key = key;
        }
    }
    return node;
}

}  // namespace

std::string to_json(const ModelSpec& spec) { return json::serialize(to_value(base::write_config(spec))); }

Result<ModelSpec> parse_model_spec(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::error_code error;
    const json::value document = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) return base::data_loss("models.json: not JSON: " + error.message());
    // What is no text, list or map becomes a node without a value: refused wherever a value is read, but an empty map at the root.
    if (!document.is_object()) return base::data_loss("models.json: must be a map");
    const ConfigNode root = to_node(document);
    ModelSpec spec;
    base::ConfigReading reading(base::ConfigSource{"models.json", {}});
    base::read_config(reading, root, spec);
    if (auto status = reading.status(); !status) return base::data_loss(status.error().message);
    return spec;
}

}  // namespace shortlist::pipeline
