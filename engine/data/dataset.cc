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
    dataset.changes.push_back({dataset.events.size(), record});
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
