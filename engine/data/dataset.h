/// Everything a project has imported: what training, evaluation and replay read.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/data/entity_table.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// items and users also hold the ids that only events mention, with every attribute missing.
struct Dataset {
    EntityTable items;
    EntityTable users;
    EventTable events;
    TimeForm time_form = TimeForm::Column;
    std::uint64_t imported_events = 0;              ///< The first so many events were imported, the others arrived live.
    std::optional<std::uint64_t> given_test_begin;  ///< Events [given_test_begin, imported_events) are the test part that the project gave.
};

/// Adds one event behind the others; its user and item get rows when they are new. Context fields that the table does not name are left
/// out. A type past the 65,535th becomes "other".
void append_event(const Event& event, Dataset& dataset);

}  // namespace shortlist::data
