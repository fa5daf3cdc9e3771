/// All that arrived live, sealed or still in the tail, as one run of records. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// Calls `visit` for each record from sequence `from` up to the end of the tail, in order; stops at its first error and returns it. Records
/// may be sealed meanwhile, by this process or another. Errors: DataLoss, Unavailable.
[[nodiscard]] Status read_live(const std::filesystem::path& project_folder, const Tail& tail, std::uint64_t from,
                               const std::function<Status(std::uint64_t sequence, const Record& record)>& visit);

}  // namespace shortlist::data
