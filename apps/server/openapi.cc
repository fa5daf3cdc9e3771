#include "apps/server/openapi.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>

#include "engine/base/text.h"

namespace shortlist::server {
namespace {

namespace json = boost::json;

json::object json_content(json::object schema) { return {{"application/json", json::object{{"schema", std::move(schema)}}}}; }

json::object reference(const char* path) { return {{"$ref", path}}; }

json::object error_schema() {
    const json::object text{{"type", "string"}};
    const json::object fields{
        {"code", text}, {"message", text}, {"field", json::object{{"type", json::array{"string", "null"}}}}, {"request_id", text}};
    const json::object error{{"type", "object"}, {"properties", fields}, {"required", json::array{"code", "message", "field", "request_id"}}};
    return {{"type", "object"}, {"properties", json::object{{"error", error}}}, {"required", json::array{"error"}}};
}

json::array parameters_of(const Endpoint& endpoint) {
    json::array parameters;
    const std::string_view pattern = endpoint.route.pattern;
    for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
        const auto name = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
        parameters.push_back(json::object{{"name", json::string_view(name.data(), name.size())},
                                          {"in", "path"},
                                          {"required", true},
                                          {"schema", json::object{{"type", "string"}, {"minLength", 1}}}});
    }
    for (const auto& parameter : endpoint.query) {
        parameters.push_back(json::object{
            {"name", parameter.name}, {"in", "query"}, {"description", parameter.help}, {"required", false}, {"schema", parameter.schema}});
    }
    return parameters;
}

json::object answers_of(const Endpoint& endpoint) {
    json::object success{{"description", "The answer."}};
    success["content"] = endpoint.response.empty() ? json::object{{"text/plain", json::object{{"schema", json::object{{"type", "string"}}}}}}
                                                   : json_content(endpoint.response);
    return {{"200", success}, {"default", reference("#/components/responses/Error")}};
}

json::object operation_of(const Endpoint& endpoint) {
    json::object operation{{"operationId", endpoint.operation}, {"summary", endpoint.summary}, {"responses", answers_of(endpoint)}};
    if (auto parameters = parameters_of(endpoint); !parameters.empty()) operation["parameters"] = std::move(parameters);
    if (!endpoint.request.empty()) operation["requestBody"] = json::object{{"required", true}, {"content", json_content(endpoint.request)}};
    // The token is needed where the server has one: so it, or nothing.
    if (endpoint.route.needs_token) operation["security"] = json::array{json::object{{"token", json::array{}}}, json::object{}};
    return operation;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), base::to_lower);
    return out;
}

}  // namespace

std::string openapi_document(const std::vector<Endpoint>& endpoints) {
    json::object paths;
    for (const auto& endpoint : endpoints) {
        auto& path = paths[endpoint.route.pattern];
        if (!path.is_object()) path = json::object{};
        path.get_object()[lower_case(name_of(endpoint.route.method))] = operation_of(endpoint);
    }
    const json::object error{{"description", "Why the request was refused."}, {"content", json_content(reference("#/components/schemas/Error"))}};
    const json::object components{{"schemas", json::object{{"Error", error_schema()}}},
                                  {"responses", json::object{{"Error", error}}},
                                  {"securitySchemes", json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}}}}}};
    const json::object document{
        {"openapi", "3.1.0"},
        {"info", json::object{{"title", "shortlist"}, {"version", "1"}, {"description", "Recommendations from one event log."}}},
        {"paths", paths},
        {"components", components}};
    return json::serialize(document);
}

}  // namespace shortlist::server
