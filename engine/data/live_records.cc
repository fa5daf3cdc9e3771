#include "engine/data/live_records_internal.h"

#include <algorithm>

namespace shortlist::data {

namespace {

// Reads on in the segments from record `next` to `end`, and moves `next` on to where they end.
Status read_sealed(const std::filesystem::path& project_folder, RecordClass wanted, std::uint64_t& next, std::uint64_t end,
                   const RecordVisit& visit) {
    SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder, next));
    for (const auto& segment : segments) {
        if (segment.end <= next || segment.begin >= end) continue;
        SHORTLIST_TRY(read_segment(project_folder, segment, {wanted, next}, visit));
        next = std::min(segment.end, end);
    }
    return {};
}

}  // namespace

Status read_live(const std::filesystem::path& project_folder, const Tail& tail, const LivePart& part, const RecordVisit& visit) {
    const std::uint64_t end = std::min(tail.end(), part.to);
    std::uint64_t next = part.from;
    const auto take = [&](std::uint64_t sequence, const Record& record) -> Status {
        return sequence < end ? visit(sequence, record) : Status();  // else sealed by another process since the tail was opened
    };
    // What is sealed between the look at the segments and that at the tail has left the tail, and a segment that is written again leaves
    // its old folder: the next look at the segments finds it.
    constexpr int kAttempts = 100;
    Status read;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        read = read_sealed(project_folder, part.wanted, next, end, take);
        if (read) read = tail.read({next, end}, part.wanted, take);  // NotFound: before it visits any
        if (read || read.error().code != ErrorCode::NotFound) return read;
    }
    return base::data_loss(read.error().message + ", and in no segment");
}

}  // namespace shortlist::data
