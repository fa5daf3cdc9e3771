#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/dataset.h"
#include "engine/data/files_internal.h"
#include "engine/data/forgetting_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/live_records_internal.h"
#include "engine/data/segment_internal.h"

namespace shortlist::data {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIntent = "forget.intent";
constexpr std::string_view kStateFolder = "state";
constexpr std::string_view kQuarantineFolder = "quarantine";

bool is_of(const Record& record, const UserId& user) {
    if (const auto* event = std::get_if<Event>(&record)) return event->user == user;
    if (const auto* list = std::get_if<ServedList>(&record)) return list->request.user == user;
    const auto* upsert = std::get_if<UserUpsert>(&record);
    return upsert != nullptr && upsert->id == user;
}

/// What stays of a record of the user's: its number, and its item's row.
Record what_stays(const Record& record) {
    const auto* event = std::get_if<Event>(&record);
    return Removed{event == nullptr ? ItemId() : event->item};
}

void count(const Record& record, Forgotten& found) {
    if (std::holds_alternative<Event>(record)) ++found.live_events;
    if (std::holds_alternative<UserUpsert>(record)) ++found.updates;
    if (std::holds_alternative<ServedList>(record)) ++found.lists;
}

/// Visits live records of both classes: first those that change what requests see, then the lists that were served.
Status read_all(const fs::path& project_folder, const Tail& tail, std::uint64_t first, const RecordVisit& visit) {
    SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::State, first}, visit));
    return read_live(project_folder, tail, {RecordClass::List, first}, visit);
}

/// Puts a history without the user in the place of the one in force. It is another one also where the user was never in it: what was made
/// of the log under its name is of a log that held them. Returns where the live log begins.
Result<std::uint64_t> clear_history(const fs::path& project_folder, const UserId& user) {
    SHORTLIST_ASSIGN(auto history, load_history(project_folder));
    if (const UserRow row = history.data.users.ids.find(user); row != kNoRow) remove_user(row, history.data);
    ++history.data.forgettings;
    SHORTLIST_TRY(replace_history(project_folder, history.data, nullptr));
    SHORTLIST_TRY(remove_other_histories(project_folder));
    return history.data.first_sequence;
}

/// Writes a segment again without the user, where it names them.
Status clear_segment(const fs::path& project_folder, const Segment& segment, const UserId& user) {
    bool names = false;
    std::vector<std::uint64_t> lists;  // sequences of those that were the user's
    const auto look = [&](std::uint64_t sequence, const Record& record) -> Status {
        names = names || is_of(record, user);
        if (is_of(record, user) && std::holds_alternative<ServedList>(record)) lists.push_back(sequence);
        return {};
    };
    SHORTLIST_TRY(read_segment(project_folder, segment, {RecordClass::State, segment.begin}, look));
    SHORTLIST_TRY(read_segment(project_folder, segment, {RecordClass::List, segment.begin}, look));
    if (!names) return {};
    const auto source = [&](RecordClass wanted, const RecordVisit& visit) -> Status {
        auto list = lists.begin();
        // A removed list changes from one class to the other, in which records stand in order.
        const auto visit_lists_before = [&](std::uint64_t sequence) -> Status {
            for (; wanted == RecordClass::State && list != lists.end() && *list < sequence; ++list) SHORTLIST_TRY(visit(*list, Removed{}));
            return {};
        };
        const auto visit_what_stays = [&](std::uint64_t sequence, const Record& record) -> Status {
            SHORTLIST_TRY(visit_lists_before(sequence));
            if (!is_of(record, user)) return visit(sequence, record);
            return wanted == RecordClass::State ? visit(sequence, what_stays(record)) : Status();
        };
        SHORTLIST_TRY(read_segment(project_folder, segment, {wanted, segment.begin}, visit_what_stays));
        return visit_lists_before(segment.end);
    };
    return write_segment(project_folder, {segment.begin, segment.end, segment.generation + 1}, source);
}

/// A forgetting that was begun and not ended.
struct Intent {
    std::string before;  ///< The history that was in force when it began.
    UserId user;
};

Status write_intent(const fs::path& project_folder, const Intent& intent) {
    return replace_file(log_folder(project_folder) / kIntent, intent.before + '\n' + intent.user);
}

Result<std::optional<Intent>> read_intent(const fs::path& project_folder) {
    constexpr std::size_t kBytesMax = 1024 + kIdBytesMax;
    const auto path = log_folder(project_folder) / kIntent;
    const auto text = read_file(path, kBytesMax);
    if (!text && text.error().code == ErrorCode::NotFound) return std::optional<Intent>();
    if (!text) return text.error();
    const auto line_end = text->find('\n');
    if (line_end == std::string::npos) return base::data_loss(path.string() + ": does not say who is forgotten");
    return std::optional(Intent{text->substr(0, line_end), text->substr(line_end + 1)});
}

Status finish_forgetting(const fs::path& project_folder, const UserId& user, Tail& tail) {
    SHORTLIST_TRY(remove_folder(project_folder / kStateFolder));
    SHORTLIST_TRY(remove_folder(project_folder / kQuarantineFolder));
    SHORTLIST_ASSIGN(const auto first, clear_history(project_folder, user));
    SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder, first));
    SHORTLIST_TRY(
        tail.rewrite(first, [&user](const Record& record) { return is_of(record, user) ? std::optional(what_stays(record)) : std::nullopt; }));
    for (const auto& segment : segments) SHORTLIST_TRY(clear_segment(project_folder, segment, user));
    SHORTLIST_TRY(remove_old_segments(project_folder, first));
    return remove_file_synced(log_folder(project_folder) / kIntent);
}

}  // namespace

Result<Forgotten> forget_user(const fs::path& project_folder, const UserId& user, Tail& tail) {
    Forgotten found;
    SHORTLIST_ASSIGN(const auto history, load_history(project_folder));
    const UserRow row = history.data.users.ids.find(user);
    found.imported_events = static_cast<std::uint64_t>(std::ranges::count(history.data.events.user, row));
    bool names = row != kNoRow;
    const auto look = [&](std::uint64_t, const Record& record) -> Status {
        if (!is_of(record, user)) return {};
        names = true;
        count(record, found);
        return {};
    };
    for (const auto& change : history.data.changes) SHORTLIST_TRY(look(0, change.record));
    SHORTLIST_TRY(read_all(project_folder, tail, history.data.first_sequence, look));
    if (!names) return base::not_found("user: nobody is called '" + base::printable(user) + "'");
    SHORTLIST_TRY(write_intent(project_folder, {history.name, user}));
    SHORTLIST_TRY(finish_forgetting(project_folder, user, tail));
    return found;
}

Status finish_begun_forgetting(const fs::path& project_folder, Tail& tail) {
    SHORTLIST_ASSIGN(const auto intent, read_intent(project_folder));
    return intent ? finish_forgetting(project_folder, intent->user, tail) : Status();
}

Status finish_begun_forgetting(const fs::path& project_folder) {
    SHORTLIST_ASSIGN(const auto intent, read_intent(project_folder));
    if (!intent) return {};
    SHORTLIST_ASSIGN(auto tail, Tail::open(project_folder, Tail::Access::Write));
    return finish_forgetting(project_folder, intent->user, tail);
}

Result<RecordVisit> without_forgotten(const fs::path& project_folder, std::string_view epoch, RecordVisit visit) {
    SHORTLIST_ASSIGN(const auto intent, read_intent(project_folder));
    if (!intent || intent->before == epoch) return visit;
    return RecordVisit([user = intent->user, visit = std::move(visit)](std::uint64_t sequence, const Record& record) -> Status {
        if (!is_of(record, user)) return visit(sequence, record);
        return std::holds_alternative<ServedList>(record) ? Status() : visit(sequence, what_stays(record));
    });
}

}  // namespace shortlist::data
