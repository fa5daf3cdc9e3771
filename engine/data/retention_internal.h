/// What is old leaves a log. Private to engine/data; Log::compact() says what it is for.
///
/// Out of the history go the events of before a bound, and users of whom nothing is left. Of the live log goes a run of records at its beginning, up
/// to the first event, tick or list of the bound or later; a segment goes whole or stays. What the run says of items and users stays: as changes
/// behind the history's events, one an entity (log/history-*/changes.state), and items keep their rows.
///
/// A new history says where the live log begins, and is put in force by one rename: before it the log is that of before, behind it that of after.
/// A durable intent (log/compact.intent) comes first, and goes last: whoever writes the log next finds it and does the rest again, which may be
/// done twice:
///     log/history-*    those that are not in force are removed
///     state/           emptied: snapshots are of the log of before
///     log/segments     those that lie before the beginning are removed
///     log/tail         the same with records; then all is compacted, so that no file holds what was there
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"
#include "engine/data/log.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// Errors: FailedPrecondition, for a log whose events have no times cannot be cut by one.
[[nodiscard]] Status check_has_times(TimeForm form);

/// Sequence of the first live record that stays where what is older than `bound` goes; `first` is that of the first record there is, and
/// the answer where nothing goes. Errors: DataLoss, Unavailable. Cost: reads what goes, and a segment more.
[[nodiscard]] Result<std::uint64_t> first_that_stays(const std::filesystem::path& project_folder, const Tail& tail, std::uint64_t first,
                                                     TimeUs bound);

/// Writes the intent, and puts a history in force that what is older than `bound` has left; finish_begun_retention() does the rest. The caller
/// holds the writer lock, is the only one who seals, and nobody appends.
/// Errors: FailedPrecondition (no times), DataLoss, Unavailable; then the log is that of before.
[[nodiscard]] Result<Compacted> let_older_go(const std::filesystem::path& project_folder, const Tail& tail, TimeUs bound);

/// Does the rest where there is an intent; else nothing. The caller holds the writer lock. Errors: Unavailable, DataLoss: then the intent stays.
[[nodiscard]] Status finish_begun_retention(const std::filesystem::path& project_folder, Tail& tail);
/// The same where nobody has the tail open for writing.
[[nodiscard]] Status finish_begun_retention(const std::filesystem::path& project_folder);

}  // namespace shortlist::data
