#include "apps/server/http.h"

#include <algorithm>

#include "apps/server/json_text.h"
#include "engine/base/text.h"

namespace shortlist::server {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return base::to_lower(x) == base::to_lower(y); });
}

int hex_value(char digit) {
    if (base::is_digit(digit)) return digit - '0';
    const char letter = base::to_lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// Calls `each` with the parts of `text` between separators; an empty text has one empty part.
template <class Each>
bool split(std::string_view text, char separator, Each each) {
    for (;;) {
        const auto end = text.find(separator);
        if (!each(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

Problem bad_target(std::string_view target, std::string_view why) {
    return {400, "bad_request", "the request target " + std::string(why) + ": \"" + base::printable(target) + "\"", ""};
}

/// `http://host/path` is allowed in a request line; only its path matters here.
std::string_view without_authority(std::string_view target) {
    if (!equal_ignoring_case(target.substr(0, 7), "http://")) return target;
    const auto path = target.find_first_of("/?", 7);
    return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

std::string_view name_of(Method method) {
    switch (method) {
        case Method::Get: return "GET";
        case Method::Head: return "HEAD";
        case Method::Post: return "POST";
        case Method::Put: return "PUT";
        case Method::Patch: return "PATCH";
        case Method::Delete: return "DELETE";
        case Method::Options: return "OPTIONS";
        case Method::Other: break;
    }
    return "OTHER";
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 503: return "Service Unavailable";
        default: return "Internal Server Error";
    }
}

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) return value;
    }
    return {};
}

Problem problem_of(const Error& error) {
    const auto face = base::face_of(error.code);
    return {face.http_status, std::string(face.name), error.message, ""};
}

Problem invalid_field(std::string field, std::string message) { return {422, "invalid_argument", std::move(message), std::move(field)}; }

HttpResponse problem_response(const Problem& problem, std::string_view request_id) {
    HttpResponse response;
    response.status = problem.status;
    auto& out = response.body;
    out = R"({"error":{"code":)";
    append_json(out, problem.code);
    out += R"(,"message":)";
    append_json(out, problem.message);
    out += R"(,"field":)";
    if (problem.field.empty()) {
        out += "null";
    } else {
        append_json(out, problem.field);
    }
    out += R"(,"request_id":)";
    append_json(out, request_id);
    out += "}}";
    if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (problem.status == 429 || problem.status == 503) response.headers.emplace_back("Retry-After", "1");
    return response;
}

std::optional<Problem> read_target(std::string_view target, HttpRequest& request) {
    const auto whole = target;
    target = without_authority(target);
    if (!target.starts_with('/') && !target.starts_with('?')) return bad_target(whole, "must start with a slash");
    const auto mark = target.find('?');
    auto path = target.substr(0, mark);
    if (path.starts_with('/')) path.remove_prefix(1);
    const bool path_read = split(path, '/', [&](std::string_view segment) {
        auto decoded = percent_decode(segment, false);
        if (decoded) request.segments.push_back(std::move(*decoded));
        return decoded.has_value();
    });
    if (!path_read) return bad_target(whole, "has a percent sign without two hexadecimal digits behind it");
    if (mark == std::string_view::npos || mark + 1 == target.size()) return std::nullopt;
    const bool query_read = split(target.substr(mark + 1), '&', [&](std::string_view pair) {
        const auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value) return false;
        request.query.emplace_back(std::move(*name), std::move(*value));
        return true;
    });
    if (!query_read) return bad_target(whole, "has a percent sign without two hexadecimal digits behind it");
    return std::nullopt;
}

}  // namespace shortlist::server
