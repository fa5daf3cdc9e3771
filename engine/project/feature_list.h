/// `shortlist features list`: what the ranker will see.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/features/feature_config.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// The definitions of the project, names filled in, checked against its data; with `features: auto`, those derived from it.
/// Errors: FailedPrecondition before the first import; InvalidArgument with a line for each definition that cannot be.
/// Cost: loads the data set.
[[nodiscard]] Result<std::vector<features::FeatureConfig>> list_features(const Project& project);

}  // namespace shortlist::project
