/// How far a refit moved what the retrievers say: the ranker learned from the scores of one fit and is served those of another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/training/replay.h"

namespace shortlist::training {

/// One retriever's scores of the same pairs of user and item, from the models before and after.
struct ScoreMovement {
    std::string retriever;
    std::size_t pairs = 0;  ///< Those of which both had something to say.
    double mean_before = 0, mean_after = 0;
    double deviation_before = 0;  ///< Standard deviation: the scale on which a change is large or small.
    double mean_change = 0;       ///< Of |after - before|.
    double correlation = 0;       ///< Pearson's; 0 where either side is constant.
};

/// Compares them on up to 200 users and 100 items, drawn by seed as events are, at the end of the log. Popularity has no model to
/// refit and is not listed. Cost: two replays of the log with an empty plan, when `before` and `after` have no features.
[[nodiscard]] std::vector<ScoreMovement> score_movement(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& before,
                                                        const std::shared_ptr<const pipeline::ServingModels>& after, std::uint64_t seed,
                                                        ThreadPool& pool);

}  // namespace shortlist::training
