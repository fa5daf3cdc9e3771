/// Everything a project has imported: what training, evaluation and replay read.
#pragma once

#include "engine/data/entity_table.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// items and users also hold the ids that only events mention, with every attribute missing.
struct Dataset {
    EntityTable items;
    EntityTable users;
    EventTable events;
};

}  // namespace shortlist::data
