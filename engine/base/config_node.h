/// A neutral tree of what a file or a command line says, before anything is known about what it should say.
/// A parser makes it (engine/project/yaml.h), read_config() (config_reader.h) turns it into a struct.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shortlist::base {

/// Where something stands in a file, both from 1; 0 when it is from no file.
struct ConfigPosition {
    int line = 0;
    int column = 0;
    friend auto operator<=>(const ConfigPosition&, const ConfigPosition&) = default;
};

/// One value. A child of a map carries its key, a child of a sequence has none.
struct ConfigNode {
    enum class Kind { Null, Scalar, Sequence, Map };

    Kind kind = Kind::Null;
    std::string key;
    ConfigPosition key_at;
    std::string text;     ///< Scalar: as written, without its quotes.
    bool quoted = false;  ///< Scalar: it stood in quotes, so it is text even when it looks like a number.
    ConfigPosition at;
    std::vector<ConfigNode> children;  ///< Sequence and Map, in the order of the file.

    /// The child under `name`, or nullptr.
    [[nodiscard]] const ConfigNode* find(std::string_view name) const noexcept;
};

[[nodiscard]] ConfigNode scalar_node(std::string text);

/// The node a dotted key such as `retrievers[0].signal` leads to; where the path ends early, the last node on it.
[[nodiscard]] const ConfigNode& nearest_node(const ConfigNode& root, std::string_view key);

}  // namespace shortlist::base
