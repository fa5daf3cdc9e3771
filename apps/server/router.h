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

/// Makes a response; runs on the thread that serves the connection, as an inline handler does.
using MakeResponse = std::function<HttpResponse()>;
/// Begins what is answered later: calls `respond` once, at once or from any thread. The request stays as it is until then. What it
/// throws before it called is answered 500.
using DeferredHandler = std::function<void(const HttpRequest& request, std::function<void(MakeResponse)> respond)>;

/// Where a handler runs. Blocking: it may take long, so it runs on a worker and not on a thread that serves connections. Deferred: it begins on
/// such a thread, and is answered once the disk has what it wrote; the bytes of its body count as waiting for that.
enum class Execution { Inline, Blocking, Deferred };

struct Route {
    Method method = Method::Get;
    std::string pattern;  ///< `/v1/similar/{item}`: a segment in braces stands for any one that is not empty.
    Execution execution = Execution::Inline;
    bool needs_token = false;
    Handler handler;              ///< Empty where it is deferred.
    DeferredHandler deferred = {};
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
