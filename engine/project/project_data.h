/// The data of a project for the verbs that are nothing without events.
#pragma once

#include "engine/data/dataset.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// data::load_dataset of the project's folder. Errors: its own, and FailedPrecondition where nothing was imported yet.
[[nodiscard]] Result<data::Dataset> load_project_data(const Project& project);

}  // namespace shortlist::project
