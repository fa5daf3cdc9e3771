/// Finds the handler of a request by method and path. Built once; any thread may ask.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "apps/server/http.h"

namespace shortlist::server {

/// Any thread may call a handler, and several at once. What it throws is answered 500.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

/// Where a handler runs. Blocking: it may wait for the disk, so it runs on a worker and not on a thread that serves connections.
enum class Execution { Inline, Blocking };

struct Route {
    Method method = Method::Get;
    std::string pattern;  ///< `/v1/similar/{item}`: a segment in braces stands for any one that is not empty.
    Execution execution = Execution::Inline;
    bool needs_token = false;
    Handler handler;
};

class Router {
public:
    /// Patterns must start with a slash, and no two routes may share method and pattern.
    explicit Router(std::vector<Route> routes);

    /// The route for `request`, whose placeholders it fills; or the refusal: 404, or 405 with the methods allowed there.
    /// HEAD finds what GET finds.
    [[nodiscard]] std::variant<const Route*, HttpResponse> find(HttpRequest& request) const;

private:
    struct Entry {
        Route route;
        std::vector<std::string> segments;
    };

    [[nodiscard]] HttpResponse not_found(const HttpRequest& request) const;

    std::vector<Entry> entries_;
};

}  // namespace shortlist::server
