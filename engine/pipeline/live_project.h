/// A project as it lives: catalogue, log, fold and the bundle in force, behind one object that a server calls.
///
/// What is written together forms a group, which a thread of its own takes to the log (engine/base/group_commit.h).
/// Locks, in the order they are taken: `writing_` (one writer: append, then fold), `state_` (fold and catalogue: shared by
/// requests, exclusive for the microseconds in which some events are applied). The log is written before anything changes in memory;
/// what a clock changes (a tick) is a record, too. So whoever reads the log has the state of whoever wrote it, bit for bit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/fair_shared_mutex.h"
#include "engine/base/group_commit.h"
#include "engine/base/result.h"
#include "engine/data/log.h"
#include "engine/pipeline/impressions.h"
#include "engine/pipeline/live_slate.h"
#include "engine/pipeline/recommender.h"
#include "engine/pipeline/shared_users.h"
#include "engine/pipeline/snapshots.h"

namespace shortlist::pipeline {

/// Which time requests are answered at.
enum class ServeTime {
    Clock,  ///< The clock's.
    Log,    ///< That of the newest event: for a history that ended long ago.
    Auto,   ///< The clock's while the newest event is less than a day old, else the log's.
};

struct LiveOptions {
    ServeTime time = ServeTime::Auto;
    TimeUs max_clock_skew = 5 * kMinuteUs;
    bool read_only = false;  ///< Sees the project as it is now and writes nothing, also while another process writes it.
    bool use_snapshot = true;  ///< False folds the whole log.
    std::uint64_t snapshot_records = 200'000;  ///< A snapshot is taken when the log has grown by so many, and at the end.
    data::LogConfig log = {};
    std::uint64_t segment_records = data::kSegmentRecords;  ///< Then, too, records are sealed in segments of so many.
    std::size_t user_bytes = 0;  ///< Memory for users' own state; who did nothing for longest goes to the disk. 0: all stay in memory.
    /// Opens the store of states of this layout that servers share; null: none is shared.
    std::function<std::unique_ptr<store::UserStore>(const std::string& layout)> shared_users = {};
    /// Hears of each list once it is in the log. One thread at a time.
    std::function<void(const data::ServedList& list)> list_logged = {};
    ImpressionsConfig impressions = {};  ///< A project opened for reading logs none.
    std::function<void(const std::string& line)> warn = {};  ///< Hears of what went wrong and hurts nobody. Any thread may call it.
};

/// What became of one record.
struct Stored {
    Status status;           ///< Why it was refused.
    bool duplicate = false;  ///< It was there already, and nothing was written.
    std::uint64_t offset = 0;
};

/// Hears what became of the records of one call, in their order, or why none of them was stored.
using StoreDone = std::function<void(Result<std::vector<Stored>> stored)>;

class LiveProject {
public:
    /// Opens the log for writing, loads the bundle in force, and folds the log: the whole of it, or what lies behind a snapshot. clock
    /// must outlive it.
    /// What is older than `log.keep` leaves the log before, where there is enough of it.
    /// Errors: FailedPrecondition (another process writes the project; no bundle yet: run train), DataLoss.
    static Result<std::unique_ptr<LiveProject>> open(const std::filesystem::path& folder, const base::Clock& clock, LiveOptions options);
    /// Logs the lists that wait, and takes a snapshot where anything was written since the last one.
    ~LiveProject();

    /// Any thread. Errors: InvalidArgument (surface). An unknown user is a newcomer; unknown excluded items and candidates are left out.
    Result<LiveSlate> recommend(const LiveRequest& request);
    /// Items like `item`. Errors: NotFound.
    Result<LiveSlate> similar(const std::string& item, std::size_t count);

    /// Validates, appends and syncs, folds, and only then calls `done`, on the thread that writes, which must not wait there, or on this one
    /// where nothing is to be written. An event without a time happens now. Any thread; what comes together shares one write. Errors, for
    /// `done`: Unavailable, ResourceExhausted, FailedPrecondition (read only): then nothing was stored.
    void submit(std::vector<data::Record> records, StoreDone done);
    /// The same, and return when it is done.
    Result<std::vector<Stored>> add_events(std::vector<data::Event> events);
    Result<std::vector<Stored>> upsert_items(std::vector<data::Upsert> upserts);
    Result<std::vector<Stored>> upsert_users(std::vector<data::Upsert> upserts);

    /// What a stream brought, in its order, and where it stands once that is in the log: both survive a crash, or neither. Ticks that have
    /// passed are left out. Returns how many events were known. Any thread; writers share writes. Errors: as add_events(), and those of
    /// check(); then nothing was stored.
    Result<std::size_t> take_stream(std::vector<data::Record> records, std::vector<data::StreamPosition> positions);
    /// Where each stream stands.
    Result<std::vector<data::StreamPosition>> positions() const { return log_.positions(); }
    /// Why a record would be refused.
    [[nodiscard]] Status check(const data::Record& record) const;
    /// The clock lets no tick past this time pass: a stream has not come as far. features::kTimeMax: all may.
    void hold_ticks(TimeUs latest) noexcept { latest_tick_ = latest; }

    /// Takes a user out of the log and everything made of it (data::Log::forget()), folds what is left and puts it in place between two
    /// requests; from then on the user is a newcomer. Writers wait meanwhile, requests are answered from the state of before. Any thread.
    /// Cost: that of a restart without a snapshot, and a snapshot.
    /// Errors: NotFound; Unavailable, DataLoss: then it is begun, and the next open() does the rest.
    Result<data::Forgotten> forget(const std::string& user);

    /// Loads the bundle in force, if it is another, folds the log anew for it, and puts it in place between two requests. The
    /// old one goes on serving until then, and on any error. Returns the name of the bundle that serves.
    Result<std::string> reload();

    struct Facts {
        std::string bundle;
        std::uint64_t events = 0, items = 0, users = 0;
        features::StateBytes state;
        bool shares_users = false;
        SharedUsers::Counts shared;  ///< Of events on their way to other servers.
        TimeUs newest_event = 0;
        double seconds_to_ready = 0;
        std::uint64_t restored = 0;  ///< Offset of the snapshot that it began with; 0 without one.
        std::uint64_t offset = 0;    ///< Requests see the records before it.
        ImpressionQueue::Counts impressions;
        TimeUs tick = 0;  ///< Event time between ticks.
        std::string surface;  ///< The one that answers where a request names none.
    };
    [[nodiscard]] Facts facts() const;
    /// Equal for the same log and bundle, whatever process folded it, and when: see LogState::digest().
    [[nodiscard]] std::string state_digest() const;

private:
    struct Serving;
    /// Records that a caller wants written, and who hears of it.
    struct Write {
        std::vector<data::Record> records;
        std::vector<data::StreamPosition> positions;
        std::vector<Stored> answers;      ///< One for each record of the call; that of a record which is written is still to be filled in.
        std::vector<std::size_t> places;  ///< In `answers`, of each of `records`.
        StoreDone done;
    };
    LiveProject(std::filesystem::path folder, const base::Clock& clock, LiveOptions options, data::Log log);

    [[nodiscard]] Result<std::shared_ptr<Serving>> load_bundle() const;
    [[nodiscard]] Result<Snapshot> find_snapshot(const data::Bundle& bundle, const features::UserBound& bound) const;
    [[nodiscard]] bool holds_much_that_is_old() const;
    [[nodiscard]] Status take_up_log();
    void compact_log();
    [[nodiscard]] bool let_older_go();
    void warn(const std::string& line) const;
    void start_threads();
    void take_snapshot();
    void write_snapshot();
    [[nodiscard]] TimeUs request_time() const;
    void pass_ticks();
    void change(Serving& serving, const std::function<void(LogState& state)>& use);
    [[nodiscard]] Status look_up_shared(const std::string& user);
    void share(std::span<const data::Record> records, std::span<const data::AppendOutcome> outcomes);
    void settle(Serving& serving, std::span<const std::string> users);
    void share_in_background();
    void commit(std::vector<Write>& writes);
    [[nodiscard]] Status write_all(std::vector<Write>& writes);
    void fold(std::span<const data::Record> records, std::span<const data::AppendOutcome> outcomes);
    [[nodiscard]] Status write_lists(std::vector<data::Record> lists);
    [[nodiscard]] bool log_list(const LiveRequest& question, const LiveSlate& slate, data::ServedList list);
    void submit(std::vector<data::Record> records, std::vector<data::StreamPosition> positions, StoreDone done);
    [[nodiscard]] Result<std::vector<Stored>> store(std::vector<data::Record> records, std::vector<data::StreamPosition> positions = {});
    std::unique_ptr<Scratch> take_scratch();
    void give_scratch(std::unique_ptr<Scratch> scratch);

    std::filesystem::path folder_;
    const base::Clock& clock_;
    LiveOptions options_;
    double seconds_to_ready_ = 0;

    std::mutex writing_;
    data::Log log_;
    std::atomic<TimeUs> latest_tick_ = features::kTimeMax;
    mutable base::FairSharedMutex state_;
    std::shared_ptr<Serving> serving_;

    std::mutex scratches_mutex_;
    std::vector<std::unique_ptr<Scratch>> scratches_;

    std::mutex snapshots_mutex_;
    std::condition_variable snapshots_wanted_;
    bool closing_ = false;
    std::atomic<std::uint64_t> snapshot_end_ = 0;  // offset of the newest snapshot
    std::thread snapshots_;  // seals segments, and lets what is old leave the log
    std::atomic<bool> sharing_fails_ = false;
    std::condition_variable sharing_wanted_;
    std::thread sharing_;  // tries again what could not be shared

    std::optional<base::GroupCommit<Write>> writes_;  // empty in a project that is open for reading
    std::unique_ptr<ImpressionQueue> impressions_;    // null where no list is logged
};

}  // namespace shortlist::pipeline
