#include "apps/server/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/text.h"

namespace shortlist::server {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_escaped(std::string& out, char letter) {
    switch (letter) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out += "\\u00";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
}

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    const bool valid = base::is_valid_utf8(text);
    out += '"';
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || letter == '"' || letter == '\\' || byte == 0x7f) {
            append_escaped(out, letter);
        } else if (byte >= 0x80 && !valid) {
            out += "\\ufffd";
        } else {
            out += letter;
        }
    }
    out += '"';
}

void append_json(std::string& out, std::int64_t value) { append_number(out, value); }
void append_json(std::string& out, std::uint64_t value) { append_number(out, value); }

void append_json(std::string& out, double value) {
    if (std::isfinite(value)) {
        append_number(out, value);
    } else {
        out += "null";
    }
}

}  // namespace shortlist::server
