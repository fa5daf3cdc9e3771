#include "engine/data/live_records_internal.h"
#include "engine/data/segment_internal.h"

namespace shortlist::data {

Status read_live(const std::filesystem::path& project_folder, const Tail& tail, std::uint64_t from,
                 const std::function<Status(std::uint64_t, const Record&)>& visit) {
    const std::uint64_t end = tail.end();
    std::uint64_t next = from;
    const auto take = [&](std::uint64_t sequence, const Record& record) -> Status {
        if (sequence >= end) return {};  // sealed by another process since the tail was opened
        SHORTLIST_TRY(visit(sequence, record));
        next = sequence + 1;
        return {};
    };
    // What is sealed between the look at the segments and that at the tail has left the tail: the next look at the segments finds it.
    constexpr int kAttempts = 100;
    Status read;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder));
        for (const auto& segment : segments) {
            if (segment.end > next && segment.begin < end) SHORTLIST_TRY(read_segment(project_folder, segment, next, take));
        }
        read = tail.read(next, end, take);
        if (read || read.error().code != ErrorCode::NotFound) return read;
    }
    return base::data_loss(read.error().message + ", and in no segment");
}

}  // namespace shortlist::data
