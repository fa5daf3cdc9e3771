#include "engine/data/dataset.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/data/catalogue.h"

namespace shortlist::data {

namespace {

std::uint16_t type_code(std::string_view type, Dictionary& types) {
    constexpr std::size_t kLast = std::numeric_limits<std::uint16_t>::max();
    if (const auto known = types.find(type); known != kNoRow) return static_cast<std::uint16_t>(known);
    return static_cast<std::uint16_t>(types.add(types.size() < kLast ? type : "other"));
}

/// Which events and users stay: a flag each.
struct Kept {
    std::vector<std::uint8_t> events;
    std::vector<std::uint8_t> users;
};

// Takes all others out of a history, and what only they had. The events that stay are of users who stay.
void keep(const Kept& kept, Dataset& history) {
    EventTable& events = history.events;
    if (history.given_test_begin) {
        const auto begin = kept.events.begin() + static_cast<std::ptrdiff_t>(*history.given_test_begin);
        *history.given_test_begin -= static_cast<std::uint64_t>(std::count(kept.events.begin(), begin, 0));
    }
    for_each_column(events, [&kept](auto& column) { keep_values(column, kept.events); });
    std::vector<UserRow> row_now(kept.users.size());
    std::exclusive_scan(kept.users.begin(), kept.users.end(), row_now.begin(), UserRow{0});
    for (UserRow& row : events.user) row = row_now[row];
    for (std::size_t field = 0; field < events.context.size(); ++field) drop_unused(events.context_values[field], events.context[field]);
    history.users.keep(kept.users);
    std::erase_if(history.changes, [&history](const Change& change) {
        const auto* user = std::get_if<UserUpsert>(&change.record);
        return user != nullptr && history.users.ids.find(user->id) == kNoRow;
    });
    for (auto& change : history.changes) change.before = events.size();
    history.imported_events = events.size();
}

}  // namespace

void append_record(const Record& record, Dataset& dataset) {
    if (const auto* event = std::get_if<Event>(&record)) return append_event(*event, dataset);
    add_ids(record, dataset);
    if (!std::holds_alternative<Removed>(record)) dataset.changes.push_back({dataset.events.size(), record});
}

void add_ids(const Record& record, Dataset& dataset) {
    if (const auto* item = std::get_if<ItemUpsert>(&record)) dataset.items.add(item->id);
    if (const auto* user = std::get_if<UserUpsert>(&record)) dataset.users.add(user->id);
    if (const auto* removed = std::get_if<Removed>(&record); removed != nullptr && !removed->item.empty()) dataset.items.add(removed->item);
    if (const auto* event = std::get_if<Event>(&record)) {
        dataset.users.add(event->user);
        dataset.items.add(event->item);
    }
}

void remove_user(UserRow user, Dataset& history) {
    Kept kept{{}, std::vector<std::uint8_t>(history.users.size(), 1)};
    for (const UserRow row : history.events.user) kept.events.push_back(row == user ? 0 : 1);
    kept.users[user] = 0;
    keep(kept, history);
}

std::uint64_t remove_older(TimeUs bound, Dataset& history) {
    const EventTable& events = history.events;
    Kept kept{{}, {}};
    for (const TimeUs time : events.time) kept.events.push_back(time < bound ? 0 : 1);
    for (UserRow row = 0; row < history.users.size(); ++row) kept.users.push_back(history.users.is_blank(row) ? 0 : 1);
    for (std::size_t i = 0; i < events.size(); ++i) kept.users[events.user[i]] |= kept.events[i];
    for (const auto& change : history.changes) {
        if (const auto* user = std::get_if<UserUpsert>(&change.record)) kept.users[history.users.ids.find(user->id)] = 1;
    }
    const std::uint64_t before = events.size();
    keep(kept, history);
    return before - events.size();
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
