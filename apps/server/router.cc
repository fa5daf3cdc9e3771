#include "apps/server/router.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace shortlist::server {
namespace {

bool is_placeholder(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
    return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                      [](const auto& wanted, const auto& given) { return is_placeholder(wanted) ? !given.empty() : wanted == given; });
}

// What stands in the request where the pattern has names.
void fill_placeholders(const std::vector<std::string>& pattern, HttpRequest& request) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_placeholder(pattern[i])) request.placeholders.push_back(request.segments[i]);
    }
}

std::string path_of(const HttpRequest& request) {
    std::string path;
    for (const auto& segment : request.segments) path += "/" + segment;
    return path;
}

HttpResponse method_not_allowed(const HttpRequest& request, const std::vector<std::string>& allowed) {
    const auto list = base::join(allowed);
    auto response = problem_response({405, "method_not_allowed", std::string(name_of(request.method)) + " is not allowed here; allowed: " + list, ""},
                                     request.request_id);
    response.headers.emplace_back("Allow", list);
    return response;
}

}  // namespace

Router::Router(std::vector<Route> routes) {
    for (auto& route : routes) {
        HttpRequest parsed;
        SHORTLIST_CHECK(!read_target(route.pattern, parsed).has_value(), route.pattern);
        for (const auto& other : entries_) {
            SHORTLIST_CHECK(other.route.method != route.method || other.route.pattern != route.pattern, route.pattern);
        }
        entries_.push_back({std::move(route), std::move(parsed.segments)});
    }
}

HttpResponse Router::not_found(const HttpRequest& request) const {
    std::vector<std::string> paths;
    for (const auto& entry : entries_) paths.push_back(entry.route.pattern);
    const auto path = path_of(request);
    const auto near = base::nearest(path.substr(0, 200), paths);
    return problem_response(
        {404, "not_found", "no such path: \"" + base::printable(path) + "\"" + (near.empty() ? "" : "; did you mean " + near + "?"), ""},
        request.request_id);
}

std::variant<const Route*, HttpResponse> Router::find(HttpRequest& request) const {
    const auto method = request.method == Method::Head ? Method::Get : request.method;
    std::vector<std::string> allowed;
    for (const auto& entry : entries_) {
        if (!matches(entry.segments, request.segments)) continue;
        if (entry.route.method == method) {
            fill_placeholders(entry.segments, request);
            return &entry.route;
        }
        allowed.emplace_back(name_of(entry.route.method));
        if (entry.route.method == Method::Get) allowed.emplace_back(name_of(Method::Head));
    }
    if (!allowed.empty()) return method_not_allowed(request, allowed);
    return not_found(request);
}

}  // namespace shortlist::server
