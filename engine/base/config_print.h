/// What a configuration holds and why: each value with its origin.
#pragma once

#include <string>
#include <vector>

#include "engine/base/config_node.h"

namespace shortlist::base {

struct ConfigValue {
    std::string key;     ///< Dotted: `retrievers[0].signal`.
    std::string value;   ///< Where the file has ${NAME}, as the file has it: the environment holds secrets.
    std::string origin;  ///< `default`, `shortlist.yaml:12`, or that with ` (environment)` where the file has ${NAME}.
};

/// Every scalar of `values` (from write_config()) in its order. `source` is the tree that was read, `file` its name.
/// An empty list or map is one entry, `[]` or `{}`; an optional without a value is `none`.
[[nodiscard]] std::vector<ConfigValue> list_values(const ConfigNode& values, const ConfigNode& source, const std::string& file);

}  // namespace shortlist::base
