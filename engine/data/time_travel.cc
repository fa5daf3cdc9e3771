#include "engine/data/time_travel.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace shortlist::data {

namespace {

void cut_events(std::size_t count, EventTable& events) {
    const auto cut = [count](auto&... columns) { (columns.resize(count), ...); };
    cut(events.time, events.id, events.user, events.item, events.type, events.value, events.request, events.position);
    for (auto& field : events.context) field.resize(count);
}

}  // namespace

void cut_at(std::size_t events, std::size_t changes, Dataset& data) {
    if (events == data.events.size() && changes == data.changes.size()) return;
    cut_events(events, data.events);
    data.changes.resize(changes);
    data.imported_events = std::min<std::uint64_t>(data.imported_events, events);
    if (data.given_test_begin) data.given_test_begin = std::min<std::uint64_t>(*data.given_test_begin, events);
    // Items and users from what they were first, by the changes that are left.
    auto [items, users] = take_first_catalogue(data);
    data.items = std::move(items);
    data.users = std::move(users);
    apply_changes(data);
}

void cut_behind(TimeUs time, Dataset& data) {
    const auto late = std::ranges::find_if(data.events.time, [time](TimeUs event) { return event > time; });
    auto events = static_cast<std::size_t>(late - data.events.time.begin());
    const auto is_late = [&](const Change& change) {
        const auto* tick = std::get_if<Tick>(&change.record);
        // An upsert right before a later event has no time of its own: it may be as late.
        return change.before > events || (tick != nullptr && tick->time > time) || (change.before == events && events < data.events.size());
    };
    const auto change = std::ranges::find_if(data.changes, is_late);
    if (change != data.changes.end()) events = std::min(events, change->before);
    cut_at(events, static_cast<std::size_t>(change - data.changes.begin()), data);
}

void cut_at(std::size_t records, Dataset& data) {
    const std::size_t events = std::min(records, data.events.size());
    const auto change = std::ranges::find_if(data.changes, [&](const Change& one) { return one.before > events; });
    cut_at(events, static_cast<std::size_t>(change - data.changes.begin()), data);
}

}  // namespace shortlist::data
