/// How far a log has come in a stream that is consumed into it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/ids.h"

namespace shortlist::data {

/// One partition of one topic. What lies before `next` is in the log, or was refused; of what lies behind, some may be in the log, too.
struct StreamPosition {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t next = 0;
    TimeUs newest = 0;  ///< The greatest time of an event before `next`; 0 without one. What is late is told by it.

    friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

}  // namespace shortlist::data
