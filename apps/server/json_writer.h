/// Writes an answer as JSON text, by its own description: one pass, no tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/server/json_text.h"

namespace shortlist::server {

/// The visitor. Fields come out in the order they are described.
class JsonWriter {
public:
    JsonWriter(std::string& out, bool explain) : out_(out), explain_(explain) {}

    template <class Member>
    void field(std::string_view name, Member& member, std::string_view) {
        out_ += first_ ? "\"" : ",\"";
        first_ = false;
        out_ += name;
        out_ += "\":";
        write(member);
    }
    /// A field that only explanations have.
    template <class Member>
    void explained_field(std::string_view name, Member& member, std::string_view help) {
        if (explain_) field(name, member, help);
    }
    /// Leaves the name out where there is no value.
    template <class Member>
    void optional_field(std::string_view name, std::optional<Member>& member, std::string_view help) {
        if (member) field(name, *member, help);
    }

private:
    template <class Entry>
    void write(std::vector<Entry>& entries) {
        out_ += '[';
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (i > 0) out_ += ',';
            write(entries[i]);
        }
        out_ += ']';
    }
    template <class Value>
    void write(Value& value) {
        if constexpr (requires(JsonWriter& visitor) { value.describe(visitor); }) {
            JsonWriter fields(out_, explain_);
            out_ += '{';
            value.describe(fields);
            out_ += '}';
        } else {
            append_json(out_, value);
        }
    }
    std::string& out_;
    bool explain_;
    bool first_ = true;
};

/// `object` as a JSON object.
template <class Struct>
[[nodiscard]] std::string to_json(Struct& object, bool explain = false) {
    std::string out = "{";
    JsonWriter fields(out, explain);
    object.describe(fields);
    return out += '}';
}

}  // namespace shortlist::server
