/// The part of YAML that a project file may use, as a tree. The only place that knows the YAML library.
/// A plain subset of YAML 1.2: maps, lists, scalars, quotes, block text and comments. What surprises people is refused, with its
/// place and what to write instead: duplicate keys, anchors, aliases, merge keys, tags, numbers that begin with a zero, .nan and
/// .inf, tabs, several documents, keys that are not text, bytes that are not UTF-8.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/config_node.h"
#include "engine/base/result.h"

namespace shortlist::project {

inline constexpr std::size_t kYamlBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kYamlDepthMax = 32;

/// The tree of `text`; a Null node when it holds nothing. `file` is its name in messages.
/// Errors: InvalidArgument, `file:line:column: what is wrong and what to write instead`; the first problem only.
/// Cost: one pass over at most kYamlBytesMax bytes.
[[nodiscard]] Result<base::ConfigNode> parse_yaml(std::string_view text, const std::string& file);

/// What a file holds, for parse_yaml(): of a file past kYamlBytesMax one byte more, so that it is refused.
/// Errors: NotFound, and Unavailable when it cannot be read.
[[nodiscard]] Result<std::string> read_yaml_text(const std::filesystem::path& path);

}  // namespace shortlist::project
