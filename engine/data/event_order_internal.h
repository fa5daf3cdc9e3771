/// The order that a history has. Private to engine/data.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/data/event.h"

namespace shortlist::data {

/// Positions of events by time, then id. Requires times of at least 0.
[[nodiscard]] std::vector<std::uint32_t> order_by_time(const EventTable& events, std::vector<std::uint32_t> positions);

}  // namespace shortlist::data
