/// The data of a project for the verbs that are nothing without events.
#pragma once

#include <string>

#include "engine/data/dataset.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// data::load_dataset of the project's folder. Errors: its own, and FailedPrecondition where nothing was imported yet.
[[nodiscard]] Result<data::Dataset> load_project_data(const Project& project);

/// A time as somebody gave it, and the name of the option that they gave it with.
struct AsOf {
    std::string text;  ///< RFC 3339; empty: now.
    std::string option = "as_of";
};
/// The same as of a time, see data::cut_behind(). Errors: InvalidArgument naming the option (no such time, or one before all events).
[[nodiscard]] Result<data::Dataset> load_project_data(const Project& project, const AsOf& as_of);

}  // namespace shortlist::project
