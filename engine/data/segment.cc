#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/manifest_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/state_file.h"

namespace shortlist::data {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kSegmentFormat = 1;
constexpr std::size_t kManifestBytes = std::size_t{1} << 20;
constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kEvents = "events.parquet";
constexpr std::string_view kChanges = "changes.state";
constexpr std::string_view kStaging = "staging";
constexpr std::size_t kSequenceDigits = 20;

fs::path segments_folder(const fs::path& project_folder) { return log_folder(project_folder) / "segments"; }

std::string padded(std::uint64_t sequence) {
    const std::string digits = std::to_string(sequence);
    return std::string(kSequenceDigits - digits.size(), '0') + digits;
}

std::string name_of(const Segment& segment) { return padded(segment.begin) + '-' + padded(segment.end); }

std::optional<Segment> parse_name(std::string_view name) {
    Segment segment;
    const char* const end = name.data() + name.size();
    const auto begins = std::from_chars(name.data(), end, segment.begin);
    if (begins.ec != std::errc() || begins.ptr == end) return std::nullopt;
    if (std::from_chars(begins.ptr + 1, end, segment.end).ec != std::errc()) return std::nullopt;
    const bool is_one = segment.begin < segment.end && name == name_of(segment);
    return is_one ? std::optional(segment) : std::nullopt;
}

/// The columns of events.parquet, filled event by event.
struct SegmentColumns {
    std::vector<std::int64_t> sequence, time, position;
    std::vector<std::uint8_t> has_value, has_position;
    std::vector<float> value;
    StringColumn event_id, user, item, type, request_id;
    StringListColumn context_names, context_values;

    void add(std::uint64_t at, const Event& event) {
        sequence.push_back(static_cast<std::int64_t>(at));
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

using Changes = std::vector<std::pair<std::uint64_t, Record>>;

Status write_changes(const fs::path& path, const Changes& changes) {
    return save_state_file(path, [&changes](base::ByteWriter& out) {
        out.put(std::uint64_t{changes.size()});
        for (const auto& [sequence, record] : changes) {
            std::string bytes;
            encode_record(record, bytes);
            out.put(sequence);
            out.put_text(bytes);
        }
    });
}

Result<Changes> read_changes(const fs::path& path) {
    Changes changes;
    SHORTLIST_TRY(load_state_file(path, [&](base::ByteReader& in) -> Status {
        constexpr std::size_t kLeastBytes = 12;  // a sequence, and the length of the record
        const std::size_t count = in.take_count(kLeastBytes);
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            const auto sequence = in.take<std::uint64_t>();
            SHORTLIST_ASSIGN(auto record, decode_record(in.take_text()));
            changes.emplace_back(sequence, std::move(record));
        }
        return {};
    }));
    return changes;
}

json::object manifest_of(const Segment& segment, std::uint64_t events, const std::string& sha256) {
    return {
        {"format", kSegmentFormat}, {"begin", segment.begin}, {"end", segment.end}, {"events", events}, {"files", json::object{{kEvents, sha256}}}};
}

// The digest of changes.state is in that file.
Status check_manifest(const fs::path& folder) {
    const auto path = folder / kManifest;
    SHORTLIST_ASSIGN(const auto value, read_manifest(path, kManifestBytes, kSegmentFormat));
    try {
        SHORTLIST_ASSIGN(const auto found, sha256_of_file(folder / kEvents));
        if (found != std::string_view(value.at("files").at(kEvents).as_string())) {
            return base::data_loss((folder / kEvents).string() + ": damaged: its digest is not that of the manifest");
        }
    } catch (const std::exception& problem) {  // Boost.JSON's accessors: a member is missing or of another type
        return base::data_loss(path.string() + ": not a manifest: " + problem.what());
    }
    return {};
}

}  // namespace

Result<std::vector<Segment>> list_segments(const fs::path& project_folder) {
    std::vector<Segment> segments;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(segments_folder(project_folder), code)) {
        if (const auto segment = parse_name(entry.path().filename().string())) segments.push_back(*segment);
    }
    std::ranges::sort(segments, {}, &Segment::begin);
    for (std::size_t s = 0; s < segments.size(); ++s) {
        const std::uint64_t expected = s == 0 ? 0 : segments[s - 1].end;
        if (segments[s].begin != expected) {
            return base::data_loss(segments_folder(project_folder).string() + ": record " + std::to_string(expected) + " is in no segment before " +
                                   name_of(segments[s]));
        }
    }
    return segments;
}

Status write_segment(const fs::path& project_folder, std::uint64_t begin, std::span<const Record> records) {
    const auto folder = segments_folder(project_folder);
    const auto staging = folder / kStaging;
    std::error_code code;
    fs::remove_all(staging, code);
    SHORTLIST_TRY(make_folder(staging));
    SegmentColumns events;
    Changes changes;
    for (std::size_t r = 0; r < records.size(); ++r) {
        if (const auto* event = std::get_if<Event>(&records[r])) {
            events.add(begin + r, *event);
        } else {
            changes.emplace_back(begin + r, records[r]);
        }
    }
    const auto batch = std::move(events).batch();
    SHORTLIST_TRY(write_parquet(staging / kEvents, batch, Compression::Zstd));
    SHORTLIST_TRY(write_changes(staging / kChanges, changes));
    SHORTLIST_ASSIGN(const auto sha256, sha256_of_file(staging / kEvents));
    const Segment segment{begin, begin + records.size()};
    SHORTLIST_TRY(write_file_synced(staging / kManifest, json::serialize(manifest_of(segment, batch.rows, sha256)) + "\n"));
    SHORTLIST_TRY(sync_path(staging));
    return rename_synced(staging, folder / name_of(segment));
}

Status read_segment(const fs::path& project_folder, const Segment& segment, std::uint64_t from,
                    const std::function<Status(std::uint64_t, const Record&)>& visit) {
    const auto folder = segments_folder(project_folder) / name_of(segment);
    SHORTLIST_TRY(check_manifest(folder));
    SHORTLIST_ASSIGN(const auto changes, read_changes(folder / kChanges));
    const std::string path = (folder / kEvents).string();
    SHORTLIST_ASSIGN(const auto reader, open_table({path, FileFormat::Parquet, {}}));
    auto change = changes.begin();
    std::uint64_t next = segment.begin;
    const auto take = [&](std::uint64_t sequence, const Record& record) -> Status {
        if (sequence != next) return base::data_loss(folder.string() + ": record " + std::to_string(next) + " is not where it was");
        ++next;
        return sequence < from ? Status() : visit(sequence, record);
    };
    const auto take_changes_before = [&](std::uint64_t sequence) -> Status {
        for (; change != changes.end() && change->first < sequence; ++change) SHORTLIST_TRY(take(change->first, change->second));
        return {};
    };
    while (true) {
        SHORTLIST_ASSIGN(const auto batch, reader->next());
        if (!batch) break;
        SHORTLIST_ASSIGN(const auto rows, EventRows::over(batch->table, path));
        for (std::size_t row = 0; row < batch->table.rows; ++row) {
            SHORTLIST_TRY(take_changes_before(rows.sequence(row)));
            SHORTLIST_TRY(take(rows.sequence(row), rows.event(row)));
        }
    }
    SHORTLIST_TRY(take_changes_before(segment.end));
    if (next != segment.end) return base::data_loss(folder.string() + ": it does not hold the records that it is named for");
    return {};
}

}  // namespace shortlist::data
