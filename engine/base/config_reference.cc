#include "engine/base/config_reference.h"

#include <utility>
#include <vector>

namespace shortlist::base {

namespace {

using Kind = ConfigShape::Kind;

// Rows of one table, and the tables of kinds that come behind it.
class Page {
public:
    void section(const ConfigShape& field) {
        out += "\n## `" + field.name + "`\n\n" + field.help + "\n";
        table(field, field.name);
    }

    std::string out;

private:
    void table(const ConfigShape& shape, const std::string& key) {
        out += "\n| key | type | default | allowed | what it does |\n| --- | --- | --- | --- | --- |\n";
        rows(shape, key, /*is_field=*/true);
        for (auto pending = std::exchange(kinds_, {}); const auto& [title, alternative] : pending) {
            out += "\n### `" + title + "`, `kind: " + alternative->name + "`\n";
            out += "\n| key | type | default | allowed | what it does |\n| --- | --- | --- | --- | --- |\n";
            for (const auto& field : alternative->fields) rows(field, title + "." + field.name, true);
        }
    }

    void rows(const ConfigShape& shape, const std::string& key, bool is_field) {
        if (is_field) row(shape, key);
        switch (shape.kind) {
            case Kind::Struct:
                for (const auto& field : shape.fields) rows(field, key + "." + field.name, true);
                for (const auto& element : shape.list_form) rows(element, key + "[]", false);
                break;
            case Kind::List: rows(shape.fields.front(), key + "[]", false); break;
            case Kind::Map: rows(shape.fields.front(), key + ".NAME", false); break;
            case Kind::Variant:
                for (const auto& alternative : shape.fields) kinds_.emplace_back(key, &alternative);
                break;
            default: break;
        }
    }

    void row(const ConfigShape& shape, const std::string& key) {
        out += "| `" + key + "` | " + type_of(shape) + (shape.text_form && !shape.fields.empty() ? " or text" : "") + " | " + default_of(shape) +
               " | " + escape(allowed_in(shape)) + " | " + escape(shape.help) + " |\n";
    }

    static std::string default_of(const ConfigShape& shape) {
        if (shape.required) return "required";
        if (shape.optional && shape.value.kind == ConfigNode::Kind::Null) return "none";
        if (shape.value.kind != ConfigNode::Kind::Scalar) return "";
        return shape.value.text.empty() ? "empty" : "`" + escape(shape.value.text) + "`";
    }

    static std::string escape(const std::string& text) {
        std::string out;
        for (const char c : text) {
            if (c == '|') out += '\\';
            out += c;
        }
        return out;
    }

    std::vector<std::pair<std::string, const ConfigShape*>> kinds_;
};

}  // namespace

std::string reference_page(const ConfigShape& shape, std::string_view title, std::string_view introduction) {
    Page page;
    page.out = "# " + std::string(title) + "\n\n" + std::string(introduction) + "\n";
    for (const auto& field : shape.fields) page.section(field);
    return std::move(page.out);
}

}  // namespace shortlist::base
