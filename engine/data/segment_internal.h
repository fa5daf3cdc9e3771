/// A sealed part of the live log: records that arrived one after another, as files that anyone can read.
///
///     log/segments/<begin>-<end>/manifest.json   format, counts, digests (<begin>-<end>-<generation>/ where it was written again)
///                                events.parquet  an event a row, with its sequence
///                                changes.state   the records between them that change something else (engine/data/state_file.h)
///                                lists.state     those that are served lists
/// A segment is written whole beside the others, put in force by one rename, and never changed. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// Records by sequence: [begin, end).
struct Segment {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t generation = 0;  ///< Grows when the segment is written again without a user.
};

/// The segments that hold records from sequence `from` on, each in its newest generation, without a gap between them. Errors: DataLoss where
/// one is missing.
[[nodiscard]] Result<std::vector<Segment>> list_segments(const std::filesystem::path& project_folder, std::uint64_t from);

/// Visits the records of a segment to be, those of one class at a time, in order.
using SegmentSource = std::function<Status(RecordClass wanted, const RecordVisit& visit)>;
/// Seals the records that `source` has. Errors: Unavailable, those of `source`; then nothing is there. Cost: memory for all but the lists.
[[nodiscard]] Status write_segment(const std::filesystem::path& project_folder, const Segment& segment, const SegmentSource& source);

/// Removes what lies before `first`, what is not the newest generation of a segment, and what a process that was killed left half written.
/// Errors: Unavailable.
[[nodiscard]] Status remove_old_segments(const std::filesystem::path& project_folder, std::uint64_t first);

/// Which records of a segment are read: those of one class, from sequence `from` on.
struct SegmentPart {
    RecordClass wanted = RecordClass::State;
    std::uint64_t from = 0;
};
/// Calls `visit` for each record of the part, in order; stops at its first error and returns it.
/// Errors: DataLoss, naming the file; FailedPrecondition (a newer format). Cost: reads the files of that class.
[[nodiscard]] Status read_segment(const std::filesystem::path& project_folder, const Segment& segment, const SegmentPart& part,
                                  const RecordVisit& visit);

/// How many events a segment holds. Errors: as read_segment().
[[nodiscard]] Result<std::uint64_t> events_in(const std::filesystem::path& project_folder, const Segment& segment);

/// What a writer needs of an event.
struct EventMark {
    EventId id;
    TimeUs time = 0;
};
using EventIdVisit = std::function<void(std::uint64_t sequence, const EventMark& event)>;
/// Calls `visit` for each event of a segment, in order. Errors: as read_segment(). Cost: reads four columns; of a segment that was written before
/// format 3, all.
[[nodiscard]] Status read_segment_ids(const std::filesystem::path& project_folder, const Segment& segment, const EventIdVisit& visit);

}  // namespace shortlist::data
