/// A request in the outside world's ids, from a state of the log to a slate: what a server does with every request, and `shortlist verify`
/// does again.
#pragma once

#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/data/record.h"
#include "engine/pipeline/log_state.h"
#include "engine/pipeline/recommender.h"

namespace shortlist::pipeline {

/// What is asked, and as of when.
struct Question {
    const data::ListRequest& request;
    TimeUs time = 0;
};

/// The slate; it lives in `scratch`. An unknown user is a newcomer; unknown excluded items and candidates are left out. The answer depends on
/// its arguments alone: `world` is what `state` published last. Nobody may change the state meanwhile. Errors: InvalidArgument (surface).
[[nodiscard]] Result<std::span<const SlateItem>> ask(const Question& question, const LogState& state, const World& world, Scratch& scratch);

}  // namespace shortlist::pipeline
