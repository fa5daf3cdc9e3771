/// The sealed part of a log: one folder that is written whole, named by its digest, and put in force by one rename.
/// Private to engine/data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/threads.h"
#include "engine/data/arrow/event_file_internal.h"
#include "engine/data/dataset.h"
#include "engine/data/history_in_force.h"

namespace shortlist::data {

[[nodiscard]] std::filesystem::path log_folder(const std::filesystem::path& project_folder);

/// A history as it is on disk: items and users without its changes, which stand behind its events.
struct History {
    std::string name;  ///< Empty: none.
    Dataset data;
};

/// Errors: DataLoss naming the file, FailedPrecondition (a newer format).
[[nodiscard]] Result<History> load_history(const std::filesystem::path& project_folder);

/// Ids and count of the events of the history in force: what a writer needs of it.
struct HistoryIds {
    std::string name;
    std::uint64_t events = 0;
    std::uint64_t first_sequence = 0;
    TimeForm time_form = TimeForm::Column;
    std::vector<EventId> newest;  ///< At most the count asked for.
};
[[nodiscard]] Result<HistoryIds> load_history_ids(const std::filesystem::path& project_folder, std::size_t count);

/// When the events of the history in force were. Cost: reads one column.
[[nodiscard]] Result<EventSpan> load_history_span(const std::filesystem::path& project_folder);

/// Removes every history but the one in force, and what an import left half written. The caller holds the writer lock. Errors: Unavailable.
[[nodiscard]] Status remove_other_histories(const std::filesystem::path& project_folder);

/// Writes `data` as the history in force; returns its name. Where it is the one in force already, nothing changes.
/// The tables are written on the threads of `pool`, or on the caller's where it is null. The caller holds the writer lock.
/// Errors: Unavailable; then the history in force is the one before.
[[nodiscard]] Result<std::string> replace_history(const std::filesystem::path& project_folder, const Dataset& data, ThreadPool* pool);

}  // namespace shortlist::data
