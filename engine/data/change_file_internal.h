/// Live records that are no events, in a file of state (engine/data/state_file.h). Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/record.h"

namespace shortlist::data {

/// Each with its number.
using NumberedRecords = std::vector<std::pair<std::uint64_t, Record>>;

/// Errors: Unavailable.
[[nodiscard]] Status save_changes(const std::filesystem::path& path, const NumberedRecords& changes);
/// Errors: DataLoss, naming the file.
[[nodiscard]] Result<NumberedRecords> load_changes(const std::filesystem::path& path);

}  // namespace shortlist::data
