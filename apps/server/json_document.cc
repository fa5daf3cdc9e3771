#include "apps/server/json_document.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/text.h"

namespace shortlist::server {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

/// Builds the value as Boost.JSON's own parser does, which keeps the last of two equal names; this one refuses both.
struct TreeBuilder {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    json::storage_ptr storage;
    json::value_stack stack;
    std::vector<std::string> names;  // Of all objects that are open, outermost first.
    std::string partial_name;
    std::optional<std::string> repeated_name;

    bool on_document_begin(error_code&) { return stack.reset(storage), true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
    bool on_object_end(std::size_t count, error_code& error) {
        const auto begin = names.end() - static_cast<std::ptrdiff_t>(count);
        std::sort(begin, names.end());
        const auto repeated = std::adjacent_find(begin, names.end());
        if (repeated != names.end()) {
            repeated_name = *repeated;
            error = json::error::syntax;
            return false;
        }
        names.erase(begin, names.end());
        stack.push_object(count);
        return true;
    }
    bool on_key_part(string_view part, std::size_t, error_code&) {
        partial_name += part;
        stack.push_chars(part);
        return true;
    }
    bool on_key(string_view part, std::size_t, error_code&) {
        names.push_back(std::move(partial_name) + std::string(part));
        partial_name.clear();
        stack.push_key(part);
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&) { return stack.push_chars(part), true; }
    bool on_string(string_view part, std::size_t, error_code&) { return stack.push_string(part), true; }
    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, string_view, error_code&) { return stack.push_int64(number), true; }
    bool on_uint64(std::uint64_t number, string_view, error_code&) { return stack.push_uint64(number), true; }
    bool on_double(double number, string_view, error_code&) { return stack.push_double(number), true; }
    bool on_bool(bool value, error_code&) { return stack.push_bool(value), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }
};

Problem malformed(std::string_view text, std::size_t at, const error_code& error) {
    if (text.empty()) return {400, "bad_request", "the body is empty; send a JSON object", ""};
    if (!base::is_valid_utf8(text)) return {400, "bad_request", "the body is not valid UTF-8", ""};
    return {400, "bad_request", "the body is not valid JSON: " + error.message() + " at byte " + std::to_string(at), ""};
}

}  // namespace

std::variant<json::value, Problem> parse_json(std::string_view text, std::size_t depth_max) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::basic_parser<TreeBuilder> parser(options);
    // One after the other in few pieces, which the value gives back at once.
    parser.handler().storage = json::make_shared_resource<json::monotonic_resource>(std::max<std::size_t>(text.size(), 1024));
    error_code error;
    const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
    const auto& builder = parser.handler();
    if (error == json::error::too_deep) {
        return Problem{422, "invalid_argument", "the body nests deeper than " + std::to_string(depth_max) + " levels", ""};
    }
    if (builder.repeated_name)
        return invalid_field(*builder.repeated_name, "the field \"" + base::printable(*builder.repeated_name) + "\" is given twice");
    if (!error && parsed < text.size()) error = json::error::extra_data;
    if (error) return malformed(text, parsed, error);
    return parser.handler().stack.release();
}

}  // namespace shortlist::server
