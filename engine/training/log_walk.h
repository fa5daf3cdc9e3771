/// Walks a log in its order, for whoever folds it: at each place first what changed, then the points there, then the event.
#pragma once

#include <cstddef>
#include <span>

#include "engine/data/dataset.h"
#include "engine/features/fold.h"
#include "engine/training/replay.h"

namespace shortlist::training {

/// Calls `walker.change(changes)`, `walker.point(index)` and `walker.event(offset)`, the last for the events that happen. Goes on to the
/// end of the log, or with `to_last_point` to the last of the points, which must be sorted by offset.
template <class Walker>
void walk_log(const ReplayLog& log, std::span<const ReplayPoint> points, bool to_last_point, Walker&& walker) {
    const std::size_t events = log.data.events.size();
    std::span<const data::Change> changes = log.data.changes;
    std::size_t next = 0;
    for (std::size_t i = 0; i <= events; ++i) {
        if (to_last_point && next == points.size()) return;
        const std::span due = features::changes_before(changes, i);
        if (!due.empty()) walker.change(due);
        changes = changes.subspan(due.size());
        while (next < points.size() && points[next].offset <= i) walker.point(next++);
        if (i == events) return;
        if (log.happens.empty() || log.happens[i] != 0) walker.event(i);
    }
}

}  // namespace shortlist::training
