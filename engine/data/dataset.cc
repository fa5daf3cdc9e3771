#include "engine/data/dataset.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/data/catalogue.h"

namespace shortlist::data {

namespace {

std::uint16_t type_code(std::string_view type, Dictionary& types) {
    constexpr std::size_t kLast = std::numeric_limits<std::uint16_t>::max();
    if (const auto known = types.find(type); known != kNoRow) return static_cast<std::uint16_t>(known);
    return static_cast<std::uint16_t>(types.add(types.size() < kLast ? type : "other"));
}

}  // namespace

void append_record(const Record& record, Dataset& dataset) {
    if (const auto* event = std::get_if<Event>(&record)) return append_event(*event, dataset);
    if (const auto* item = std::get_if<ItemUpsert>(&record)) dataset.items.add(item->id);
    if (const auto* user = std::get_if<UserUpsert>(&record)) dataset.users.add(user->id);
    if (const auto* removed = std::get_if<Removed>(&record)) {
        if (!removed->item.empty()) dataset.items.add(removed->item);
        return;
    }
    dataset.changes.push_back({dataset.events.size(), record});
}

void remove_user(UserRow user, Dataset& history) {
    EventTable& events = history.events;
    std::vector<std::uint8_t> theirs;
    for (const UserRow row : events.user) theirs.push_back(row == user ? 1 : 0);
    if (history.given_test_begin) {
        const auto begin = theirs.begin() + static_cast<std::ptrdiff_t>(*history.given_test_begin);
        *history.given_test_begin -= static_cast<std::uint64_t>(std::count(theirs.begin(), begin, 1));
    }
    for_each_column(events, [&theirs](auto& column) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < column.size(); ++i) {
            if (theirs[i] == 0) column[kept++] = column[i];
        }
        column.resize(kept);
    });
    for (UserRow& row : events.user) row -= row > user ? 1 : 0;
    for (std::size_t field = 0; field < events.context.size(); ++field) drop_unused(events.context_values[field], events.context[field]);
    history.users.remove(user);
    history.imported_events = events.size();
}

void apply_changes(Dataset& dataset) {
    const auto is_tick = [](const Change& change) { return std::holds_alternative<Tick>(change.record); };
    if (std::ranges::all_of(dataset.changes, is_tick)) return;
    dataset.unchanged = Catalogue{dataset.items, dataset.users};
    CatalogueEditor editor(dataset.items, dataset.users);
    for (const auto& change : dataset.changes) editor.apply(change.record);
}

Catalogue take_first_catalogue(Dataset& dataset) {
    if (dataset.unchanged) return *std::exchange(dataset.unchanged, std::nullopt);
    return {std::move(dataset.items), std::move(dataset.users)};
}

void add_context_field(std::string_view name, EventTable& events) {
    if (std::ranges::find(events.context_names, name) != events.context_names.end()) return;
    events.context_names.emplace_back(name);
    events.context_values.emplace_back().add("");
    events.context.emplace_back(events.size(), 0U);
}

std::uint32_t add_context_value(const Event& event, std::size_t field, EventTable& events) {
    std::uint32_t code = 0;
    for (const auto& [name, value] : event.context) {
        if (name == events.context_names[field]) code = events.context_values[field].add(value);
    }
    return code;
}

void append_event(const Event& event, Dataset& dataset) {
    EventTable& events = dataset.events;
    events.time.push_back(event.time);
    events.id.push_back(event_id_of(event));
    events.user.push_back(dataset.users.add(event.user));
    events.item.push_back(dataset.items.add(event.item));
    events.type.push_back(type_code(event.type, events.types));
    events.value.push_back(event.value);
    events.request.push_back(request_hash(event.request_id));
    events.position.push_back(event.position);
    for (std::size_t field = 0; field < events.context.size(); ++field) events.context[field].push_back(add_context_value(event, field, events));
}

}  // namespace shortlist::data
