#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/data/catalogue.h"
#include "engine/data/dataset.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/live_records_internal.h"
#include "engine/data/retention_internal.h"
#include "engine/data/segment_internal.h"

namespace shortlist::data {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIntent = "compact.intent";
constexpr std::string_view kStateFolder = "state";
/// Records of the tail that are read before it is asked whether one of them stays.
constexpr std::uint64_t kTailStep = 4096;
constexpr std::uint64_t kNone = ~std::uint64_t{0};

bool is_begun(const fs::path& project_folder) {
    std::error_code code;
    return fs::exists(log_folder(project_folder) / kIntent, code);
}

/// When what a record tells of happened; nothing where it does not say.
std::optional<TimeUs> time_of(const Record& record) {
    if (const auto* event = std::get_if<Event>(&record)) return event->time;
    if (const auto* tick = std::get_if<Tick>(&record)) return tick->time;
    if (const auto* list = std::get_if<ServedList>(&record)) return list->time;
    return std::nullopt;
}

/// Many upserts as few: one an entity, with the value that each attribute took last. Applied to the table that they all were for, they give
/// the table that all of them give.
class MergedUpserts {
public:
    explicit MergedUpserts(const EntityTable& table) : table_(table), editor_(table_) {}

    void take(const Upsert& upsert) {
        const std::uint32_t row = editor_.add(upsert.id);
        const std::uint32_t place = ids_.add(upsert.id);
        if (place == merged_.size()) merged_.push_back({upsert.id, {}});
        auto& attributes = merged_[place].attributes;
        for (const auto& attribute : upsert.attributes) {
            if (!is_taken(row, attribute)) continue;
            const auto former = std::ranges::find(attributes, attribute.first, [](const auto& one) { return one.first; });
            former == attributes.end() ? attributes.push_back(attribute) : void(*former = attribute);
        }
    }
    /// In the order in which their entities came first.
    [[nodiscard]] const std::vector<Upsert>& merged() const noexcept { return merged_; }

private:
    /// False where the table leaves the value out, as one of another type: then the one of before counts. An attribute that the table does not
    /// have may get a place there, once the project file names it.
    bool is_taken(std::uint32_t row, const std::pair<std::string, AttributeValue>& attribute) {
        for (std::size_t a = 0; a < table_.attributes.size(); ++a) {
            if (table_.attributes[a].name == attribute.first) return editor_.set(row, a, attribute.second);
        }
        return true;
    }

    EntityTable table_;
    EntityEditor editor_;
    Dictionary ids_;
    std::vector<Upsert> merged_;
};

/// Puts what the live records before `end` say of items and users behind the history's events; counts what else they were.
Status take_over(const fs::path& project_folder, const Tail& tail, std::uint64_t end, Dataset& history, Compacted& gone) {
    MergedUpserts items(history.items);
    MergedUpserts users(history.users);
    const auto take = [&](const Record& record) {
        if (const auto* item = std::get_if<ItemUpsert>(&record)) items.take(*item);
        if (const auto* user = std::get_if<UserUpsert>(&record)) users.take(*user);
    };
    for (const auto& change : history.changes) take(change.record);
    const std::uint64_t begin = history.first_sequence;
    SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::State, begin, end}, [&](std::uint64_t, const Record& record) -> Status {
        add_ids(record, history);
        take(record);
        gone.live_events += std::holds_alternative<Event>(record) ? 1 : 0;
        return {};
    }));
    SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::List, begin, end}, [&](std::uint64_t, const Record&) -> Status {
        ++gone.lists;
        return {};
    }));
    history.changes.clear();
    const std::size_t events = history.events.size();
    for (const auto& item : items.merged()) history.changes.push_back({events, ItemUpsert{item}});
    for (const auto& user : users.merged()) {
        if (!user.attributes.empty()) history.changes.push_back({events, UserUpsert{user}});
    }
    history.first_sequence = end;
    return {};
}

}  // namespace

Status check_has_times(TimeForm form) {
    if (form == TimeForm::Column) return {};
    return base::failed_precondition("log.keep: what is older leaves, but the events have no times (data.events.columns.time names no column)");
}

Result<std::uint64_t> first_that_stays(const fs::path& project_folder, const Tail& tail, std::uint64_t first, TimeUs bound) {
    SHORTLIST_ASSIGN(auto parts, list_segments(project_folder, first));
    const std::uint64_t sealed = parts.empty() ? first : parts.back().end;
    const std::uint64_t end = tail.end();
    for (std::uint64_t begin = sealed; begin < end; begin += kTailStep) parts.push_back({begin, std::min(begin + kTailStep, end)});
    std::uint64_t old = kNone;    // the first record from before the bound,
    std::uint64_t young = kNone;  // and the first that is not
    const auto look = [&](std::uint64_t sequence, const Record& record) -> Status {
        const auto time = time_of(record);
        if (!time) return {};
        std::uint64_t& first_such = *time < bound ? old : young;
        first_such = std::min(first_such, sequence);
        return {};
    };
    std::uint64_t cut = first;
    for (const auto& part : parts) {
        const bool is_segment = part.begin < sealed;
        SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::State, part.begin, part.end}, look));
        // Lists are long, and of a segment that stays they need not be read.
        if (!is_segment || young == kNone) SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::List, part.begin, part.end}, look));
        cut = part.end;
        if (young == kNone) continue;
        cut = is_segment ? part.begin : young;
        break;
    }
    return old < cut ? cut : first;
}

Result<Compacted> let_older_go(const fs::path& project_folder, const Tail& tail, TimeUs bound) {
    SHORTLIST_ASSIGN(auto history, load_history(project_folder));
    SHORTLIST_TRY(check_has_times(history.data.time_form));
    Compacted gone;
    const std::uint64_t first = history.data.first_sequence;
    SHORTLIST_ASSIGN(const auto stays, first_that_stays(project_folder, tail, first, bound));
    if (stays > first) SHORTLIST_TRY(take_over(project_folder, tail, stays, history.data, gone));
    gone.imported_events = remove_older(bound, history.data);
    if (stays == first && gone.imported_events == 0) return gone;
    SHORTLIST_TRY(replace_file(log_folder(project_folder) / kIntent, ""));
    SHORTLIST_TRY(replace_history(project_folder, history.data, nullptr));
    return gone;
}

Status finish_begun_retention(const fs::path& project_folder, Tail& tail) {
    if (!is_begun(project_folder)) return {};
    SHORTLIST_TRY(remove_other_histories(project_folder));
    SHORTLIST_ASSIGN(const auto history, load_history_ids(project_folder, 0));
    SHORTLIST_TRY(remove_folder(project_folder / kStateFolder));
    SHORTLIST_TRY(remove_old_segments(project_folder, history.first_sequence));
    SHORTLIST_TRY(tail.rewrite(history.first_sequence, [](const Record&) { return std::optional<Record>(); }));
    return remove_file_synced(log_folder(project_folder) / kIntent);
}

Status finish_begun_retention(const fs::path& project_folder) {
    if (!is_begun(project_folder)) return {};
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Write));
    return finish_begun_retention(project_folder, tail);
}

}  // namespace shortlist::data
