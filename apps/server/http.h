/// Requests and responses as handlers see them: plain values, so that no handler knows the HTTP library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace shortlist::server {

enum class Method { Get, Head, Post, Put, Patch, Delete, Options, Other };
[[nodiscard]] std::string_view name_of(Method method);
[[nodiscard]] std::string_view reason_phrase(int status);

using NamedText = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    Method method = Method::Get;
    std::vector<std::string> segments;      ///< The path between slashes, percent-decoded one by one: %2F stays inside its segment.
    NamedText query;                        ///< In the order sent, decoded.
    NamedText headers;                      ///< In the order sent, names as sent.
    std::string body;
    std::string remote_address;
    std::string request_id;                 ///< Made by the server, unique among its requests.
    std::vector<std::string> placeholders;  ///< What the route's {placeholders} stand for, in order.

    /// The value of the first header called `name`, whatever its case; empty where there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    NamedText headers;
};

/// Why a request is refused, as its client gets to see it.
struct Problem {
    int status = 500;
    std::string code;     ///< For machines: snake_case.
    std::string message;  ///< For people: what is wrong and what is allowed.
    std::string field;    ///< The field or parameter at fault; empty where there is none.
};

[[nodiscard]] Problem problem_of(const Error& error);
/// A value that is well-formed and not allowed: 422.
[[nodiscard]] Problem invalid_field(std::string field, std::string message);
/// `{"error":{"code","message","field","request_id"}}` with the headers that go with the status.
[[nodiscard]] HttpResponse problem_response(const Problem& problem, std::string_view request_id);

/// Splits and decodes the target of a request line into `request.segments` and `request.query`.
/// Returns what is wrong (400): no leading slash, a broken percent escape.
[[nodiscard]] std::optional<Problem> read_target(std::string_view target, HttpRequest& request);

}  // namespace shortlist::server
