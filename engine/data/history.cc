#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/event_file_internal.h"
#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/catalogue.h"
#include "engine/data/change_file_internal.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/manifest_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

constexpr int kHistoryFormat = 2;  // 2 may have a first sequence, and changes; without them 1 is written
constexpr std::size_t kManifestBytes = std::size_t{64} << 20;
constexpr std::string_view kPrefix = "history-";
constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kEvents = "events.parquet";
constexpr std::string_view kItems = "items.parquet";
constexpr std::string_view kUsers = "users.parquet";
constexpr std::string_view kContext = "context.parquet";
constexpr std::string_view kChanges = "changes.state";
constexpr std::array<std::string_view, 4> kTables{kEvents, kItems, kUsers, kContext};

json::array shapes_json(const EntityTable& table) {
    json::array shapes;
    for (const auto& shape : shapes_of(table)) {
        shapes.push_back(json::object{{"name", shape.name}, {"type", attribute_type_name(shape.type)}, {"width", shape.width}});
    }
    return shapes;
}

Result<std::vector<AttributeShape>> shapes_from(const json::value& value) {
    std::vector<AttributeShape> shapes;
    for (const auto& entry : value.as_array()) {
        AttributeShape shape;
        shape.name = std::string_view(entry.at("name").as_string());
        SHORTLIST_ASSIGN(shape.type, parse_attribute_type(std::string_view(entry.at("type").as_string())));
        shape.width = entry.at("width").to_number<std::size_t>();
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

std::string_view time_form_name(TimeForm form) {
    switch (form) {
        case TimeForm::Column: return "column";
        case TimeForm::Order: return "order";
        case TimeForm::None: return "none";
    }
    return "";
}

TimeForm time_form_from(std::string_view name) {
    if (name == "column") return TimeForm::Column;
    return name == "order" ? TimeForm::Order : TimeForm::None;
}

/// Values of all context fields, each with its field's number; the order within a field is that of the codes.
ColumnBatch context_table(const EventTable& events) {
    std::vector<std::int64_t> fields;
    StringColumn values;
    for (std::size_t field = 0; field < events.context_names.size(); ++field) {
        for (std::uint32_t code = 0; code < events.context_values[field].size(); ++code) {
            fields.push_back(static_cast<std::int64_t>(field));
            values.push_back(events.context_values[field][code]);
        }
    }
    ColumnBatch batch;
    batch.rows = fields.size();
    batch.columns.push_back({"field", std::move(fields), {}, false});
    batch.columns.push_back({"value", std::move(values), {}, false});
    return batch;
}

Status read_context(const std::filesystem::path& path, EventTable& events) {
    events.context_values.resize(events.context_names.size());
    SHORTLIST_ASSIGN(const auto reader, open_own_table(path, {"field", "value"}));
    while (true) {
        SHORTLIST_ASSIGN(const auto batch, reader->next());
        if (!batch) return {};
        const auto* fields = std::get_if<std::vector<std::int64_t>>(&batch->table.columns[0].values);
        const auto* values = std::get_if<CodedColumn>(&batch->table.columns[1].values);
        if (fields == nullptr || values == nullptr) return base::data_loss(path.string() + ": its columns are not numbers and texts");
        for (std::size_t row = 0; row < fields->size(); ++row) {
            const auto field = static_cast<std::uint64_t>((*fields)[row]);
            if (field >= events.context_values.size()) return base::data_loss(path.string() + ": it has more fields than the manifest");
            events.context_values[field].add(values->values[values->codes[row]]);
        }
    }
}

/// True where every one of `codes` is below `limit`.
template <class T>
bool all_below(const std::vector<T>& codes, std::size_t limit) {
    return codes.empty() || *std::max_element(codes.begin(), codes.end()) < limit;
}

Status check_events(const std::filesystem::path& path, const Dataset& data, std::uint64_t count) {
    const EventTable& events = data.events;
    const auto wrong = [&path](std::string_view what) { return base::data_loss(path.string() + ": " + std::string(what)); };
    bool equal = true;
    for (const std::size_t size : {events.id.size(), events.user.size(), events.item.size(), events.type.size(), events.value.size(),
                                   events.request.size(), events.position.size(), events.time.size()}) {
        equal = equal && size == count;
    }
    for (const auto& codes : events.context) equal = equal && codes.size() == count;
    if (!equal) return wrong("it does not hold the " + std::to_string(count) + " events of the manifest");
    if (!all_below(events.user, data.users.size())) return wrong("a user is not in the catalogue");
    if (!all_below(events.item, data.items.size())) return wrong("an item is not in the catalogue");
    if (!all_below(events.type, events.types.size())) return wrong("a type is not in the manifest");
    for (std::size_t field = 0; field < events.context.size(); ++field) {
        if (!all_below(events.context[field], events.context_values[field].size())) return wrong("a context value is not in its dictionary");
    }
    return {};
}

Status write_table(const std::filesystem::path& folder, std::string_view name, const Dataset& data) {
    if (name == kEvents) return write_events(folder / name, data.events);
    if (name == kItems) return save_entities(data.items, folder / name);
    if (name == kUsers) return save_entities(data.users, folder / name);
    return write_parquet(folder / name, context_table(data.events));
}

/// Writes every table, on the threads of `pool` where there is one; returns their digests by file name.
Result<json::object> write_tables(const std::filesystem::path& folder, const Dataset& data, ThreadPool* pool) {
    std::array<Result<std::string>, kTables.size()> digests{std::string(), std::string(), std::string(), std::string()};
    const auto write = [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto written = write_table(folder, kTables[i], data);
            if (written)
                digests[i] = sha256_of_file(folder / kTables[i]);
            else
                digests[i] = written.error();
        }
    };
    if (pool != nullptr)
        pool->parallel_for(kTables.size(), 1, write);
    else
        write(0, kTables.size(), 0);
    json::object files;
    for (std::size_t i = 0; i < kTables.size(); ++i) {
        if (!digests[i]) return digests[i].error();
        files[kTables[i]] = *digests[i];
    }
    return files;
}

// Their numbers say nothing: they stand behind the events, in this order.
Status write_changes(const std::filesystem::path& folder, const Dataset& data, json::object& files) {
    if (data.changes.empty()) return {};
    NumberedRecords changes;
    for (const auto& change : data.changes) changes.emplace_back(changes.size(), change.record);
    SHORTLIST_TRY(save_changes(folder / kChanges, changes));
    SHORTLIST_ASSIGN(files[kChanges], sha256_of_file(folder / kChanges));
    return {};
}

Status read_changes(const std::filesystem::path& folder, Dataset& data) {
    SHORTLIST_ASSIGN(auto changes, load_changes(folder / kChanges));
    for (auto& [number, record] : changes) {
        add_ids(record, data);
        data.changes.push_back({data.imported_events, std::move(record)});
    }
    return {};
}

json::object manifest_of(const Dataset& data, json::object files) {
    json::array types;
    for (std::uint32_t type = 0; type < data.events.types.size(); ++type) types.push_back(json::string(data.events.types[type]));
    json::array context;
    for (const auto& name : data.events.context_names) context.push_back(json::string(name));
    json::object manifest;
    manifest["format"] = data.first_sequence > 0 ? kHistoryFormat : 1;
    manifest["events"] = data.events.size();
    manifest["time_form"] = time_form_name(data.time_form);
    manifest["given_test_begin"] = data.given_test_begin ? json::value(*data.given_test_begin) : json::value(nullptr);
    if (data.forgettings > 0) manifest["forgettings"] = data.forgettings;
    if (data.first_sequence > 0) manifest["first_sequence"] = data.first_sequence;
    manifest["types"] = std::move(types);
    manifest["context"] = std::move(context);
    manifest["items"] = shapes_json(data.items);
    manifest["users"] = shapes_json(data.users);
    manifest["files"] = std::move(files);
    return manifest;
}

/// A count that is 0 where the manifest does not name it.
std::uint64_t count_in(const json::value& manifest, std::string_view name) {
    const auto* count = manifest.as_object().if_contains(name);
    return count == nullptr ? 0 : count->to_number<std::uint64_t>();
}

/// What the manifest says beside the tables: names, types, form of time. Boost.JSON throws where a member is not there.
Status apply_manifest(const json::value& manifest, Dataset& data) {
    for (const auto& type : manifest.at("types").as_array()) data.events.types.add(std::string_view(type.as_string()));
    for (const auto& name : manifest.at("context").as_array()) data.events.context_names.emplace_back(std::string_view(name.as_string()));
    data.time_form = time_form_from(std::string_view(manifest.at("time_form").as_string()));
    data.imported_events = manifest.at("events").to_number<std::uint64_t>();
    data.forgettings = count_in(manifest, "forgettings");
    data.first_sequence = count_in(manifest, "first_sequence");
    if (const auto& begin = manifest.at("given_test_begin"); !begin.is_null()) data.given_test_begin = begin.to_number<std::uint64_t>();
    return {};
}

Result<Dataset> read_history(const std::filesystem::path& folder) {
    SHORTLIST_ASSIGN(const auto manifest, read_manifest(folder / kManifest, kManifestBytes, kHistoryFormat));
    Dataset data;
    SHORTLIST_TRY(apply_manifest(manifest, data));
    SHORTLIST_ASSIGN(const auto item_shapes, shapes_from(manifest.at("items")));
    SHORTLIST_ASSIGN(const auto user_shapes, shapes_from(manifest.at("users")));
    SHORTLIST_ASSIGN(data.items, load_entities(folder / kItems, item_shapes));
    SHORTLIST_ASSIGN(data.users, load_entities(folder / kUsers, user_shapes));
    SHORTLIST_TRY(read_context(folder / kContext, data.events));
    SHORTLIST_TRY(read_events(folder / kEvents, data.events));
    SHORTLIST_TRY(check_events(folder / kEvents, data, data.imported_events));
    if (manifest.at("files").as_object().contains(kChanges)) SHORTLIST_TRY(read_changes(folder, data));
    return data;
}

/// Calls `read` with the name and the folder of the history in force.
template <class Read>
auto with_current(const std::filesystem::path& project_folder, const Read& read) -> decltype(read(std::string(), std::filesystem::path())) {
    return read_in_force(project_folder, [&](const std::string& name) -> decltype(read(name, std::filesystem::path())) {
        const auto folder = log_folder(project_folder) / name;
        try {
            return read(name, folder);
        } catch (const std::exception& problem) {  // Boost.JSON's accessors: a member of the manifest is missing or of another type
            return base::data_loss((folder / kManifest).string() + ": not a manifest: " + problem.what());
        }
    });
}

}  // namespace

std::filesystem::path log_folder(const std::filesystem::path& project_folder) { return project_folder / "log"; }

Result<std::string> current_history(const std::filesystem::path& project_folder) {
    const auto path = log_folder(project_folder) / "CURRENT";
    auto name = read_file(path, 256);
    if (!name && name.error().code == ErrorCode::NotFound) return std::string();
    if (!name) return std::move(name).error();
    const bool sound = name->starts_with(kPrefix) && name->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!sound) return base::data_loss(path.string() + ": does not name a history");
    return name;
}

Result<History> load_history(const std::filesystem::path& project_folder) {
    return with_current(project_folder, [](const std::string& name, const std::filesystem::path& folder) -> Result<History> {
        if (name.empty()) return History{};
        SHORTLIST_ASSIGN(auto data, read_history(folder));
        return History{name, std::move(data)};
    });
}

Result<HistoryIds> load_history_ids(const std::filesystem::path& project_folder, std::size_t count) {
    return with_current(project_folder, [count](const std::string& name, const std::filesystem::path& folder) -> Result<HistoryIds> {
        if (name.empty()) return HistoryIds{};
        HistoryIds ids;
        ids.name = name;
        SHORTLIST_ASSIGN(const auto manifest, read_manifest(folder / kManifest, kManifestBytes, kHistoryFormat));
        ids.events = manifest.at("events").to_number<std::uint64_t>();
        ids.first_sequence = count_in(manifest, "first_sequence");
        ids.time_form = time_form_from(std::string_view(manifest.at("time_form").as_string()));
        SHORTLIST_ASSIGN(ids.newest, read_event_ids(folder / kEvents, count));
        return ids;
    });
}

Result<EventSpan> load_history_span(const std::filesystem::path& project_folder) {
    return with_current(project_folder, [](const std::string& name, const std::filesystem::path& folder) -> Result<EventSpan> {
        if (name.empty()) return EventSpan{};
        return read_event_span(folder / kEvents);
    });
}

Status remove_other_histories(const std::filesystem::path& project_folder) {
    SHORTLIST_ASSIGN(const auto keep, current_history(project_folder));
    std::error_code code;
    Status removed;
    for (const auto& entry : std::filesystem::directory_iterator(log_folder(project_folder), code)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with(kPrefix) || name == keep) continue;
        if (auto gone = remove_folder(entry.path()); !gone) removed = std::move(gone);
    }
    return removed;
}

Result<std::string> replace_history(const std::filesystem::path& project_folder, const Dataset& data, ThreadPool* pool) {
    const auto log = log_folder(project_folder);
    const auto staging = log / (std::string(kPrefix) + "staging");
    std::error_code code;
    std::filesystem::remove_all(staging, code);
    SHORTLIST_TRY(make_folder(staging));
    SHORTLIST_ASSIGN(auto files, write_tables(staging, data, pool));
    SHORTLIST_TRY(write_changes(staging, data, files));
    const std::string text = json::serialize(manifest_of(data, std::move(files)));
    const std::string name = std::string(kPrefix) + sha256_hex(text).substr(0, 16);
    SHORTLIST_ASSIGN(const auto current, current_history(project_folder));
    if (name != current) {
        SHORTLIST_TRY(write_file_synced(staging / kManifest, text + "\n"));
        SHORTLIST_TRY(sync_path(staging));
        std::filesystem::remove_all(log / name, code);
        SHORTLIST_TRY(rename_synced(staging, log / name));
        SHORTLIST_TRY(replace_file(log / "CURRENT", name));
    }
    static_cast<void>(remove_other_histories(project_folder));  // what cannot be removed now is tried again at the next import
    return name;
}

}  // namespace shortlist::data
