/// What a folder takes on disk. Private to engine/project.
#pragma once

#include <cstdint>
#include <filesystem>

namespace shortlist::project {

/// Bytes of all files below the folder; what cannot be read counts nothing.
[[nodiscard]] std::uint64_t bytes_below(const std::filesystem::path& folder);

}  // namespace shortlist::project
