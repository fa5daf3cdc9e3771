#include "engine/data/importer.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/data/forgetting_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/import_parts_internal.h"
#include "engine/data/live_records_internal.h"
#include "engine/data/log.h"
#include "engine/data/project_lock_internal.h"
#include "engine/data/retention_internal.h"

namespace shortlist::data {

namespace {

/// What the live log means for an import: ids that the files may not bring again, items that somebody described, and how new it is.
struct LiveFacts {
    EventIdSet ids;
    std::vector<std::string> items;
    std::uint64_t events = 0;
    TimeUs newest = 0;

    void take(const Record& record) {
        if (const auto* event = std::get_if<Event>(&record)) {
            ids.insert(event_id_of(*event));
            ++events;
            newest = std::max(newest, event->time);
        }
        if (const auto* item = std::get_if<ItemUpsert>(&record)) items.push_back(item->id);
    }
};

/// Gives what the live log names rows behind those of the history, so that it keeps them.
Result<LiveFacts> take_live(const std::filesystem::path& project_folder, Dataset& history) {
    LiveFacts facts;
    for (const auto& change : history.changes) facts.take(change.record);
    SHORTLIST_ASSIGN(const auto tail, Tail::open(project_folder, Tail::Access::Read));
    SHORTLIST_TRY(read_live(project_folder, tail, {RecordClass::State, history.first_sequence}, [&](std::uint64_t, const Record& record) -> Status {
        facts.take(record);
        add_ids(record, history);
        return {};
    }));
    return facts;
}

KnownRows known_from(const LiveFacts& facts, const EntityTable& items) {
    KnownRows known(items.size(), 0);
    for (const auto& id : facts.items) {
        if (const auto row = items.ids.find(id); row != kNoRow) known[row] = 1;
    }
    return known;
}

void describe_result(const Dataset& data, const KnownRows& known_items, ImportReport& report) {
    report.events_kept = data.events.size();
    report.users = data.users.size();
    report.items = data.items.size();
    const auto described = static_cast<std::uint64_t>(std::count(known_items.begin(), known_items.end(), 1));
    report.unknown_items = report.items - described;
    report.time_form = data.time_form;
    if (data.events.size() > 0) {
        const auto [first, last] = std::minmax_element(data.events.time.begin(), data.events.time.end());
        report.first_time = *first;
        report.last_time = *last;
    }
    report.given_test_begin = data.given_test_begin;
}

/// Takes out what `log.keep` would let go of at once.
Status leave_out_older(TimeUs keep, TimeUs newest, Dataset& data, ImportReport& report) {
    if (keep == 0) return {};
    SHORTLIST_TRY(check_has_times(data.time_form));
    for (const TimeUs time : data.events.time) newest = std::max(newest, time);
    report.older = remove_older(newest - keep, data);
    return {};
}

/// Everything but the report's last lines: what fails here leaves the log as it was.
Status import_all(ImportContext& context) {
    const auto& folder = context.project_folder;
    SHORTLIST_ASSIGN(const auto lock, ProjectLock::take(folder));
    SHORTLIST_TRY(finish_begun_forgetting(folder));
    SHORTLIST_TRY(finish_begun_retention(folder));
    SHORTLIST_ASSIGN(auto history, load_history(folder));
    Dataset& data = history.data;
    SHORTLIST_ASSIGN(LiveFacts facts, take_live(folder, data));
    data.given_test_begin.reset();
    KnownRows known_items = known_from(facts, data.items);
    KnownRows known_users;
    const auto& config = context.config;
    SHORTLIST_TRY(import_entities(context, {"items", SourceTable::Items, config.items, config.events.columns.item}, data.items, known_items));
    SHORTLIST_TRY(import_entities(context, {"users", SourceTable::Users, config.users, config.events.columns.user}, data.users, known_users));
    SHORTLIST_TRY(import_events(context, known_items, std::move(facts.ids), data));
    data.time_form = config.events.columns.time.form();
    data.imported_events = data.events.size();
    SHORTLIST_TRY(leave_out_older(context.options.keep, facts.newest, data, context.report));
    describe_result(data, known_items, context.report);
    context.report.tail_events = facts.events;
    SHORTLIST_ASSIGN(const auto name, replace_history(folder, data, context.options.pool));
    context.report.changed = name != history.name;
    return {};
}

}  // namespace

Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths, const std::filesystem::path& folder) {
    std::vector<std::string> files;
    for (const auto& path : paths) {
        SHORTLIST_ASSIGN(const auto found, expand_path(path, folder));
        files.insert(files.end(), found.begin(), found.end());
    }
    return files;
}

Result<std::uint64_t> read_files(ImportContext& context, const FileSet& files,
                                 const std::function<Status(const std::string&, const TableBatch&)>& take) {
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < files.files.size(); ++i) {
        const auto& file = files.files[i];
        SHORTLIST_ASSIGN(const auto reader, open_table({file, files.format, files.columns, files.table}));
        while (true) {
            SHORTLIST_ASSIGN(const auto batch, reader->next());
            if (!batch) break;
            rows += batch->table.rows + batch->unreadable.size();
            for (const auto& row : batch->unreadable) context.quarantine.add(file, row);
            if (batch->table.rows > 0) SHORTLIST_TRY(take(file, *batch));
            const double done = (static_cast<double>(i) + batch->progress) / static_cast<double>(files.files.size());
            if (context.options.progress) context.options.progress(files.what, done);
        }
    }
    return rows;
}

Result<ImportReport> import_data(const DataConfig& config, const std::filesystem::path& project_folder, const ImportOptions& options) {
    SHORTLIST_CHECK(options.clock != nullptr);
    const double start = base::monotonic_seconds();
    ImportContext context{config, project_folder, options, {}, {}};
    const auto imported = import_all(context);
    SHORTLIST_ASSIGN(context.report.quarantine_path, context.quarantine.write(project_folder));
    if (!imported) return imported.error();
    context.report.rows_quarantined = context.quarantine.rows();
    context.report.quarantined = context.quarantine.by_reason();
    context.report.seconds = base::monotonic_seconds() - start;
    return std::move(context.report);
}

}  // namespace shortlist::data
