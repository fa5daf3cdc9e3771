/// A world of shorts on disk.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/simulation/shorts.h"

namespace shortlist::simulation {

/// Writes events.parquet, videos.parquet, users.parquet and truth/shorts.truth into `folder`, which is made if it is not
/// there; older files of these names are replaced. Nothing but ShortsOracle::load reads the last one: it may be deleted.
/// Errors: Unavailable (disk).
[[nodiscard]] Status write_shorts(const ShortsWorld& world, const std::filesystem::path& folder);

/// Where write_shorts leaves the truth, from its folder.
inline constexpr const char* kShortsTruthPath = "truth/shorts.truth";

}  // namespace shortlist::simulation
