/// Which features a project's ranker reads.
#pragma once

#include <vector>

#include "engine/features/feature_config.h"
#include "engine/features/plan.h"
#include "engine/training/training_config.h"

namespace shortlist::training {

/// Those the project lists; or, where it leaves the choice to us, all that derive_features() finds but those that the ranker's
/// rows would teach wrongly (docs/decisions/0003).
[[nodiscard]] std::vector<features::FeatureConfig> ranker_features(const features::FeaturesConfig& config, const RankerConfig& ranker,
                                                                   const features::PlanInputs& inputs);

}  // namespace shortlist::training
