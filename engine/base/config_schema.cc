#include "engine/base/config_schema.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace shortlist::base {

namespace {

using Kind = ConfigShape::Kind;

std::string quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

// Writes JSON objects and lists with their commas and indentation.
class JsonText {
public:
    void open(char bracket) { out += bracket, ++depth_, first_ = true; }
    void close(char bracket) {
        --depth_;
        if (!first_) line();
        out += bracket;
        first_ = false;
    }
    void item() {
        if (!first_) out += ',';
        line();
        first_ = false;
    }
    void key(std::string_view name) { item(), out += quote(name) + ": "; }
    void pair(std::string_view name, const std::string& json) { key(name), out += json; }
    void text(std::string_view name, std::string_view value) { pair(name, quote(value)); }

    std::string out;

private:
    void line() { out += '\n', out.append(2 * depth_, ' '); }
    std::size_t depth_ = 0;
    bool first_ = true;
};

void write_shape(JsonText& json, const ConfigShape& shape);

void write_choices(JsonText& json, const ConfigShape& shape) {
    json.key("enum");
    json.open('[');
    for (const auto& choice : shape.choices) json.item(), json.out += quote(choice);
    json.close(']');
}

// JSON has no infinities, and a bound that says nothing is left out.
void write_bounds(JsonText& json, const ConfigShape& shape, const char* least, const char* most) {
    if (std::abs(shape.low) < 1e18) json.pair(least, format_number(shape.low));
    if (std::abs(shape.high) < 1e18) json.pair(most, format_number(shape.high));
}

// An object; `kind` is the value its key `kind` must have, or empty.
void write_object(JsonText& json, const ConfigShape& shape, const std::string& kind) {
    json.text("type", "object");
    json.pair("additionalProperties", "false");
    json.key("properties");
    json.open('{');
    if (!kind.empty()) {
        json.key("kind");
        json.open('{');
        json.text("const", kind);
        json.close('}');
    }
    for (const auto& field : shape.fields) {
        json.key(field.name);
        json.open('{');
        json.text("description", field.help);
        write_shape(json, field);
        json.close('}');
    }
    json.close('}');
    json.key("required");
    json.open('[');
    if (!kind.empty()) json.item(), json.out += quote("kind");
    for (const auto& field : shape.fields) {
        if (field.required) json.item(), json.out += quote(field.name);
    }
    json.close(']');
}

void write_element(JsonText& json, std::string_view key, const ConfigShape& element) {
    json.key(key);
    json.open('{');
    write_shape(json, element);
    json.close('}');
}

void write_list(JsonText& json, const ConfigShape& element) {
    json.text("type", "array");
    write_element(json, "items", element);
}

void write_struct(JsonText& json, const ConfigShape& shape) {
    if (!shape.text_form && shape.list_form.empty()) return write_object(json, shape, "");
    json.key("anyOf");
    json.open('[');
    const auto alternative = [&](auto body) { json.item(), json.open('{'), body(), json.close('}'); };
    if (shape.text_form) alternative([&] { json.text("type", "string"); });
    if (!shape.list_form.empty()) alternative([&] { write_list(json, shape.list_form.front()); });
    if (!shape.fields.empty()) alternative([&] { write_object(json, shape, ""); });
    json.close(']');
}

bool is_scalar(const ConfigShape& shape) {
    return shape.kind != Kind::List && shape.kind != Kind::Map && shape.kind != Kind::Struct && shape.kind != Kind::Variant;
}

void write_list_or_one(JsonText& json, const ConfigShape& shape) {
    const ConfigShape& element = shape.fields.front();
    if (!is_scalar(element)) return write_list(json, element);
    json.key("anyOf");
    json.open('[');
    json.item(), json.open('{'), write_shape(json, element), json.close('}');
    json.item(), json.open('{'), write_list(json, element), json.close('}');
    json.close(']');
}

void write_default(JsonText& json, const ConfigShape& shape) {
    if (shape.required || shape.value.kind != ConfigNode::Kind::Scalar) return;
    const bool plain = shape.kind == Kind::Boolean || shape.kind == Kind::Integer || shape.kind == Kind::Number;
    json.pair("default", plain ? shape.value.text : quote(shape.value.text));
}

void write_type(JsonText& json, const ConfigShape& shape) {
    switch (shape.kind) {
        case Kind::Boolean: return json.text("type", "boolean");
        case Kind::Integer: json.text("type", "integer"); return write_bounds(json, shape, "minimum", "maximum");
        case Kind::Number: json.text("type", "number"); return write_bounds(json, shape, "minimum", "maximum");
        case Kind::Duration: json.text("type", "string"); return json.text("pattern", "^[0-9]+(us|ms|s|m|h|d)$");
        case Kind::Choice: return write_choices(json, shape);
        case Kind::List: return write_list_or_one(json, shape);
        case Kind::Struct: return write_struct(json, shape);
        // Bounds of texts are bytes here and characters there: only "not empty" means the same.
        case Kind::Text:
            json.text("type", "string");
            if (shape.low > 0) json.pair("minLength", "1");
            return;
        case Kind::Map: json.text("type", "object"); return write_element(json, "additionalProperties", shape.fields.front());
        case Kind::Variant:
            json.key("oneOf");
            json.open('[');
            for (const auto& alternative : shape.fields) {
                json.item(), json.open('{'), write_object(json, alternative, alternative.name), json.close('}');
            }
            return json.close(']');
    }
}

void write_shape(JsonText& json, const ConfigShape& shape) {
    write_type(json, shape);
    write_default(json, shape);
}

}  // namespace

std::string json_schema(const ConfigShape& shape, std::string_view title) {
    JsonText json;
    json.open('{');
    json.text("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.text("title", title);
    write_shape(json, shape);
    json.close('}');
    return std::move(json.out) + '\n';
}

}  // namespace shortlist::base
