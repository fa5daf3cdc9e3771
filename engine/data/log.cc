#include "engine/data/log.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "engine/data/catalogue.h"
#include "engine/data/forgetting_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/id_horizon_internal.h"
#include "engine/data/live_records_internal.h"
#include "engine/data/project_lock_internal.h"
#include "engine/data/retention_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

struct Log::State {
    std::optional<ProjectLock> lock;  ///< Absent in a reader. Before `tail`, so that it is let go of last.
    std::filesystem::path folder;
    LogConfig config;
    IdHorizon ids;
    Tail tail;
    std::string epoch = {};
    std::atomic<std::uint64_t> history_events = 0;
    std::atomic<std::uint64_t> first = 0;   ///< Sequence of the first live record.
    std::atomic<std::uint64_t> sealed = 0;  ///< Records before this sequence are in segments, or left the log.
    std::mutex segments = {};               ///< Held while they change, as the next two do then.
    TimeForm time_form = TimeForm::Column;  ///< Of the history, as the next.
    std::optional<EventSpan> history_span = {};  ///< Once it was asked for: a column is read for it.
    std::atomic<TimeUs> newest_live = 0;         ///< When the newest was of the live events whose ids were read, and of those that came since.

    [[nodiscard]] std::uint64_t offset_of(std::uint64_t sequence) const noexcept { return history_events + (sequence - first); }
    /// Of the live record of this offset; the first one for offsets of the history.
    [[nodiscard]] std::uint64_t sequence_at(std::uint64_t offset) const noexcept {
        return first + (offset > history_events ? offset - history_events : 0);
    }
    void apply(const HistoryIds& history);
    Status read_ids();
    Status know_history_span();
    [[nodiscard]] TimeUs newest() const noexcept { return std::max(newest_live.load(), history_span->newest); }
    void remember(std::uint64_t sequence, const EventMark& event);
    std::vector<AppendOutcome> outcomes_with_ids(std::span<const Record> records) const;
    void note_times(std::span<const Record> records);
    void erase_ids(std::span<const Record> records, std::span<const AppendOutcome> outcomes);
    Status append(std::span<const TailBlock> blocks, Tail::Durability durability, std::span<const StreamPosition> positions = {});
};

// The ids of the newest events, from the oldest of them on: of the history, of segments, of the tail.
Status Log::State::read_ids() {
    SHORTLIST_ASSIGN(const auto in_force, load_history_ids(folder, 0));
    apply(in_force);
    SHORTLIST_ASSIGN(const auto segments_there, list_segments(folder, first));
    sealed = segments_there.empty() ? first.load() : segments_there.back().end;
    tail.begin_at(sealed);
    std::uint64_t events = 0;
    auto segment = segments_there.end();
    while (segment != segments_there.begin() && events < config.id_horizon) {
        SHORTLIST_ASSIGN(const auto more, events_in(folder, *--segment));
        events += more;
    }
    SHORTLIST_ASSIGN(const auto history, load_history_ids(folder, events < config.id_horizon ? config.id_horizon - events : 0));
    ids = IdHorizon(config.id_horizon);
    newest_live = 0;
    std::uint64_t offset = history.events - history.newest.size();
    for (const EventId id : history.newest) ids.insert(id, offset++);
    for (; segment != segments_there.end(); ++segment) {
        SHORTLIST_TRY(read_segment_ids(folder, *segment, [this](std::uint64_t sequence, const EventMark& event) { remember(sequence, event); }));
    }
    return tail.read({sealed, tail.end()}, RecordClass::State, [this](std::uint64_t sequence, const Record& record) -> Status {
        if (const auto* event = std::get_if<Event>(&record)) remember(sequence, {event_id_of(*event), event->time});
        return {};
    });
}

void Log::State::apply(const HistoryIds& history) {
    epoch = history.name;
    history_events = history.events;
    first = history.first_sequence;
    time_form = history.time_form;
    history_span.reset();
}

// Requires `segments`.
Status Log::State::know_history_span() {
    if (history_span) return {};
    SHORTLIST_ASSIGN(history_span, load_history_span(folder));
    return {};
}

void Log::State::remember(std::uint64_t sequence, const EventMark& event) {
    ids.insert(event.id, offset_of(sequence));
    newest_live = std::max(newest_live.load(), event.time);
}

std::vector<AppendOutcome> Log::State::outcomes_with_ids(std::span<const Record> records) const {
    std::vector<AppendOutcome> outcomes(records.size());
    for (std::size_t r = 0; r < records.size(); ++r) {
        const auto* event = std::get_if<Event>(&records[r]);
        if (event == nullptr) continue;
        outcomes[r].id = event_id_of(*event);
        ids.prefetch(outcomes[r].id);
    }
    return outcomes;
}

void Log::State::erase_ids(std::span<const Record> records, std::span<const AppendOutcome> outcomes) {
    for (std::size_t r = 0; r < records.size(); ++r) {
        if (!outcomes[r].duplicate && std::holds_alternative<Event>(records[r])) ids.erase(outcomes[r].id);
    }
}

void Log::State::note_times(std::span<const Record> records) {
    TimeUs latest = newest_live;
    for (const auto& record : records) {
        if (const auto* event = std::get_if<Event>(&record)) latest = std::max(latest, event->time);
    }
    newest_live = latest;
}

Status Log::State::append(std::span<const TailBlock> blocks, Tail::Durability durability, std::span<const StreamPosition> positions) {
    const std::uint64_t waiting = tail.end() - sealed;
    if (waiting > kTailRecordsMax) {
        return base::resource_exhausted("the live log holds " + std::to_string(waiting) + " records that are not sealed yet, of at most " +
                                        std::to_string(kTailRecordsMax));
    }
    return tail.append(blocks, durability, positions);
}

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log> Log::open_writer(const std::filesystem::path& project_folder, const LogConfig& config) {
    SHORTLIST_ASSIGN(auto lock, ProjectLock::take(project_folder));
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Write));
    SHORTLIST_TRY(finish_begun_forgetting(project_folder, tail));
    SHORTLIST_TRY(finish_begun_retention(project_folder, tail));
    auto state = std::make_unique<State>(std::move(lock), project_folder, config, IdHorizon(config.id_horizon), std::move(tail));
    SHORTLIST_TRY(state->read_ids());
    SHORTLIST_TRY(state->tail.forget_before(state->sealed));  // what was sealed when the process ended, and not forgotten yet
    return Log(std::move(state));
}

Result<Log> Log::open_reader(const std::filesystem::path& project_folder) {
    // What left the log leaves the tail behind the rename that says so: a tail that was opened before it is whole.
    return read_in_force(project_folder, [&](const std::string&) -> Result<Log> {
        SHORTLIST_ASSIGN(const auto history, load_history_ids(project_folder, 0));
        SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Read));
        tail.begin_at(history.first_sequence);
        auto state = std::make_unique<State>(std::nullopt, project_folder, LogConfig(), IdHorizon(1), std::move(tail));
        state->apply(history);
        return Log(std::move(state));
    });
}

const std::string& Log::epoch() const noexcept { return state_->epoch; }
std::uint64_t Log::tail_begin() const noexcept { return state_->history_events; }
std::uint64_t Log::end() const noexcept { return state_->offset_of(state_->tail.end()); }

Result<std::vector<AppendOutcome>> Log::append(std::span<const Record> records, std::span<const StreamPosition> positions) {
    SHORTLIST_CHECK(state_->lock.has_value());
    auto outcomes = state_->outcomes_with_ids(records);
    std::vector<TailBlock> blocks;
    std::uint64_t next = end();
    bool lists_alone = true;
    for (std::size_t r = 0; r < records.size(); ++r) {
        lists_alone = lists_alone && std::holds_alternative<ServedList>(records[r]);
        const auto known = std::holds_alternative<Event>(records[r]) ? state_->ids.insert(outcomes[r].id, next) : std::nullopt;
        outcomes[r].duplicate = known.has_value();
        outcomes[r].offset = known.value_or(next);
        if (known) continue;
        add_record(records[r], blocks);
        ++next;
    }
    if (blocks.empty() && positions.empty()) return outcomes;
    const auto durability = lists_alone || blocks.empty() ? Tail::Durability::WithTheNext : Tail::Durability::Synced;
    const auto written = state_->append(blocks, durability, positions);
    if (written) {
        state_->note_times(records);
        return outcomes;
    }
    state_->erase_ids(records, outcomes);
    return written.error();
}

Status Log::append_tick(TimeUs time) {
    SHORTLIST_CHECK(state_->lock.has_value());
    std::vector<TailBlock> blocks;
    add_record(Tick{time}, blocks);
    return state_->append(blocks, Tail::Durability::WithTheNext);
}

Result<std::vector<AppendOutcome>> Log::append(std::span<const Event> events) {
    const std::vector<Record> records(events.begin(), events.end());
    return append(std::span<const Record>(records));
}

Result<std::vector<StreamPosition>> Log::positions() const { return state_->tail.positions(); }

Status Log::sync() { return state_->tail.sync(); }

Result<std::uint64_t> Log::seal(std::uint64_t segment_records) {
    SHORTLIST_CHECK(state_->lock.has_value() && segment_records > 0);
    const std::lock_guard segments(state_->segments);
    // What comes meanwhile waits for the next call: writers may be faster than this is.
    const std::uint64_t end = state_->tail.end();
    // A segment must hold nothing that the tail could lose: its number would be given away again.
    if (end - state_->sealed >= segment_records) SHORTLIST_TRY(state_->tail.sync());
    while (end - state_->sealed >= segment_records) {
        const std::uint64_t begin = state_->sealed;
        const Segment segment{begin, begin + segment_records};
        SHORTLIST_TRY(write_segment(state_->folder, segment, [&](RecordClass wanted, const RecordVisit& visit) {
            return state_->tail.read({segment.begin, segment.end}, wanted, visit);
        }));
        state_->sealed = segment.end;
        SHORTLIST_TRY(state_->tail.forget_before(state_->sealed));
    }
    return state_->sealed.load();
}

Result<Forgotten> Log::forget(const UserId& user) {
    SHORTLIST_CHECK(state_->lock.has_value());
    const std::lock_guard segments(state_->segments);
    SHORTLIST_ASSIGN(const auto forgotten, forget_user(state_->folder, user, state_->tail));
    SHORTLIST_TRY(state_->read_ids());
    return forgotten;
}

Result<Compacted> Log::compact(TimeUs age) {
    SHORTLIST_CHECK(state_->lock.has_value());
    const std::lock_guard segments(state_->segments);
    SHORTLIST_TRY(state_->know_history_span());
    SHORTLIST_ASSIGN(const auto gone, let_older_go(state_->folder, state_->tail, state_->newest() - age));
    SHORTLIST_ASSIGN(const auto epoch, current_history(state_->folder));
    if (epoch != state_->epoch) SHORTLIST_TRY(state_->read_ids());
    SHORTLIST_TRY(finish_begun_retention(state_->folder, state_->tail));
    return gone;
}

Result<bool> Log::holds_older(TimeUs age) const {
    SHORTLIST_CHECK(state_->lock.has_value());
    const std::lock_guard segments(state_->segments);
    SHORTLIST_TRY(check_has_times(state_->time_form));
    SHORTLIST_TRY(state_->know_history_span());
    const TimeUs bound = state_->newest() - age;
    if (state_->history_events > 0 && state_->history_span->oldest < bound) return true;
    SHORTLIST_ASSIGN(const auto stays, first_that_stays(state_->folder, state_->tail, state_->first, bound));
    return stays > state_->first;
}

namespace {

// What is in the files is still more than the epoch while a user is being forgotten.
Status read_epoch(const std::filesystem::path& project_folder, const std::string& epoch, const Tail& tail, const LivePart& part,
                  const RecordVisit& visit) {
    SHORTLIST_ASSIGN(const auto seen, without_forgotten(project_folder, epoch, visit));
    return read_live(project_folder, tail, part, seen);
}

}  // namespace

Status Log::read_tail(std::uint64_t from, const std::function<Status(std::uint64_t, const Record&)>& visit) const {
    const auto seen = [&](std::uint64_t sequence, const Record& record) { return visit(state_->offset_of(sequence), record); };
    return read_epoch(state_->folder, state_->epoch, state_->tail, {RecordClass::State, state_->sequence_at(from)}, seen);
}

Status Log::read_lists(std::uint64_t from, const std::function<Status(std::uint64_t, const ServedList&)>& visit) const {
    const auto seen = [&](std::uint64_t sequence, const Record& record) { return visit(state_->offset_of(sequence), std::get<ServedList>(record)); };
    return read_epoch(state_->folder, state_->epoch, state_->tail, {RecordClass::List, state_->sequence_at(from)}, seen);
}

Result<Dataset> load_imported(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(auto history, load_history(project_folder));
    return std::move(history.data);
}

namespace {

Result<Dataset> read_dataset(const std::filesystem::path& project_folder, const std::string& epoch, LiveContext context) {
    SHORTLIST_ASSIGN(auto data, load_imported(project_folder));
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Read));
    tail.begin_at(data.first_sequence);
    data.log_end = data.events.size() + (tail.end() - data.first_sequence);
    const LivePart live{RecordClass::State, data.first_sequence};
    if (context == LiveContext::All) {
        SHORTLIST_TRY(read_epoch(project_folder, epoch, tail, live, [&](std::uint64_t, const Record& record) -> Status {
            const auto* event = std::get_if<Event>(&record);
            if (event == nullptr) return {};
            for (const auto& field : event->context) add_context_field(field.first, data.events);
            return {};
        }));
    }
    SHORTLIST_TRY(read_epoch(project_folder, epoch, tail, live, [&](std::uint64_t, const Record& record) -> Status {
        append_record(record, data);
        return {};
    }));
    apply_changes(data);
    return data;
}

}  // namespace

Result<Dataset> load_dataset(const std::filesystem::path& project_folder, LiveContext context) {
    return read_in_force(project_folder, [&](const std::string& epoch) { return read_dataset(project_folder, epoch, context); });
}

}  // namespace shortlist::data
