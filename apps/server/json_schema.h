/// JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) of requests and answers, from their own descriptions.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/server/json_fields.h"

namespace shortlist::server {

/// Schema of a field of a request, by its rule.
[[nodiscard]] boost::json::object schema_of_rule(IdRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(TextRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(CountRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(FlagRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(NumberRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(IdsRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(TimeRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(PositionRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(ContextRule, const ReadLimits& limits);
[[nodiscard]] boost::json::object schema_of_rule(AttributesRule, const ReadLimits& limits);

template <class Struct>
[[nodiscard]] boost::json::object schema_of(const ReadLimits& limits);

/// The visitor.
class SchemaWriter {
public:
    explicit SchemaWriter(const ReadLimits& limits) : limits_(limits) {}

    template <class Member, class Rule>
    void field(std::string_view name, Member&, Rule rule, std::string_view help) {
        add(name, schema_of_rule(rule, limits_), help);
    }
    template <class Member, class Rule>
    void required_field(std::string_view name, Member& member, Rule rule, std::string_view help) {
        field(name, member, rule, help);
        required_.emplace_back(boost::json::string_view(name.data(), name.size()));
    }
    template <class Member>
    void field(std::string_view name, Member& member, std::string_view help) {
        add(name, schema_of_member(member), help);
        required_.emplace_back(boost::json::string_view(name.data(), name.size()));
    }
    template <class Member>
    void explained_field(std::string_view name, Member& member, std::string_view help) {
        add(name, schema_of_member(member), help);
    }
    template <class Member>
    void optional_field(std::string_view name, std::optional<Member>&, std::string_view help) {
        Member member;
        add(name, schema_of_member(member), help);
    }

    [[nodiscard]] boost::json::object finish() const;

private:
    void add(std::string_view name, boost::json::object schema, std::string_view help);

    static boost::json::object schema_of_member(const std::string&) { return {{"type", "string"}}; }
    static boost::json::object schema_of_member(bool) { return {{"type", "boolean"}}; }
    static boost::json::object schema_of_member(std::uint64_t) { return {{"type", "integer"}, {"minimum", 0}}; }
    static boost::json::object schema_of_member(std::int64_t) { return {{"type", "integer"}}; }
    /// What is not finite is written as null.
    static boost::json::object schema_of_member(double) { return {{"type", boost::json::array{"number", "null"}}}; }
    template <class Entry>
    boost::json::object schema_of_member(const std::vector<Entry>&) {
        Entry entry{};
        return {{"type", "array"}, {"items", schema_of_member(entry)}};
    }
    template <class Struct>
        requires requires(Struct& object, SchemaWriter& visitor) { object.describe(visitor); }
    boost::json::object schema_of_member(Struct&) {
        return schema_of<Struct>(limits_);
    }

    const ReadLimits& limits_;
    boost::json::object properties_;
    boost::json::array required_;
};

/// Schema of a JSON object with the fields of `Struct`, and no others.
template <class Struct>
boost::json::object schema_of(const ReadLimits& limits) {
    Struct object{};
    SchemaWriter writer(limits);
    describe_fields(object, writer);
    return writer.finish();
}

}  // namespace shortlist::server
