/// An event for the tests of engine/data.
#pragma once

#include <string>

#include "engine/data/event.h"

namespace shortlist::data {

inline Event event_of(const std::string& user, const std::string& item, TimeUs time) {
    Event event;
    event.user = user;
    event.item = item;
    event.type = "watch";
    event.time = time;
    return event;
}

}  // namespace shortlist::data
