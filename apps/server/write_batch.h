/// Writes of one entry or of many: each entry is read and answered on its own, so that a bad one does not stop the rest.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "apps/server/json_fields.h"
#include "apps/server/json_schema.h"
#include "engine/base/check.h"

namespace shortlist::server {

struct WriteError {
    std::string message;
    std::string field;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("message", message, "What is wrong and what is allowed.");
        v.field("field", field, "The field at fault; empty where there is none.");
    }
};

struct WriteResult {
    std::string status;
    std::optional<WriteError> error;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("status", status, "stored, duplicate (known before; nothing changed) or rejected.");
        v.optional_field("error", error, "Why it was rejected.");
    }
};

struct WriteAnswer {
    std::string request_id;
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::vector<WriteResult> results;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("request_id", request_id, "The server's id of this request.");
        v.field("stored", stored, "How many were stored.");
        v.field("duplicates", duplicates, "How many were known before.");
        v.field("rejected", rejected, "How many were rejected.");
        v.field("results", results, "One for each entry, in the order sent.");
    }
};

/// The entries of `body`: the list under `list_name`, or the body itself where it has no such field. Problem: the field is no list,
/// is empty, or is not alone.
struct BatchEntries {
    std::vector<const boost::json::value*> entries;
    bool is_single = false;
};
[[nodiscard]] std::variant<BatchEntries, Problem> entries_of(const boost::json::value& body, std::string_view list_name);

/// The answer to `outcomes`; for a single entry that was rejected, the refusal of the request.
[[nodiscard]] std::variant<WriteAnswer, Problem> answer_of(std::vector<WriteOutcome> outcomes, bool is_single);

/// The entries of a request that are to be stored, and what is known already of the others.
template <class Entry>
struct WriteBatch {
    std::vector<Entry> entries;           ///< Those that are well-formed.
    std::vector<std::size_t> places;      ///< Of each of these among all.
    std::vector<WriteOutcome> outcomes;   ///< Of all.
    bool is_single = false;

    /// Puts in what became of `entries`.
    void settle(std::vector<WriteOutcome> stored) {
        SHORTLIST_CHECK(stored.size() == places.size(), stored.size(), places.size());
        for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move(stored[i]);
    }
};

template <class Entry>
[[nodiscard]] std::variant<WriteBatch<Entry>, Problem> read_batch(const boost::json::value& body, std::string_view list_name,
                                                                  const ReadLimits& limits) {
    const auto found = entries_of(body, list_name);
    if (const auto* problem = std::get_if<Problem>(&found)) return *problem;
    const auto& values = std::get<BatchEntries>(found).entries;
    WriteBatch<Entry> batch;
    batch.is_single = std::get<BatchEntries>(found).is_single;
    batch.outcomes.resize(values.size());
    batch.entries.reserve(values.size());
    batch.places.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (auto problem = read_fields(*values[i], limits, batch.entries.emplace_back())) {
            batch.entries.pop_back();
            batch.outcomes[i] = {WriteStatus::Rejected, std::move(problem->message), std::move(problem->field)};
        } else {
            batch.places.push_back(i);
        }
    }
    return batch;
}

/// Schema of one entry, or of an object that holds many under `list_name`.
template <class Entry>
[[nodiscard]] boost::json::object one_or_many_schema(std::string_view list_name, const ReadLimits& limits) {
    const auto entry = schema_of<Entry>(limits);
    const boost::json::string_view name(list_name.data(), list_name.size());
    const boost::json::object list{{"type", "array"}, {"minItems", 1}, {"items", entry}};
    const boost::json::object many{{"type", "object"},
                                   {"properties", boost::json::object{{name, list}}},
                                   {"required", boost::json::array{name}},
                                   {"additionalProperties", false}};
    return {{"oneOf", boost::json::array{entry, many}}};
}

}  // namespace shortlist::server
