/// Reads the fields of one JSON object into a struct, by the struct's own description.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/server/http.h"
#include "apps/server/service.h"

namespace shortlist::server {

struct ReadLimits {
    std::size_t id_bytes = 256;
    std::size_t k_max = 1000;
};

/// What is wrong with `id`, called `field` in the message: not 1 to `bytes_max` bytes, not UTF-8, or a zero byte within.
[[nodiscard]] std::optional<Problem> check_id(std::string_view id, std::string_view field, std::size_t bytes_max);

/// What is wrong with the number of items that `text` asks for; `k` is set where nothing is.
[[nodiscard]] std::optional<Problem> read_count(std::string_view text, std::string_view field, std::size_t k_max, std::size_t& k);

/// "unknown field "usr"; did you mean "user"?", or the list of what there is where nothing is near.
[[nodiscard]] Problem unknown_field(std::string_view name, const std::vector<std::string>& known);

/// The visitor. A field that is absent or null keeps its default. The first problem wins, but an unknown name comes before all
/// others: it is often the misspelled one that is missing.
class FieldReader {
public:
    FieldReader(const boost::json::object& object, const ReadLimits& limits) : object_(object), limits_(limits) { known_.reserve(kFieldsAtOnce); }

    template <class Member, class Rule>
    void field(std::string_view name, Member& member, Rule rule, std::string_view) {
        if (const auto* value = find(name)) read(name, *value, member, rule);
    }
    template <class Member, class Rule>
    void required_field(std::string_view name, Member& member, Rule rule, std::string_view) {
        if (const auto* value = find(name)) {
            read(name, *value, member, rule);
        } else {
            fail(name, "the field is required");
        }
    }

    /// Call once, after all fields.
    [[nodiscard]] std::optional<Problem> finish() const;

private:
    using Value = boost::json::value;

    const Value* find(std::string_view name);
    void fail(std::string_view name, std::string message);
    /// "must be `wanted`; got ..."
    void refuse(std::string_view name, std::string_view wanted, const Value& got);

    void read(std::string_view name, const Value& value, std::string& member, IdRule);
    void read(std::string_view name, const Value& value, std::string& member, TextRule);
    void read(std::string_view name, const Value& value, std::size_t& member, CountRule);
    void read(std::string_view name, const Value& value, bool& member, FlagRule);
    void read(std::string_view name, const Value& value, float& member, NumberRule);
    void read(std::string_view name, const Value& value, std::vector<std::string>& member, IdsRule);
    void read(std::string_view name, const Value& value, TimeUs& member, TimeRule);
    void read(std::string_view name, const Value& value, std::int32_t& member, PositionRule);
    void read(std::string_view name, const Value& value, Context& member, ContextRule);
    void read(std::string_view name, const Value& value, std::vector<std::pair<std::string, AttributeValue>>& member, AttributesRule);
    std::optional<AttributeValue> read_attribute(const std::string& path, const Value& value);
    std::optional<AttributeValue> read_list(const std::string& path, const Value& value);

    const boost::json::object& object_;
    const ReadLimits& limits_;
    static constexpr std::size_t kFieldsAtOnce = 12;
    std::vector<std::string_view> known_;  // names of fields: literals
    std::optional<Problem> problem_;
};

/// Reads `value`, which must be an object, into `out`.
template <class Struct>
[[nodiscard]] std::optional<Problem> read_fields(const boost::json::value& value, const ReadLimits& limits, Struct& out) {
    const auto* object = value.if_object();
    if (object == nullptr) return Problem{422, "invalid_argument", "must be a JSON object", ""};
    FieldReader reader(*object, limits);
    describe_fields(out, reader);
    return reader.finish();
}

}  // namespace shortlist::server
