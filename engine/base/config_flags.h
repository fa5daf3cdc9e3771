/// The options of a command, as flags: `search_beam_width` is `--search-beam-width`, `data.path` is `--data-path`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/config_node.h"
#include "engine/base/config_shape.h"

namespace shortlist::base {

struct ConfigFlag {
    std::string name;               ///< `--search-beam-width`
    std::vector<std::string> path;  ///< Keys from the root: {"search_beam_width"}.
    bool is_switch = false;         ///< A boolean: stands alone for true; `--no-x` where the default is true.
    bool repeated = false;          ///< A list: may be given more than once.
    bool required = false;
    std::string help;               ///< With what is allowed and the default behind it.
};

/// A flag for each scalar and each list of scalars of the shape, fields of fields behind their parent's name.
[[nodiscard]] std::vector<ConfigFlag> list_flags(const ConfigShape& shape);

/// The tree that read_config() takes, from the flags that were given and their values.
[[nodiscard]] ConfigNode tree_of_flags(const std::vector<std::pair<ConfigFlag, std::vector<std::string>>>& given);

}  // namespace shortlist::base
