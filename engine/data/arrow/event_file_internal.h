/// The sealed events of a history as one Parquet file of numbers. Private to engine/data.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// Writes every column of `events`, codes and rows as they are; dictionaries and names are left to the caller. Synced.
/// Errors: Unavailable.
[[nodiscard]] Status write_events(const std::filesystem::path& path, const EventTable& events);

/// Reads them into the columns of `events`, whose context has as many fields as it has names.
/// Errors: NotFound, DataLoss. The caller checks rows and codes against its tables.
[[nodiscard]] Status read_events(const std::filesystem::path& path, EventTable& events);

/// Reads the ids of the last `count` events, or of all.
[[nodiscard]] Result<std::vector<EventId>> read_event_ids(const std::filesystem::path& path, std::size_t count);
/// When the oldest and the newest event were; zeros where there is none.
struct EventSpan {
    TimeUs oldest = 0;
    TimeUs newest = 0;
};
/// Cost: reads one column, a row group at a time.
[[nodiscard]] Result<EventSpan> read_event_span(const std::filesystem::path& path);

}  // namespace shortlist::data
