#include "apps/server/write_batch.h"

namespace shortlist::server {

namespace json = boost::json;

std::variant<BatchEntries, Problem> entries_of(const json::value& body, std::string_view list_name) {
    const std::string name(list_name);
    const auto* object = body.if_object();
    if (object == nullptr) return Problem{422, "invalid_argument", "the body must be a JSON object: one entry, or {\"" + name + "\": [...]}", ""};
    const auto* listed = object->if_contains(name);
    if (listed == nullptr) return BatchEntries{{&body}, true};
    const auto* list = listed->if_array();
    if (list == nullptr || list->empty()) return invalid_field(name, name + ": must be a list of at least one entry");
    for (const auto& entry : *object) {
        const std::string_view key(entry.key().data(), entry.key().size());
        if (key != list_name) return unknown_field(key, {name});
    }
    BatchEntries batch;
    batch.entries.reserve(list->size());
    for (const auto& entry : *list) batch.entries.push_back(&entry);
    return batch;
}

std::variant<WriteAnswer, Problem> answer_of(std::vector<WriteOutcome> outcomes, bool is_single) {
    if (is_single && outcomes.front().status == WriteStatus::Rejected) {
        return invalid_field(std::move(outcomes.front().field), std::move(outcomes.front().message));
    }
    WriteAnswer answer;
    answer.results.reserve(outcomes.size());
    for (auto& outcome : outcomes) {
        auto& result = answer.results.emplace_back();
        switch (outcome.status) {
            case WriteStatus::Stored:
                result.status = "stored";
                ++answer.stored;
                break;
            case WriteStatus::Duplicate:
                result.status = "duplicate";
                ++answer.duplicates;
                break;
            case WriteStatus::Rejected:
                result.status = "rejected";
                result.error = WriteError{std::move(outcome.message), std::move(outcome.field)};
                ++answer.rejected;
                break;
        }
    }
    return answer;
}

}  // namespace shortlist::server
