/// The `log` part of shortlist.yaml: what the log remembers.
#pragma once

#include <cstddef>

#include "engine/base/config_rules.h"

namespace shortlist::data {

struct LogConfig {
    std::size_t id_horizon = 8'000'000;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("id_horizon", id_horizon, base::range(1, 1'000'000'000),
                "Newest events, live and imported, whose ids are remembered: one of these that is posted again is a duplicate. At most 48 bytes of "
                "memory "
                "each.");
    }
};

}  // namespace shortlist::data
