#include "apps/server/json_schema.h"

#include <boost/json/value.hpp>
#include <utility>

namespace shortlist::server {

namespace json = boost::json;

json::object schema_of_rule(IdRule, const ReadLimits& limits) { return {{"type", "string"}, {"minLength", 1}, {"maxLength", limits.id_bytes}}; }
json::object schema_of_rule(TextRule, const ReadLimits&) { return {{"type", "string"}, {"maxLength", kTextBytes}}; }
json::object schema_of_rule(CountRule, const ReadLimits& limits) { return {{"type", "integer"}, {"minimum", 1}, {"maximum", limits.k_max}}; }
json::object schema_of_rule(FlagRule, const ReadLimits&) { return {{"type", "boolean"}}; }
json::object schema_of_rule(NumberRule, const ReadLimits&) { return {{"type", "number"}}; }
json::object schema_of_rule(IdsRule, const ReadLimits& limits) {
    return {{"type", "array"}, {"minItems", 1}, {"maxItems", limits.k_max}, {"items", schema_of_rule(IdRule{}, limits)}};
}
json::object schema_of_rule(TimeRule, const ReadLimits&) {
    return {{"oneOf", json::array{json::object{{"type", "string"}, {"format", "date-time"}}, json::object{{"type", "integer"}}}}};
}
json::object schema_of_rule(PositionRule, const ReadLimits&) { return {{"type", "integer"}, {"minimum", 0}, {"maximum", kPositionMax}}; }
json::object schema_of_rule(ContextRule, const ReadLimits&) {
    return {{"type", "object"},
            {"maxProperties", kContextFields},
            {"additionalProperties", json::object{{"type", json::array{"string", "number", "boolean"}}}}};
}
json::object schema_of_rule(AttributesRule, const ReadLimits&) {
    const json::object list{{"type", "array"}, {"maxItems", kAttributeEntries}, {"items", json::object{{"type", json::array{"string", "number"}}}}};
    const json::array forms{json::object{{"type", json::array{"string", "number", "boolean"}}}, list};
    return {{"type", "object"}, {"maxProperties", kAttributesMax}, {"additionalProperties", json::object{{"oneOf", forms}}}};
}

void SchemaWriter::add(std::string_view name, json::object schema, std::string_view help) {
    schema["description"] = json::string_view(help.data(), help.size());
    properties_[json::string_view(name.data(), name.size())] = std::move(schema);
}

json::object SchemaWriter::finish() const {
    json::object schema{{"type", "object"}, {"properties", properties_}, {"additionalProperties", false}};
    if (!required_.empty()) schema["required"] = required_;
    return schema;
}

}  // namespace shortlist::server
