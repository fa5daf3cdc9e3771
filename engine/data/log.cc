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
#include "engine/data/segment_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

struct Log::State {
    std::optional<ProjectLock> lock;  ///< Absent in a reader. Before `tail`, so that it is let go of last.
    std::filesystem::path folder;
    LogConfig config;
    std::string epoch;
    std::atomic<std::uint64_t> history_events = 0;
    IdHorizon ids;
    Tail tail;
    std::atomic<std::uint64_t> sealed = 0;  ///< Records in segments.
    std::mutex segments = {};               ///< Held while they change.

    Status read_ids();
    std::vector<AppendOutcome> outcomes_with_ids(std::span<const Record> records) const;
    void erase_ids(std::span<const Record> records, std::span<const AppendOutcome> outcomes);
    Status append(std::span<const TailBlock> blocks, Tail::Durability durability, std::span<const StreamPosition> positions = {});
};

// The ids of the newest events, from the oldest of them on: of the history, of segments, of the tail.
Status Log::State::read_ids() {
    SHORTLIST_ASSIGN(const auto segments_there, list_segments(folder));
    std::uint64_t events = 0;
    auto first = segments_there.end();
    while (first != segments_there.begin() && events < config.id_horizon) {
        SHORTLIST_ASSIGN(const auto more, events_in(folder, *--first));
        events += more;
    }
    SHORTLIST_ASSIGN(const auto history, load_history_ids(folder, events < config.id_horizon ? config.id_horizon - events : 0));
    epoch = history.name;
    history_events = history.events;
    ids = IdHorizon(config.id_horizon);
    std::uint64_t offset = history.events - history.newest.size();
    for (const EventId id : history.newest) ids.insert(id, offset++);
    for (; first != segments_there.end(); ++first) {
        SHORTLIST_TRY(read_segment_ids(folder, *first, [this](std::uint64_t sequence, EventId id) { ids.insert(id, history_events + sequence); }));
    }
    return tail.read({sealed, tail.end()}, RecordClass::State, [this](std::uint64_t sequence, const Record& record) -> Status {
        if (const auto* event = std::get_if<Event>(&record)) ids.insert(event_id_of(*event), history_events + sequence);
        return {};
    });
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
    SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder));
    const std::uint64_t sealed = segments.empty() ? 0 : segments.back().end;
    tail.begin_at(sealed);
    SHORTLIST_TRY(finish_begun_forgetting(project_folder, tail));
    SHORTLIST_TRY(tail.forget_before(sealed));  // what was sealed when the process ended, and not forgotten yet
    auto state = std::make_unique<State>(std::move(lock), project_folder, config, "", 0, IdHorizon(config.id_horizon), std::move(tail), sealed);
    SHORTLIST_TRY(state->read_ids());
    return Log(std::move(state));
}

Result<Log> Log::open_reader(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(const auto history, load_history_ids(project_folder, 0));
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Read));
    return Log(std::make_unique<State>(std::nullopt, project_folder, LogConfig(), history.name, history.events, IdHorizon(1), std::move(tail), 0));
}

const std::string& Log::epoch() const noexcept { return state_->epoch; }
std::uint64_t Log::tail_begin() const noexcept { return state_->history_events; }
std::uint64_t Log::end() const noexcept { return state_->history_events + state_->tail.end(); }

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
    if (written) return outcomes;
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
    // A segment must hold nothing that the tail could lose: its number would be given away again.
    if (state_->tail.end() - state_->sealed >= segment_records) SHORTLIST_TRY(state_->tail.sync());
    while (state_->tail.end() - state_->sealed >= segment_records) {
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

Status Log::read_tail(std::uint64_t from, const std::function<Status(std::uint64_t, const Record&)>& visit) const {
    const std::uint64_t begin = tail_begin();
    return read_live(state_->folder, state_->tail, {RecordClass::State, from > begin ? from - begin : 0},
                     [&](std::uint64_t sequence, const Record& record) { return visit(begin + sequence, record); });
}

Status Log::read_lists(std::uint64_t from, const std::function<Status(std::uint64_t, const ServedList&)>& visit) const {
    const std::uint64_t begin = tail_begin();
    return read_live(state_->folder, state_->tail, {RecordClass::List, from > begin ? from - begin : 0},
                     [&](std::uint64_t sequence, const Record& record) { return visit(begin + sequence, std::get<ServedList>(record)); });
}

Result<Dataset> load_imported(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(auto history, load_history(project_folder));
    return std::move(history.data);
}

Result<Dataset> load_dataset(const std::filesystem::path& project_folder, LiveContext context) {
    SHORTLIST_ASSIGN(auto data, load_imported(project_folder));
    SHORTLIST_ASSIGN(const auto tail, Tail::open(project_folder, Tail::Access::Read));
    data.log_end = data.events.size() + tail.end();
    if (context == LiveContext::All) {
        SHORTLIST_TRY(read_live(project_folder, tail, {}, [&](std::uint64_t, const Record& record) -> Status {
            const auto* event = std::get_if<Event>(&record);
            if (event == nullptr) return {};
            for (const auto& field : event->context) add_context_field(field.first, data.events);
            return {};
        }));
    }
    SHORTLIST_TRY(read_live(project_folder, tail, {}, [&](std::uint64_t, const Record& record) -> Status {
        append_record(record, data);
        return {};
    }));
    apply_changes(data);
    return data;
}

}  // namespace shortlist::data
