/// All that arrived live, sealed or still in the tail, as one run of records. Private to engine/data.
#pragma once

#include <filesystem>

#include "engine/data/segment_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// Records of one class by sequence: [from, to).
struct LivePart {
    RecordClass wanted = RecordClass::State;
    std::uint64_t from = 0;  ///< No less than the first of the log (Dataset::first_sequence).
    std::uint64_t to = ~std::uint64_t{0};
};
/// Calls `visit` for each record of the part up to the end of the tail, in order; stops at its first error and returns it. Records
/// may be sealed meanwhile, by this process or another. Errors: DataLoss, Unavailable.
[[nodiscard]] Status read_live(const std::filesystem::path& project_folder, const Tail& tail, const LivePart& part, const RecordVisit& visit);

}  // namespace shortlist::data
