/// From the looks of columns to a mapping: who, what, when, and what came of it. Pure rules over names and values, no files.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/entity_table.h"
#include "engine/project/column_look.h"

namespace shortlist::project {

/// One decision, for people to check.
struct Guess {
    std::string what;    ///< `user`, `signal liked`, `attribute title`
    std::string choice;  ///< A column, or what was chosen.
    std::string why;
};

/// What the user named on the command line; empty where it is to be guessed.
struct MappingHints {
    std::string user;
    std::string item;
    std::string time;
    std::string type;
    std::string value;
    std::string event_id = {};
};

struct SignalGuess {
    std::string name;
    std::string type;
    std::optional<double> at_least;
    double weight = 1;
};

struct EventsGuess {
    std::string user, item, time, type, value, event_id, request_id, position;  ///< Columns; empty where there is none.
    std::vector<std::pair<std::string, std::string>> flags;                     ///< Type to column.
    std::string amount_type, amount, amount_divided_by;                         ///< A value column of a wide table; empty where there is none.
    std::vector<std::string> context;
    std::vector<SignalGuess> signals;  ///< The one that matters most first.
    std::vector<Guess> guesses;
};

/// Errors: InvalidArgument where the user's or the item's column cannot be told, naming the columns and the option that says it;
/// or where a hint names no column.
[[nodiscard]] Result<EventsGuess> guess_events(std::span<const ColumnLook> columns, const MappingHints& hints);

struct AttributeGuess {
    std::string name;
    data::AttributeType type = data::AttributeType::Category;
};

struct EntitiesGuess {
    std::string id;
    std::vector<AttributeGuess> attributes;
    std::vector<Guess> guesses;
};

/// `event_column` is what the events call the id. Errors: InvalidArgument where no column can be the id.
[[nodiscard]] Result<EntitiesGuess> guess_entities(std::span<const ColumnLook> columns, const std::string& event_column);

}  // namespace shortlist::project
