/// A generated world of short videos: who was shown what, what they did, and the truth behind it.
/// The model in words, and why its numbers are what they are: docs/decisions/0002-shorts-world.md.
#pragma once

#include <filesystem>

#include "engine/base/threads.h"
#include "engine/data/column_batch.h"
#include "engine/simulation/shorts_config.h"
#include "engine/simulation/shorts_truth.h"

namespace shortlist::simulation {

/// Ids are "u" and "v" with the 0-based index behind; times are whole milliseconds since 1970.
struct ShortsWorld {
    /// In order of time; an impression stands before what followed it. user_id, video_id, time_ms, event (impression,
    /// watch: at least a tenth was played, skip: less than a fiftieth, like), value (of a watch: the played part, above 1
    /// when it was replayed), request_id (the page), position (0-based, on the page), device.
    data::ColumnBatch events;
    data::ColumnBatch videos;  ///< video_id, category, creator, duration_ms, uploaded_at, language, title.
    data::ColumnBatch users;   ///< user_id, country, age, signup_at.
    ShortsTruth truth;
};

/// Same config, same bytes, whatever the thread count. Has exactly config.interactions events, and as many users and
/// videos as asked. Errors: InvalidArgument (check(config)).
/// Cost: about 0.5 us an event on two cores, 150 bytes of memory an event.
[[nodiscard]] Result<ShortsWorld> generate_shorts(const ShortsConfig& config, base::ThreadPool& threads);

}  // namespace shortlist::simulation
