/// Walks a log with the fold and stops where a list is wanted: what a request at that moment would have seen.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/threads.h"
#include "engine/data/dataset.h"
#include "engine/features/tick_increments.h"
#include "engine/pipeline/recommender.h"

namespace shortlist::training {

/// A moment in the log.
struct ReplayPoint {
    std::size_t offset = 0;  ///< State as it stood before this event; events.size(): after all of them.
    UserRow user = 0;
    TimeUs time = 0;
};

/// Whose records a replay folds and visits: everybody's, or those of one partition, with what ticks add summed over all partitions.
struct ReplayShare {
    features::UserPartition users;
    const features::TickIncrements* increments = nullptr;  ///< Required where there are several partitions; see Fold::share().
};

/// Which events happen: all, or those with happens[i] != 0.
struct ReplayLog {
    const data::Dataset& data;
    std::span<const data::SignalMask> masks;
    std::span<const std::uint8_t> happens;
    ReplayShare share = {};
};

/// What a point sees. The request has user, time and context; surface, size and candidates are the visitor's to set.
struct ReplayMoment {
    std::size_t point = 0;
    pipeline::Request request;
    const features::UserState& user;
    const pipeline::World& world;
    const pipeline::Recommender& recommender;
    pipeline::Scratch& scratch;

    /// Answers `asked` as a server would have at that moment. The answer holds until the visitor returns or asks again.
    const pipeline::Scratch& answer(const pipeline::Request& asked) const {
        recommender.recommend(asked, user, world, scratch);
        return scratch;
    }
};

/// Visits each point of the share once, several at a time while the fold goes on; a visitor that writes only under its point gives the same
/// bytes with any number of threads. It must not use the pool. Points must be sorted by offset. Context is that of the event at
/// the point's offset.
void replay(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const ReplayPoint> points, ThreadPool& pool,
            const std::function<void(const ReplayMoment&)>& visit);

}  // namespace shortlist::training
