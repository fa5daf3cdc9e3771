#include "engine/base/config_print.h"

#include <utility>

#include "engine/base/config_writer.h"

namespace shortlist::base {

namespace {

using Kind = ConfigNode::Kind;

class Lister {
public:
    explicit Lister(const std::string& file) : file_(file) {}

    // `source` is what the file says here, or nullptr where the default holds.
    void add(const ConfigNode& value, const ConfigNode* source, const std::string& key) {
        if (value.children.empty()) {
            const bool refers =
                source != nullptr && source->text.find("${") != std::string::npos && !(is_masked(value) && !is_reference(source->text));
            listed.push_back({key, refers ? source->text : text_of(value), origin_of(source) + (refers ? " (environment)" : "")});
            return;
        }
        for (std::size_t i = 0; i < value.children.size(); ++i) {
            const ConfigNode& child = value.children[i];
            if (value.kind == Kind::Sequence) {
                add(child, item_of(source, i), key + "[" + std::to_string(i) + "]");
            } else {
                add(child, field_of(source, child.key), key.empty() ? child.key : key + "." + child.key);
            }
        }
    }

    std::vector<ConfigValue> listed;

private:
    static bool is_masked(const ConfigNode& value) { return value.text == config_internal::kMasked; }
    // Names a variable and says nothing beside it.
    static bool is_reference(const std::string& text) { return text.starts_with("${") && text.find('}') == text.size() - 1; }

    static std::string text_of(const ConfigNode& value) {
        switch (value.kind) {
            case Kind::Null: return "none";
            case Kind::Scalar: return value.text;
            case Kind::Sequence: return "[]";
            case Kind::Map: return "{}";
        }
        return "";
    }

    std::string origin_of(const ConfigNode* source) const {
        if (source == nullptr || source->kind == Kind::Null) return "default";
        return file_ + ":" + std::to_string(source->at.line);
    }

    // A short form in the file says all of what the long form would: its parts have its origin.
    static const ConfigNode* item_of(const ConfigNode* source, std::size_t index) {
        if (source == nullptr || source->kind == Kind::Scalar) return source;
        return index < source->children.size() ? &source->children[index] : nullptr;
    }
    static const ConfigNode* field_of(const ConfigNode* source, const std::string& name) {
        if (source == nullptr || source->kind == Kind::Scalar) return source;
        return source->find(name);
    }

    const std::string& file_;
};

}  // namespace

std::vector<ConfigValue> list_values(const ConfigNode& values, const ConfigNode& source, const std::string& file) {
    Lister lister(file);
    lister.add(values, &source, "");
    return std::move(lister.listed);
}

}  // namespace shortlist::base
