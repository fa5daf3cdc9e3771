/// `features: auto`: what a practitioner would start with, derived from what the project has.
#pragma once

#include <vector>

#include "engine/features/plan.h"

namespace shortlist::features {

/// Definitions that FeaturePlan::create accepts for the same inputs; the first signal counts as the one that matters most.
/// `events_have_impressions`: rates are per impression only where impressions were logged.
[[nodiscard]] std::vector<FeatureConfig> derive_features(const PlanInputs& inputs, bool events_have_impressions);

}  // namespace shortlist::features
