/// Taking one user out of a log, file by file. Private to engine/data; Log::forget() says what it is for.
///
/// A durable intent (log/forget.intent: the history of before, a line end, the user's id) comes first, and goes last: whoever writes the log next
/// finds it and does the rest again, and whoever reads it once the new history is in force passes over what files hold of the user still. So every
/// epoch is one log. Every step may be done twice. Steps, in order:
///     state/           emptied: snapshots can be made again, and none of before may be used
///     quarantine/      removed: its lines tell of rows, not of whom they are
///     log/history-*    a new one without the user, put in force by one rename; the old one removed
///     log/tail         records, in one write; then all is compacted, so that no file holds what was there
///     log/segments     each that names the user is written again as a new generation, put in force by one rename; the old one removed
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/data/log.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

/// `visit`, or where a user is being taken out of the log, and `epoch` is that of without them: one that sees of their records what stays.
/// Errors: Unavailable, DataLoss.
[[nodiscard]] Result<RecordVisit> without_forgotten(const std::filesystem::path& project_folder, std::string_view epoch, RecordVisit visit);

/// Takes the user out, intent first. The caller holds the writer lock, is the only one who seals, and nobody appends.
/// Errors: NotFound where nothing names the user: then nothing was changed. Unavailable, DataLoss: then the intent stays.
[[nodiscard]] Result<Forgotten> forget_user(const std::filesystem::path& project_folder, const UserId& user, Tail& tail);
/// Does the rest where a forgetting was begun and not ended; else nothing. The caller holds the writer lock.
/// Errors: Unavailable, DataLoss: then the intent stays.
[[nodiscard]] Status finish_begun_forgetting(const std::filesystem::path& project_folder, Tail& tail);
/// The same where nobody has the tail open for writing.
[[nodiscard]] Status finish_begun_forgetting(const std::filesystem::path& project_folder);

}  // namespace shortlist::data
