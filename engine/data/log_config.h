/// The `log` part of shortlist.yaml: what the log remembers, and for how long.
#pragma once

#include <cstddef>

#include "engine/base/config_rules.h"

namespace shortlist::data {

struct LogConfig {
    std::size_t id_horizon = 8'000'000;
    base::Duration keep;  ///< 0: everything.

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("id_horizon", id_horizon, base::range(1, 1'000'000'000),
                "Newest events, live and imported, whose ids are remembered: one of these that is posted again is a duplicate. At most 48 bytes of "
                "memory "
                "each.");
        v.field("keep", keep, base::range(0, 36'500 * kDayUs),
                "Events, live lists and ticks that are so much older than the newest event leave the log: with `shortlist compact`, and of a "
                "server's own "
                "accord at its start and when it takes a snapshot, as soon as a tenth of this has piled up beyond it. 0s keeps everything.");
    }
};

}  // namespace shortlist::data
