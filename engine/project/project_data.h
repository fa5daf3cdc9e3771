/// The data of a project for the verbs that are nothing without events.
#pragma once

#include <string>

#include "engine/data/dataset.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// data::load_dataset of the project's folder. Errors: its own, and FailedPrecondition where nothing was imported yet.
[[nodiscard]] Result<data::Dataset> load_project_data(const Project& project);

/// The same as of a time of RFC 3339, see data::cut_behind(); empty: now. Errors: InvalidArgument (no such time, or one before all events).
[[nodiscard]] Result<data::Dataset> load_project_data(const Project& project, const std::string& as_of);

}  // namespace shortlist::project
