/// Asks again, in a replay, what was asked when items were shown, for just those items: what each model says of what a user saw.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "engine/training/outcomes.h"
#include "engine/training/replay.h"

namespace shortlist::training {

/// One exposure and the answer for its whole group, in which the exposure's item is row `candidate`.
struct ReplayedExposure {
    std::size_t group = 0;
    std::size_t exposure = 0;
    std::size_t candidate = 0;
    const pipeline::Scratch& answer;
};

/// What is replayed: the groups of `exposures` named in `groups`, ascending; the feature rows only where they are wanted.
struct ExposureQuestions {
    const Exposures& exposures;
    std::span<const std::size_t> groups;
    bool wants_features = false;
};

/// Visits the exposures of each group in order, groups in parallel, with state as it stood before the group's first.
/// A visitor that writes only under its group or exposure gives the same bytes with any number of threads. Cost: as replay().
void replay_exposures(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const ExposureQuestions& questions,
                      ThreadPool& pool, const std::function<void(const ReplayedExposure&)>& visit);

}  // namespace shortlist::training
