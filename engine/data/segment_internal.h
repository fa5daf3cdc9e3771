/// A sealed part of the live log: records that arrived one after another, as files that anyone can read.
///
///     log/segments/<begin>-<end>/manifest.json   format, counts, digests
///                                events.parquet  an event a row, with its sequence
///                                changes.state   the records between them that are no events (engine/data/state_file.h)
/// A segment is written whole beside the others, put in force by one rename, and never changed. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/record.h"

namespace shortlist::data {

/// Records by sequence: [begin, end).
struct Segment {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The segments there are, without a gap between them. Errors: DataLoss where one is missing.
[[nodiscard]] Result<std::vector<Segment>> list_segments(const std::filesystem::path& project_folder);

/// Seals records whose first has the sequence `begin`. Errors: Unavailable; then nothing is there.
[[nodiscard]] Status write_segment(const std::filesystem::path& project_folder, std::uint64_t begin, std::span<const Record> records);

/// Calls `visit` for each record from sequence `from` on, in order; stops at its first error and returns it.
/// Errors: DataLoss, naming the file; FailedPrecondition (a newer format). Cost: reads the whole segment.
[[nodiscard]] Status read_segment(const std::filesystem::path& project_folder, const Segment& segment, std::uint64_t from,
                                  const std::function<Status(std::uint64_t sequence, const Record& record)>& visit);

}  // namespace shortlist::data
