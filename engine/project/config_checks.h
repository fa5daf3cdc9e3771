/// Checks across the fields of a project file, and the defaults that depend on other fields.
#pragma once

#include "engine/base/config_reader.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// Fills in what follows from other fields where the file does not say: signals from the mapping, the signal of each retriever; a split and
/// half-lives that need no times where there are none.
void complete(ProjectConfig& config, const base::ConfigNode& source);

/// Adds a problem for every name that is used twice, refers to nothing, or cannot be a name, and for what needs times where there are none.
/// Requires a completed config.
void check_across(const ProjectConfig& config, const base::ConfigNode& source, base::ConfigReading& reading);

}  // namespace shortlist::project
