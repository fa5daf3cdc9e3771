#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/event_file_internal.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

constexpr std::int64_t kRowGroupRows = std::int64_t{1} << 20;

template <class T>
struct ArrowTypeOf;
template <>
struct ArrowTypeOf<std::int64_t> : arrow::TypeTraits<arrow::Int64Type> {};
template <>
struct ArrowTypeOf<std::uint64_t> : arrow::TypeTraits<arrow::UInt64Type> {};
template <>
struct ArrowTypeOf<std::uint32_t> : arrow::TypeTraits<arrow::UInt32Type> {};
template <>
struct ArrowTypeOf<std::uint16_t> : arrow::TypeTraits<arrow::UInt16Type> {};
template <>
struct ArrowTypeOf<std::int32_t> : arrow::TypeTraits<arrow::Int32Type> {};
template <>
struct ArrowTypeOf<float> : arrow::TypeTraits<arrow::FloatType> {};

/// A table over the memory of vectors, which must outlive it.
class TableOver {
public:
    template <class T>
    void add(const std::string& name, const std::vector<T>& values) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
        rows_ = static_cast<std::int64_t>(values.size());
        auto buffer = std::make_shared<arrow::Buffer>(bytes, rows_ * static_cast<std::int64_t>(sizeof(T)));
        arrays_.push_back(std::make_shared<typename ArrowTypeOf<T>::ArrayType>(rows_, std::move(buffer)));
        fields_.push_back(arrow::field(name, arrays_.back()->type(), /*nullable=*/false));
    }
    [[nodiscard]] std::shared_ptr<arrow::Table> table() const { return arrow::Table::Make(arrow::schema(fields_), arrays_, rows_); }

private:
    arrow::FieldVector fields_;
    arrow::ArrayVector arrays_;
    std::int64_t rows_ = 0;
};

std::string context_column(std::size_t field) { return "context_" + std::to_string(field); }

/// Ids are hashes and do not shrink; times ascend, so that their differences are small; the rest repeats.
std::shared_ptr<parquet::WriterProperties> properties() {
    auto builder = parquet::WriterProperties::Builder();
    builder.created_by("shortlist")->compression(parquet::Compression::UNCOMPRESSED)->disable_statistics();
    for (const auto* column : {"id_high", "id_low", "time", "user", "item"}) builder.disable_dictionary(column);
    builder.encoding("time", parquet::Encoding::DELTA_BINARY_PACKED);
    return builder.build();
}

/// Copies a chunked column behind what `out` holds. False where it is of another type or has gaps.
template <class T>
bool copy_column(const arrow::ChunkedArray& column, std::vector<T>& out) {
    if (!column.type()->Equals(*ArrowTypeOf<T>::type_singleton()) || column.null_count() != 0) return false;
    for (const auto& chunk : column.chunks()) {
        const auto& typed = static_cast<const typename ArrowTypeOf<T>::ArrayType&>(*chunk);
        out.insert(out.end(), typed.raw_values(), typed.raw_values() + typed.length());
    }
    return true;
}

/// The columns of a file of events, read whole.
class EventFile {
public:
    static Result<EventFile> open(const std::filesystem::path& path) {
        EventFile file;
        file.path_ = path.string();
        SHORTLIST_ARROW_ASSIGN(file.path_, auto bytes, arrow::io::ReadableFile::Open(file.path_));
        parquet::arrow::FileReaderBuilder builder;
        SHORTLIST_ARROW(file.path_, builder.Open(std::move(bytes)));
        SHORTLIST_ARROW(file.path_, builder.Build(&file.reader_));
        SHORTLIST_ARROW(file.path_, file.reader_->GetSchema(&file.schema_));
        return file;
    }

    [[nodiscard]] int groups() const { return reader_->num_row_groups(); }
    /// A column of one row group, behind what `out` holds.
    template <class T>
    Status read_group(const std::string& name, int group, std::vector<T>& out) {
        const int index = schema_->GetFieldIndex(name);
        std::shared_ptr<arrow::ChunkedArray> column;
        if (index >= 0) SHORTLIST_ARROW(path_, reader_->RowGroup(group)->Column(index)->Read(&column));
        if (!column || !copy_column(*column, out)) return base::data_loss(path_ + ": column '" + name + "' is not what was written");
        return {};
    }
    /// A column from a row group on.
    template <class T>
    Status read(const std::string& name, std::vector<T>& out, int first_group = 0) {
        out.reserve(rows_from(first_group));
        for (int group = first_group; group < groups(); ++group) SHORTLIST_TRY(read_group(name, group, out));
        return {};
    }
    Result<std::vector<EventId>> read_ids(std::size_t newest = std::numeric_limits<std::size_t>::max()) {
        int first_group = 0;
        while (first_group < groups() && rows_from(first_group + 1) >= newest) ++first_group;
        std::vector<std::uint64_t> high;
        std::vector<std::uint64_t> low;
        SHORTLIST_TRY(read("id_high", high, first_group));
        SHORTLIST_TRY(read("id_low", low, first_group));
        const std::size_t rows = std::min(high.size(), low.size());
        std::vector<EventId> ids(std::min(rows, newest));
        for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = {high[rows - ids.size() + i], low[rows - ids.size() + i]};
        return ids;
    }

private:
    [[nodiscard]] std::size_t rows_from(int group) const {
        std::int64_t rows = 0;
        for (; group < groups(); ++group) rows += reader_->parquet_reader()->metadata()->RowGroup(group)->num_rows();
        return static_cast<std::size_t>(rows);
    }

    std::string path_;
    std::unique_ptr<parquet::arrow::FileReader> reader_;
    std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Status write_events(const std::filesystem::path& path, const EventTable& events) {
    std::vector<std::uint64_t> high(events.size());
    std::vector<std::uint64_t> low(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        high[i] = events.id[i].high;
        low[i] = events.id[i].low;
    }
    TableOver columns;
    columns.add("time", events.time);
    columns.add("id_high", high);
    columns.add("id_low", low);
    columns.add("user", events.user);
    columns.add("item", events.item);
    columns.add("type", events.type);
    columns.add("value", events.value);
    columns.add("request", events.request);
    columns.add("position", events.position);
    for (std::size_t field = 0; field < events.context.size(); ++field) columns.add(context_column(field), events.context[field]);
    const std::string name = path.string();
    SHORTLIST_ARROW_ASSIGN(name, const auto out, arrow::io::FileOutputStream::Open(name));
    const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    SHORTLIST_ARROW(name,
                    parquet::arrow::WriteTable(*columns.table(), arrow::default_memory_pool(), out, kRowGroupRows, properties(), arrow_properties));
    SHORTLIST_ARROW(name, out->Close());
    return sync_path(path);
}

Status read_events(const std::filesystem::path& path, EventTable& events) {
    SHORTLIST_ASSIGN(auto file, EventFile::open(path));
    SHORTLIST_TRY(file.read("time", events.time));
    SHORTLIST_ASSIGN(events.id, file.read_ids());
    SHORTLIST_TRY(file.read("user", events.user));
    SHORTLIST_TRY(file.read("item", events.item));
    SHORTLIST_TRY(file.read("type", events.type));
    SHORTLIST_TRY(file.read("value", events.value));
    SHORTLIST_TRY(file.read("request", events.request));
    SHORTLIST_TRY(file.read("position", events.position));
    events.context.resize(events.context_names.size());
    for (std::size_t field = 0; field < events.context.size(); ++field) SHORTLIST_TRY(file.read(context_column(field), events.context[field]));
    return {};
}

Result<std::vector<EventId>> read_event_ids(const std::filesystem::path& path, std::size_t count) {
    SHORTLIST_ASSIGN(auto file, EventFile::open(path));
    return file.read_ids(count);
}

Result<EventSpan> read_event_span(const std::filesystem::path& path) {
    SHORTLIST_ASSIGN(auto file, EventFile::open(path));
    std::vector<TimeUs> times;
    std::optional<EventSpan> span;
    for (int group = 0; group < file.groups(); ++group, times.clear()) {
        SHORTLIST_TRY(file.read_group("time", group, times));
        if (times.empty()) continue;
        const auto [oldest, newest] = std::ranges::minmax(times);
        span = span ? EventSpan{std::min(span->oldest, oldest), std::max(span->newest, newest)} : EventSpan{oldest, newest};
    }
    return span.value_or(EventSpan{});
}

}  // namespace shortlist::data
