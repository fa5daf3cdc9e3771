/// A row for every impression of a log, with its features as they stood: without models, for whoever trains elsewhere.
#pragma once

#include "engine/features/plan.h"
#include "engine/training/outcomes.h"
#include "engine/training/ranker_rows.h"
#include "engine/training/replay.h"

namespace shortlist::training {

/// Rows of all `exposures`, by request, with state as it stood before the request's first impression; whether or not something was chosen.
/// A user's rows weigh 1 / (their requests). `tick`: event time between ticks.
/// Requires a plan that reads no retriever. Cost: a fold of the log and a row of features an impression, on the calling thread.
[[nodiscard]] RowReport impression_rows(const ReplayLog& log, const features::FeaturePlan& plan, TimeUs tick, const Exposures& exposures);

}  // namespace shortlist::training
