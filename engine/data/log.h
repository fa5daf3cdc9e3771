/// The log of a project: what was imported (history), then what arrived live (sealed segments, and a tail), in order of offsets.
///
/// In the project's folder:
///     log/CURRENT            name of the history in force, replaced by one rename
///     log/history-<digest>/  sealed: manifest.json, events.parquet (by time, then event id), items.parquet, users.parquet, context.parquet
///     log/tail/              RocksDB: records by sequence; each append is one synced write
///     log/segments/          records that were sealed and left the tail (engine/data/segment_internal.h)
///     log/forget.intent      only while a user is being forgotten: the history of before, and their id
///     log/compact.intent     only while what is old leaves
///     log/writer.lock        held and signed with its process id by the one writer
/// The offset of a live record is the number of history events plus its place among the live records. An import that changes the history starts a
/// new epoch, as do forget() and compact(): offsets of before mean nothing in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/dataset.h"
#include "engine/data/log_config.h"
#include "engine/data/record.h"
#include "engine/data/stream_position.h"

namespace shortlist::data {

struct AppendOutcome {
    EventId id;                ///< Of an event; zero for an upsert.
    std::uint64_t offset = 0;  ///< Where the record is, or, of a duplicate, where the first one is.
    bool duplicate = false;    ///< An event of this id came before: nothing was written.
};

/// What there was of a user who was forgotten.
struct Forgotten {
    std::uint64_t imported_events = 0;
    std::uint64_t live_events = 0;
    std::uint64_t updates = 0;  ///< Live records of the user's attributes.
    std::uint64_t lists = 0;    ///< Lists that were served to them.
};

/// What left a log because it was old.
struct Compacted {
    std::uint64_t imported_events = 0;
    std::uint64_t live_events = 0;
    std::uint64_t lists = 0;  ///< Lists that were served.
};

/// Records that may wait in the tail to be sealed; append() answers ResourceExhausted past it.
inline constexpr std::uint64_t kTailRecordsMax = 200'000'000;
/// Records of a segment.
inline constexpr std::uint64_t kSegmentRecords = 200'000;

/// One writer a project; a reader sees what was there when it opened. append() by one thread at a time; reads by any, also during it.
class Log {
public:
    /// Opens for writing, creating an empty log where there is none. Cost: reads the ids of the newest `config.id_horizon` events.
    /// Errors: FailedPrecondition naming the process that holds the project; DataLoss; Unavailable (disk).
    [[nodiscard]] static Result<Log> open_writer(const std::filesystem::path& project_folder, const LogConfig& config = {});
    /// Opens for reading, also while another process writes. Errors: as above, without the lock.
    [[nodiscard]] static Result<Log> open_reader(const std::filesystem::path& project_folder);

    Log(Log&&) noexcept;
    Log& operator=(Log&&) noexcept;
    ~Log();

    /// Name of the history in force; empty before the first import. Offsets are comparable only within one epoch.
    [[nodiscard]] const std::string& epoch() const noexcept;
    /// Offset of the first tail record.
    [[nodiscard]] std::uint64_t tail_begin() const noexcept;
    /// One past the last offset.
    [[nodiscard]] std::uint64_t end() const noexcept;

    /// Writes the records in order with one synced write; when it returns they survive the loss of power. Served lists alone are not synced:
    /// they survive the end of the process, and the loss of power from the next synced write on. Events whose id is known
    /// (among the newest `id_horizon` ones of the log, or earlier in `records`) are duplicates and are not written. The caller has validated them
    /// (validate_event, validate_upsert). `positions` are written in the same write: after a crash the log holds both or neither. Without a record to
    /// write they are not waited for. Errors: Unavailable (disk), ResourceExhausted (kTailRecordsMax); then none of them is written.
    [[nodiscard]] Result<std::vector<AppendOutcome>> append(std::span<const Record> records, std::span<const StreamPosition> positions = {});
    [[nodiscard]] Result<std::vector<AppendOutcome>> append(std::span<const Event> events);
    /// Writes a tick without waiting for the disk: it survives the loss of power from the next append() on, before which nobody
    /// was told anything that depends on it. Errors: as append().
    [[nodiscard]] Status append_tick(TimeUs time);

    /// Where each stream stands that was consumed into this log. Errors: Unavailable, DataLoss.
    [[nodiscard]] Result<std::vector<StreamPosition>> positions() const;

    /// Returns when all that was written survives the loss of power. Errors: Unavailable.
    [[nodiscard]] Status sync();

    /// Moves the records that the tail has now to segments of `segment_records` each, as long as there are so many. By one thread at a time;
    /// appends and reads go on meanwhile. Returns how many records are sealed in all. Errors: Unavailable; then the tail has what no segment has.
    [[nodiscard]] Result<std::uint64_t> seal(std::uint64_t segment_records = kSegmentRecords);

    /// Takes a user out of everything that the project's folder holds beside bundles, which hold no users, and files that others put there:
    /// history, segments, tail; `quarantine/` and `state/` are removed. A live record's place is taken by a
    /// Removed, and a new epoch begins. When it returns, no file holds the id, and the user, come back, is new.
    /// A process that dies meanwhile leaves an intent, and the next open_writer() does the rest. By one thread; nobody appends meanwhile,
    /// seal() waits. Cost: reads the whole log, writes what named the user and all of the tail.
    /// Errors: NotFound where nothing names the user; Unavailable, DataLoss: then it is begun, and the next open_writer() tries again.
    [[nodiscard]] Result<Forgotten> forget(const UserId& user);

    /// Lets what is older than `age` before the newest event leave the log: events of the history; of the live log the records at its beginning,
    /// whatever they are, up to the first of later, and of segments whole ones. What they said of items and users stays in force, and users of
    /// whom there is nothing else go. `state/` is removed, and a new epoch begins; where nothing is old, nothing changes. An event that left is known
    /// no more: posted again it is stored, and leaves with the next who calls this. A process that dies meanwhile leaves the log of before or of
    /// after; of what it did not remove the next open_writer() does the rest. By one thread; nobody appends meanwhile, seal() waits. Cost: reads what
    /// goes, writes the history and all of the tail.
    /// Errors: FailedPrecondition where events have no times; Unavailable, DataLoss: then epoch() says whether it is done, but for the removing.
    [[nodiscard]] Result<Compacted> compact(TimeUs age);
    /// True where compact(age) would let something go. By any thread, also during append(); seal() waits. Cost: reads what would go, and a segment
    /// more. Errors: as compact().
    [[nodiscard]] Result<bool> holds_older(TimeUs age) const;

    /// Calls `visit` for each live record that changes what requests see, sealed or not, with offset >= from, in order; stops at its first
    /// error and returns it.
    [[nodiscard]] Status read_tail(std::uint64_t from, const std::function<Status(std::uint64_t offset, const Record& record)>& visit) const;
    /// The same for the lists that were served. Cost: reads over the records of the tail, and of segments nothing but their lists.
    [[nodiscard]] Status read_lists(std::uint64_t from, const std::function<Status(std::uint64_t offset, const ServedList& list)>& visit) const;

private:
    struct State;
    explicit Log(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Which context fields of live events a data set keeps.
enum class LiveContext {
    AsImported,  ///< Those that imported events have: what models know.
    All,
};

/// Catalogue, history and tail of a project as of now, in offset order, without the lists that were served; also while another process writes. Before
/// the first import and with an empty tail, an empty data set. Errors: DataLoss, naming the file that is not what was written. Cost: below half a
/// second for a million events.
[[nodiscard]] Result<Dataset> load_dataset(const std::filesystem::path& project_folder, LiveContext context = LiveContext::AsImported);
/// The part of it that was imported, with the catalogue of that time, and behind it the changes of live records that left. Errors: as load_dataset().
[[nodiscard]] Result<Dataset> load_imported(const std::filesystem::path& project_folder);

}  // namespace shortlist::data
