#include "engine/data/log.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "engine/data/catalogue.h"
#include "engine/data/event_hash_internal.h"
#include "engine/data/forgetting_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/live_records_internal.h"
#include "engine/data/project_lock_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

struct Log::State {
    std::optional<ProjectLock> lock;  ///< Absent in a reader. Before `tail`, so that it is let go of last.
    std::filesystem::path folder;
    std::string epoch;
    std::atomic<std::uint64_t> history_events = 0;
    EventIdSet history_ids;
    Tail tail;
    std::atomic<std::uint64_t> sealed = 0;  ///< Records in segments.
    std::mutex segments = {};               ///< Held while they change.

    Status read_history_ids() {
        SHORTLIST_ASSIGN(const auto history, load_history_ids(folder, kHistoryIdsMax));
        epoch = history.name;
        history_events = history.events;
        history_ids = EventIdSet(history.newest.size());
        for (const EventId id : history.newest) history_ids.insert(id);
        return {};
    }

    Status append(std::span<const TailEntry> entries, Tail::Durability durability, std::span<const StreamPosition> positions = {}) {
        const std::uint64_t waiting = tail.end() - sealed;
        if (waiting + entries.size() > kTailRecordsMax) {
            return base::resource_exhausted("the live log holds " + std::to_string(waiting) + " records that are not sealed yet, of at most " +
                                            std::to_string(kTailRecordsMax));
        }
        return tail.append(entries, durability, positions);
    }
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log> Log::open_writer(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(auto lock, ProjectLock::take(project_folder));
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Write));
    SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder));
    const std::uint64_t sealed = segments.empty() ? 0 : segments.back().end;
    tail.begin_at(sealed);
    SHORTLIST_TRY(finish_begun_forgetting(project_folder, tail));
    SHORTLIST_TRY(tail.forget_before(sealed));  // what was sealed when the process ended, and not forgotten yet
    auto state = std::make_unique<State>(std::move(lock), project_folder, "", 0, EventIdSet(), std::move(tail), sealed);
    SHORTLIST_TRY(state->read_history_ids());
    return Log(std::move(state));
}

Result<Log> Log::open_reader(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(const auto history, load_history_ids(project_folder, 0));
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Read));
    return Log(std::make_unique<State>(std::nullopt, project_folder, history.name, history.events, EventIdSet(), std::move(tail), 0));
}

const std::string& Log::epoch() const noexcept { return state_->epoch; }
std::uint64_t Log::tail_begin() const noexcept { return state_->history_events; }
std::uint64_t Log::end() const noexcept { return state_->history_events + state_->tail.end(); }

Result<std::vector<AppendOutcome>> Log::append(std::span<const Record> records, std::span<const StreamPosition> positions) {
    SHORTLIST_CHECK(state_->lock.has_value());
    std::vector<AppendOutcome> outcomes;
    std::vector<TailEntry> entries;
    std::map<EventId, std::uint64_t> fresh;
    for (const auto& record : records) {
        AppendOutcome outcome;
        outcome.offset = end() + entries.size();
        TailEntry entry;
        if (const auto* event = std::get_if<Event>(&record)) {
            outcome.id = event_id_of(*event);
            entry.id = outcome.id;
            SHORTLIST_ASSIGN(const auto earlier, state_->tail.find(outcome.id));
            const auto [place, is_fresh] = fresh.try_emplace(outcome.id, outcome.offset);
            outcome.duplicate = !is_fresh || earlier || state_->history_ids.contains(outcome.id);
            outcome.offset = earlier ? tail_begin() + *earlier : place->second;
        }
        outcomes.push_back(outcome);
        if (outcome.duplicate) continue;
        encode_record(record, entry.bytes);
        entries.push_back(std::move(entry));
    }
    const bool lists_alone = std::ranges::all_of(records, [](const Record& record) { return std::holds_alternative<ServedList>(record); });
    const auto durability = lists_alone || entries.empty() ? Tail::Durability::WithTheNext : Tail::Durability::Synced;
    if (!entries.empty() || !positions.empty()) SHORTLIST_TRY(state_->append(entries, durability, positions));
    return outcomes;
}

Status Log::append_tick(TimeUs time) {
    SHORTLIST_CHECK(state_->lock.has_value());
    TailEntry entry;
    encode_record(Tick{time}, entry.bytes);
    return state_->append(std::span(&entry, 1), Tail::Durability::WithTheNext);
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
    SHORTLIST_TRY(state_->read_history_ids());
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
