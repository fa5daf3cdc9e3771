#include "engine/data/dataset.h"

#include <limits>

#include "engine/data/record.h"

namespace shortlist::data {

namespace {

std::uint16_t type_code(std::string_view type, Dictionary& types) {
    constexpr std::size_t kLast = std::numeric_limits<std::uint16_t>::max();
    if (const auto known = types.find(type); known != kNoRow) return static_cast<std::uint16_t>(known);
    return static_cast<std::uint16_t>(types.add(types.size() < kLast ? type : "other"));
}

}  // namespace

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
    for (std::size_t field = 0; field < events.context.size(); ++field) {
        std::uint32_t code = 0;
        for (const auto& [name, value] : event.context) {
            if (name == events.context_names[field]) code = events.context_values[field].add(value);
        }
        events.context[field].push_back(code);
    }
}

}  // namespace shortlist::data
