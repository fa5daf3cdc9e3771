#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/change_file_internal.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/manifest_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/state_file.h"

namespace shortlist::data {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kSegmentFormat = 3;  // 2 has lists.state, 3 the ids of events as columns
constexpr int kFormatWithIds = 3;
constexpr std::size_t kManifestBytes = std::size_t{1} << 20;
constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kEvents = "events.parquet";
constexpr std::string_view kChanges = "changes.state";
constexpr std::string_view kLists = "lists.state";
constexpr std::string_view kStaging = "staging";
constexpr std::size_t kSequenceDigits = 20;

fs::path segments_folder(const fs::path& project_folder) { return log_folder(project_folder) / "segments"; }

std::string padded(std::uint64_t sequence) {
    const std::string digits = std::to_string(sequence);
    return std::string(kSequenceDigits - digits.size(), '0') + digits;
}

std::string name_of(const Segment& segment) {
    const std::string name = padded(segment.begin) + '-' + padded(segment.end);
    return segment.generation == 0 ? name : name + '-' + std::to_string(segment.generation);
}

std::optional<Segment> parse_name(std::string_view name) {
    Segment segment;
    const char* const end = name.data() + name.size();
    const auto begins = std::from_chars(name.data(), end, segment.begin);
    if (begins.ec != std::errc() || begins.ptr == end) return std::nullopt;
    const auto ends = std::from_chars(begins.ptr + 1, end, segment.end);
    if (ends.ec != std::errc()) return std::nullopt;
    if (ends.ptr != end && std::from_chars(ends.ptr + 1, end, segment.generation).ec != std::errc()) return std::nullopt;
    const bool is_one = segment.begin < segment.end && name == name_of(segment);
    return is_one ? std::optional(segment) : std::nullopt;
}

/// The columns of events.parquet, filled event by event.
struct SegmentColumns {
    std::vector<std::int64_t> sequence, id_high, id_low, time, position;
    std::vector<std::uint8_t> has_value, has_position;
    std::vector<float> value;
    StringColumn event_id, user, item, type, request_id;
    StringListColumn context_names, context_values;

    void add(std::uint64_t at, const Event& event) {
        const EventId id = event_id_of(event);
        sequence.push_back(static_cast<std::int64_t>(at));
        id_high.push_back(static_cast<std::int64_t>(id.high));
        id_low.push_back(static_cast<std::int64_t>(id.low));
        event_id.push_back(event.event_id);
        time.push_back(event.time);
        user.push_back(event.user);
        item.push_back(event.item);
        type.push_back(event.type);
        value.push_back(event.value);
        has_value.push_back(std::isnan(event.value) ? 0 : 1);
        request_id.push_back(event.request_id);
        position.push_back(event.position);
        has_position.push_back(event.position == kNoPosition ? 0 : 1);
        for (const auto& [name, text] : event.context) {
            context_names.strings.push_back(name);
            context_values.strings.push_back(text);
        }
        context_names.offsets.push_back(context_names.strings.size());
        context_values.offsets.push_back(context_values.strings.size());
    }
    ColumnBatch batch() && {
        ColumnBatch out;
        out.rows = sequence.size();
        out.columns.push_back({"sequence", std::move(sequence), {}});
        out.columns.push_back({"id_high", std::move(id_high), {}});
        out.columns.push_back({"id_low", std::move(id_low), {}});
        out.columns.push_back({"event_id", std::move(event_id), {}});
        out.columns.push_back({"time", std::move(time), {}});
        out.columns.push_back({"user", std::move(user), {}});
        out.columns.push_back({"item", std::move(item), {}});
        out.columns.push_back({"type", std::move(type), {}});
        out.columns.push_back({"value", std::move(value), std::move(has_value)});
        out.columns.push_back({"request_id", std::move(request_id), {}});
        out.columns.push_back({"position", std::move(position), std::move(has_position)});
        out.columns.push_back({"context_names", std::move(context_names), {}});
        out.columns.push_back({"context_values", std::move(context_values), {}});
        return out;
    }
};

/// Rows of events.parquet as events again.
class EventRows {
public:
    /// Errors: DataLoss where a column is of another type.
    static Result<EventRows> over(const ColumnBatch& batch, const std::string& path) {
        EventRows rows;
        const bool whole = find(batch, "sequence", rows.sequence_) && find(batch, "event_id", rows.event_id_) && find(batch, "time", rows.time_) &&
                           find(batch, "user", rows.user_) && find(batch, "item", rows.item_) && find(batch, "type", rows.type_) &&
                           find(batch, "value", rows.value_) && find(batch, "request_id", rows.request_id_) &&
                           find(batch, "position", rows.position_) && find(batch, "context_names", rows.names_) &&
                           find(batch, "context_values", rows.values_) && rows.names_->offsets == rows.values_->offsets;
        if (!whole) return base::data_loss(path + ": its columns are not those of a segment");
        rows.has_value_ = &batch.find("value")->valid;
        rows.has_position_ = &batch.find("position")->valid;
        return rows;
    }
    [[nodiscard]] std::uint64_t sequence(std::size_t row) const { return static_cast<std::uint64_t>((*sequence_)[row]); }
    [[nodiscard]] Event event(std::size_t row) const {
        Event event;
        event.event_id = text(*event_id_, row);
        event.time = (*time_)[row];
        event.user = text(*user_, row);
        event.item = text(*item_, row);
        event.type = text(*type_, row);
        if (is_there(*has_value_, row)) event.value = (*value_)[row];
        event.request_id = text(*request_id_, row);
        if (is_there(*has_position_, row)) event.position = static_cast<std::int32_t>((*position_)[row]);
        for (std::size_t i = names_->offsets[row]; i < names_->offsets[row + 1]; ++i) {
            event.context.emplace_back(names_->strings[i], values_->strings[i]);
        }
        return event;
    }

private:
    template <class T>
    static bool find(const ColumnBatch& batch, std::string_view name, const T*& out) {
        const Column* column = batch.find(name);
        out = column == nullptr ? nullptr : std::get_if<T>(&column->values);
        return out != nullptr;
    }
    static std::string text(const CodedColumn& column, std::size_t row) { return std::string(column.values[column.codes[row]]); }
    static bool is_there(const std::vector<std::uint8_t>& valid, std::size_t row) { return valid.empty() || valid[row] != 0; }

    const std::vector<std::int64_t>*sequence_ = nullptr, *time_ = nullptr, *position_ = nullptr;
    const std::vector<float>* value_ = nullptr;
    const std::vector<std::uint8_t>*has_value_ = nullptr, *has_position_ = nullptr;
    const CodedColumn *event_id_ = nullptr, *user_ = nullptr, *item_ = nullptr, *type_ = nullptr, *request_id_ = nullptr;
    const StringListColumn *names_ = nullptr, *values_ = nullptr;
};

// Lists are many and long: they go from the source to the file one by one, until the file ends. Returns how many there were.
Result<std::uint64_t> write_lists(const fs::path& path, const SegmentSource& source) {
    std::uint64_t count = 0;
    Status read;
    SHORTLIST_TRY(save_state_file(path, [&](base::ByteWriter& out) {
        read = source(RecordClass::List, [&](std::uint64_t sequence, const Record& record) -> Status {
            std::string bytes;
            encode_record(record, bytes);
            out.put(sequence);
            out.put_text(bytes);
            ++count;
            return {};
        });
    }));
    SHORTLIST_TRY(read);
    return count;
}

struct SegmentCounts {
    std::uint64_t events = 0;
    std::uint64_t lists = 0;
};

json::object manifest_of(const Segment& segment, const SegmentCounts& counts, const std::string& sha256) {
    return {{"format", kSegmentFormat}, {"begin", segment.begin}, {"end", segment.end},
            {"events", counts.events},  {"lists", counts.lists},  {"files", json::object{{kEvents, sha256}}}};
}

struct SegmentManifest {
    std::int64_t format = 0;
    std::uint64_t events = 0;
    std::uint64_t lists = 0;  ///< None before format 2.
    std::string events_sha256;
};

Result<SegmentManifest> read_segment_manifest(const fs::path& folder) {
    const auto path = folder / kManifest;
    SHORTLIST_ASSIGN(const auto value, read_manifest(path, kManifestBytes, kSegmentFormat));
    try {
        SegmentManifest manifest;
        manifest.format = value.at("format").to_number<std::int64_t>();
        manifest.events = value.at("events").to_number<std::uint64_t>();
        if (const auto* lists = value.as_object().if_contains("lists")) manifest.lists = lists->to_number<std::uint64_t>();
        manifest.events_sha256 = std::string_view(value.at("files").at(kEvents).as_string());
        return manifest;
    } catch (const std::exception& problem) {  // Boost.JSON's accessors: a member is missing or of another type
        return base::data_loss(path.string() + ": not a manifest: " + problem.what());
    }
}

// The digests of the other files are in those files.
Status check_events(const fs::path& folder, const SegmentManifest& manifest) {
    SHORTLIST_ASSIGN(const auto sha256, sha256_of_file(folder / kEvents));
    if (sha256 == manifest.events_sha256) return {};
    return base::data_loss((folder / kEvents).string() + ": damaged: its digest is not that of the manifest");
}

Error not_whole(const fs::path& folder) { return base::data_loss(folder.string() + ": it does not hold the records that it is named for"); }

Status read_lists(const fs::path& folder, std::uint64_t count, std::uint64_t from, const RecordVisit& visit) {
    if (count == 0) return {};
    return load_state_file(folder / kLists, [&](base::ByteReader& in) -> Status {
        std::uint64_t found = 0;
        for (; in.ok() && in.left() > 0; ++found) {
            const auto sequence = in.take<std::uint64_t>();
            const auto bytes = in.take_text();
            if (class_of_record(bytes) != RecordClass::List) return not_whole(folder);
            if (sequence < from) continue;
            SHORTLIST_ASSIGN(const auto record, decode_record(bytes));
            SHORTLIST_TRY(visit(sequence, record));
        }
        return found == count ? Status() : not_whole(folder);
    });
}

// Calls `visit` for events and changes in order of sequence.
Status merge_records(const fs::path& folder, const NumberedRecords& changes, const RecordVisit& visit) {
    const std::string path = (folder / kEvents).string();
    SHORTLIST_ASSIGN(const auto reader, open_own_table(path, {}));
    auto change = changes.begin();
    const auto visit_changes_before = [&](std::uint64_t sequence) -> Status {
        for (; change != changes.end() && change->first < sequence; ++change) SHORTLIST_TRY(visit(change->first, change->second));
        return {};
    };
    while (true) {
        SHORTLIST_ASSIGN(const auto batch, reader->next());
        if (!batch) break;
        SHORTLIST_ASSIGN(const auto rows, EventRows::over(batch->table, path));
        for (std::size_t row = 0; row < batch->table.rows; ++row) {
            SHORTLIST_TRY(visit_changes_before(rows.sequence(row)));
            SHORTLIST_TRY(visit(rows.sequence(row), rows.event(row)));
        }
    }
    return visit_changes_before(~std::uint64_t{0});
}

}  // namespace

Result<std::vector<Segment>> list_segments(const fs::path& project_folder, std::uint64_t from) {
    std::vector<Segment> segments;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(segments_folder(project_folder), code)) {
        const auto segment = parse_name(entry.path().filename().string());
        if (segment && segment->end > from) segments.push_back(*segment);
    }
    std::ranges::sort(segments, [](const Segment& a, const Segment& b) { return std::tie(a.begin, b.generation) < std::tie(b.begin, a.generation); });
    const auto older = std::ranges::unique(segments, [](const Segment& a, const Segment& b) { return a.begin == b.begin && a.end == b.end; });
    segments.erase(older.begin(), older.end());
    std::uint64_t expected = from;
    for (const auto& segment : segments) {
        const bool follows = expected == from ? segment.begin <= from : segment.begin == expected;
        if (!follows) {
            return base::data_loss(segments_folder(project_folder).string() + ": record " + std::to_string(expected) + " is in no segment before " +
                                   name_of(segment));
        }
        expected = segment.end;
    }
    return segments;
}

Status write_segment(const fs::path& project_folder, const Segment& segment, const SegmentSource& source) {
    const auto folder = segments_folder(project_folder);
    const auto staging = folder / kStaging;
    std::error_code code;
    fs::remove_all(staging, code);
    SHORTLIST_TRY(make_folder(staging));
    SegmentColumns events;
    NumberedRecords changes;
    SHORTLIST_TRY(source(RecordClass::State, [&](std::uint64_t sequence, const Record& record) -> Status {
        if (const auto* event = std::get_if<Event>(&record)) {
            events.add(sequence, *event);
        } else {
            changes.emplace_back(sequence, record);
        }
        return {};
    }));
    const auto batch = std::move(events).batch();
    SHORTLIST_TRY(write_parquet(staging / kEvents, batch, Compression::Zstd));
    SHORTLIST_TRY(save_changes(staging / kChanges, changes));
    SHORTLIST_ASSIGN(const auto lists, write_lists(staging / kLists, source));
    SHORTLIST_ASSIGN(const auto sha256, sha256_of_file(staging / kEvents));
    const SegmentCounts counts{batch.rows, lists};
    SHORTLIST_TRY(write_file_synced(staging / kManifest, json::serialize(manifest_of(segment, counts, sha256)) + "\n"));
    SHORTLIST_TRY(sync_path(staging));
    return rename_synced(staging, folder / name_of(segment));
}

Status remove_old_segments(const fs::path& project_folder, std::uint64_t first) {
    SHORTLIST_ASSIGN(const auto segments, list_segments(project_folder, first));
    std::set<std::string> kept;
    for (const auto& segment : segments) kept.insert(name_of(segment));
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(segments_folder(project_folder), code)) {
        if (kept.contains(entry.path().filename().string())) continue;
        fs::remove_all(entry.path(), code);
        if (code) return base::unavailable(entry.path().string() + ": cannot be removed: " + code.message());
    }
    return {};
}

Status read_segment(const fs::path& project_folder, const Segment& segment, const SegmentPart& part, const RecordVisit& visit) {
    const auto folder = segments_folder(project_folder) / name_of(segment);
    SHORTLIST_ASSIGN(const auto manifest, read_segment_manifest(folder));
    std::uint64_t next = segment.begin;
    std::uint64_t found = 0;
    const auto take = [&](std::uint64_t sequence, const Record& record) -> Status {
        if (sequence < next || sequence >= segment.end) {
            return base::data_loss(folder.string() + ": record " + std::to_string(sequence) + " is not where it was");
        }
        next = sequence + 1;
        ++found;
        return sequence < part.from ? Status() : visit(sequence, record);
    };
    if (part.wanted == RecordClass::List) return read_lists(folder, manifest.lists, part.from, take);
    SHORTLIST_TRY(check_events(folder, manifest));
    SHORTLIST_ASSIGN(const auto changes, load_changes(folder / kChanges));
    SHORTLIST_TRY(merge_records(folder, changes, take));
    return found + manifest.lists == segment.end - segment.begin ? Status() : not_whole(folder);
}

Result<std::uint64_t> events_in(const fs::path& project_folder, const Segment& segment) {
    SHORTLIST_ASSIGN(const auto manifest, read_segment_manifest(segments_folder(project_folder) / name_of(segment)));
    return manifest.events;
}

Status read_segment_ids(const fs::path& project_folder, const Segment& segment, const EventIdVisit& visit) {
    const auto folder = segments_folder(project_folder) / name_of(segment);
    SHORTLIST_ASSIGN(const auto manifest, read_segment_manifest(folder));
    if (manifest.format < kFormatWithIds) {
        return read_segment(project_folder, segment, {RecordClass::State, segment.begin},
                            [&](std::uint64_t sequence, const Record& record) -> Status {
                                if (const auto* event = std::get_if<Event>(&record)) visit(sequence, {event_id_of(*event), event->time});
                                return {};
                            });
    }
    SHORTLIST_TRY(check_events(folder, manifest));
    const std::string path = (folder / kEvents).string();
    SHORTLIST_ASSIGN(const auto reader, open_own_table(path, {"sequence", "id_high", "id_low", "time"}));
    while (true) {
        SHORTLIST_ASSIGN(const auto batch, reader->next());
        if (!batch) return {};
        const auto numbers = [&](std::size_t column) { return std::get_if<std::vector<std::int64_t>>(&batch->table.columns[column].values); };
        const auto *sequence = numbers(0), *high = numbers(1), *low = numbers(2), *time = numbers(3);
        const bool whole = sequence != nullptr && high != nullptr && low != nullptr && time != nullptr;
        if (!whole) return base::data_loss(path + ": its columns are not those of a segment");
        for (std::size_t row = 0; row < batch->table.rows; ++row) {
            const EventId id{static_cast<std::uint64_t>((*high)[row]), static_cast<std::uint64_t>((*low)[row])};
            visit(static_cast<std::uint64_t>((*sequence)[row]), {id, (*time)[row]});
        }
    }
}

}  // namespace shortlist::data
