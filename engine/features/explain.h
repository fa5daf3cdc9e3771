/// Features in words: what one measures, and what state a value came from.
#pragma once

#include <string>

#include "engine/features/executor.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// What a column of a plan measures, over which past, how soon it follows an event, and what it costs: a few sentences.
[[nodiscard]] std::string explain(const FeatureColumn& column, const FeaturePlan& plan);

/// The counts and times behind a column's value for one request and item, such as "12 of 80; everybody 3,020 of 20,110"; empty where the value
/// is all there is.
[[nodiscard]] std::string state_behind(const FeatureColumn& column, const FeaturePlan& plan, const FeatureExecutor& executor,
                                       const FeatureMoment& moment, ItemRow item);

}  // namespace shortlist::features
