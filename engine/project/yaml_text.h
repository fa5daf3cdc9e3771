/// A tree as the text of a project file: the way back from parse_yaml() (engine/project/yaml.h).
#pragma once

#include <string>

#include "engine/base/config_node.h"

namespace shortlist::project {

/// A scalar that reads back as this very text.
[[nodiscard]] std::string yaml_scalar(const std::string& text);

/// A map as YAML, maps within it as blocks, lists on one line. parse_yaml() reads the same tree back, places aside; what has no value (a
/// Null node) is left out. Requires a Map.
[[nodiscard]] std::string yaml_text(const base::ConfigNode& map);

}  // namespace shortlist::project
