/// All that arrived live, sealed or still in the tail, as one run of records. Private to engine/data.
#pragma once

#include <filesystem>

#include "engine/data/segment_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// Calls `visit` for each record of the part up to the end of the tail, in order; stops at its first error and returns it. Records
/// may be sealed meanwhile, by this process or another. Errors: DataLoss, Unavailable.
[[nodiscard]] Status read_live(const std::filesystem::path& project_folder, const Tail& tail, const SegmentPart& part, const RecordVisit& visit);

}  // namespace shortlist::data
