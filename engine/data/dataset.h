/// Everything a project has imported: what training, evaluation and replay read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/data/entity_table.h"
#include "engine/data/event.h"
#include "engine/data/record.h"

namespace shortlist::data {

struct Catalogue {
    EntityTable items;
    EntityTable users;
};

/// A live record that is no event: a new state of an item or a user, or a tick.
struct Change {
    std::size_t before = 0;  ///< The event that came next, events.size() behind the last one.
    Record record;
};

/// items and users, as of now, also hold the ids that only events mention, with every attribute missing.
struct Dataset {
    EntityTable items;
    EntityTable users;
    EventTable events;
    std::vector<Change> changes;          ///< In their order.
    std::optional<Catalogue> unchanged;   ///< Before the first change, with a row for every id of now; absent where items and users never changed.
    TimeForm time_form = TimeForm::Column;
    std::uint64_t forgettings = 0;  ///< Users that were forgotten: a history that is equal but for this one is another.
    std::uint64_t first_sequence = 0;  ///< Of the first live record: those before it left the log (engine/data/retention_internal.h).
    std::uint64_t log_end = 0;                      ///< One past the offset of the last record that was looked at.
    std::uint64_t imported_events = 0;              ///< The first so many events were imported, the others arrived live.
    std::optional<std::uint64_t> given_test_begin;  ///< Events [given_test_begin, imported_events) are the test part that the project gave.
};

/// Adds a live record behind the others: an event, or a change, whose id gets a row; apply_changes() gives it the attributes.
void append_record(const Record& record, Dataset& dataset);
/// Gives the item and the user that a record names their rows, as append_record() does, and nothing else.
void add_ids(const Record& record, Dataset& dataset);
/// Takes a user's row, events, changes and the values that only these had out of a history; the rows behind it move up. Items keep theirs.
/// Requires a data set without live records.
void remove_user(UserRow user, Dataset& history);
/// The same with every event of before `bound`, and every user who then has neither an event nor an attribute. Returns how many events.
std::uint64_t remove_older(TimeUs bound, Dataset& history);
/// Brings items and users from where they stood before the first change to now, and keeps `unchanged`. Once, behind the last append_record().
void apply_changes(Dataset& dataset);
/// Takes out of the data set the catalogue that a fold of its events and changes begins with.
[[nodiscard]] Catalogue take_first_catalogue(Dataset& dataset);

/// Adds a context field that no event so far says anything in; nothing where there is one of this name.
void add_context_field(std::string_view name, EventTable& events);
/// The code of what the event says in a context field; a value that is new gets one.
std::uint32_t add_context_value(const Event& event, std::size_t field, EventTable& events);

/// Adds one event behind the others; its user and item get rows when they are new. Context fields that the table does not name are left
/// out. A type past the 65,535th becomes "other".
void append_event(const Event& event, Dataset& dataset);

}  // namespace shortlist::data
