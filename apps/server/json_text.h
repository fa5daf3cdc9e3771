/// Values as JSON text, appended to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shortlist::server {

/// Quotes and escapes `text`; bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);
inline void append_json(std::string& out, const char* text) { append_json(out, std::string_view(text)); }
inline void append_json(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_json(std::string& out, std::int64_t value);
void append_json(std::string& out, std::uint64_t value);
/// The shortest digits that read back as the same number; null where it is not finite.
void append_json(std::string& out, double value);

}  // namespace shortlist::server
