/// Events: one as it arrives (strings), and a history of them (columns of rows and codes).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/dictionary.h"

namespace shortlist::data {

/// 128 bits that name an event: given from outside (hashed) or a hash of its fields. The last byte is the ordinal of the
/// event within its source row, so that of one row the impression sorts first and its outcomes behind it.
struct EventId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const EventId&, const EventId&) = default;
};

inline constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();
inline constexpr std::int32_t kNoPosition = -1;
inline constexpr std::string_view kImpressionType = "impression";

/// What is known of when events happened.
enum class TimeForm {
    Column,  ///< Each event has a time.
    Order,   ///< Only the order is known: the time of an event is its ordinal.
    None,    ///< Nothing: the time of every event is 0.
};

/// One event as it arrives over HTTP, before it is validated.
struct Event {
    std::string event_id;  ///< Empty: the id is a hash of the other fields.
    TimeUs time = 0;
    UserId user;
    ItemId item;
    std::string type;
    float value = kNoValue;
    std::string request_id;
    std::int32_t position = kNoPosition;
    std::vector<std::pair<std::string, std::string>> context;
};

/// Events in log order, column by column; event i is the i-th entry of each column.
struct EventTable {
    std::vector<TimeUs> time;
    std::vector<EventId> id;
    std::vector<UserRow> user;
    std::vector<ItemRow> item;
    std::vector<std::uint16_t> type;         ///< Index into types.
    std::vector<float> value;                ///< kNoValue where there is none.
    std::vector<std::uint64_t> request;      ///< 64-bit hash of request_id; 0 where there is none.
    std::vector<std::int32_t> position;      ///< kNoPosition where there is none.
    std::vector<std::vector<std::uint32_t>> context;  ///< [field][event], codes of context_values[field]; 0 is unknown.

    Dictionary types;
    std::vector<std::string> context_names;
    std::vector<Dictionary> context_values;  ///< Code 0 is the empty string: unknown.

    [[nodiscard]] std::size_t size() const noexcept { return time.size(); }
};

/// Calls `visit` with each column of the table.
template <class Visit>
void for_each_column(EventTable& events, const Visit& visit) {
    visit(events.time);
    visit(events.id);
    visit(events.user);
    visit(events.item);
    visit(events.type);
    visit(events.value);
    visit(events.request);
    visit(events.position);
    for (auto& codes : events.context) visit(codes);
}

}  // namespace shortlist::data
