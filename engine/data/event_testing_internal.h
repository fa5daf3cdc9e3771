/// Records for the tests of engine/data.
#pragma once

#include <string>

#include "engine/data/record.h"

namespace shortlist::data {

inline Event event_of(const std::string& user, const std::string& item, TimeUs time) {
    Event event;
    event.user = user;
    event.item = item;
    event.type = "watch";
    event.time = time;
    return event;
}

/// A record as it is stored: tells any two apart.
inline std::string bytes_of(const Record& record) {
    std::string bytes;
    encode_record(record, bytes);
    return bytes;
}

}  // namespace shortlist::data
