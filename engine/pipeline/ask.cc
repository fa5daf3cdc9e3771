#include "engine/pipeline/ask.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace shortlist::pipeline {

namespace {

// The rows of the ids that the table knows.
std::vector<ItemRow> rows_of(const std::vector<std::string>& ids, const data::EntityTable& table) {
    std::vector<ItemRow> rows;
    for (const auto& id : ids) {
        if (const auto row = table.ids.find(id); row != kNoRow) rows.push_back(row);
    }
    return rows;
}

std::vector<std::uint32_t> context_codes(const std::vector<std::pair<std::string, std::string>>& context, const data::EventTable& events) {
    std::vector<std::uint32_t> codes(events.context_names.size(), 0);
    for (const auto& [name, value] : context) {
        const auto field = std::find(events.context_names.begin(), events.context_names.end(), name);
        if (field == events.context_names.end()) continue;
        const auto at = static_cast<std::size_t>(field - events.context_names.begin());
        const std::uint32_t code = events.context_values[at].find(value);
        codes[at] = code == kNoRow ? 0 : code;
    }
    return codes;
}

}  // namespace

Result<std::span<const SlateItem>> ask(const Question& question, const LogState& state, const World& world, Scratch& scratch) {
    const data::ListRequest& asked = question.request;
    Request request;
    SHORTLIST_ASSIGN(request.surface, state.models().find_surface(asked.surface));
    const auto context = context_codes(asked.context, state.context());
    const auto exclude = rows_of(asked.exclude, state.items());
    const auto candidates = rows_of(asked.candidates, state.items());
    request.user = asked.user.empty() ? kNoRow : state.users().ids.find(asked.user);
    request.time = question.time;
    request.size = asked.candidates.empty() ? asked.size : candidates.size();
    request.context = context;
    request.exclude = exclude;
    request.candidates = candidates;
    // Candidates of whom none is known leave nothing to rank; without candidates the retrievers propose.
    if (!asked.candidates.empty() && candidates.empty()) {
        scratch.candidates.clear();
        scratch.slate.clear();
        scratch.trace = {};
        return std::span<const SlateItem>();
    }
    const Recommender recommender(state.items(), state.users());
    const auto user = state.fold().find_user(request.user, scratch.user);
    const auto slots = recommender.recommend(request, user ? **user : features::UserState(), world, scratch);
    if (!user) scratch.trace.degraded.push_back("users: " + user.error().message);
    return slots;
}

}  // namespace shortlist::pipeline
