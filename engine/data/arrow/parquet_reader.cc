#include <arrow/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <numeric>
#include <utility>

#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

constexpr std::int64_t kParquetBatchRows = std::int64_t{1} << 20;

void collect_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
    if (field.is_leaf()) leaves.push_back(field.column_index);
    for (const auto& child : field.children) collect_leaves(child, leaves);
}

std::vector<std::string> names_of(const parquet::arrow::SchemaManifest& manifest) {
    std::vector<std::string> names;
    names.reserve(manifest.schema_fields.size());
    for (const auto& field : manifest.schema_fields) names.push_back(field.field->name());
    return names;
}

/// Opens the file so that texts come with their dictionary instead of one by one.
Result<std::unique_ptr<parquet::arrow::FileReader>> open_file(const std::string& path) {
    SHORTLIST_ASSIGN(const Place place, find_place(path));
    SHORTLIST_ARROW_ASSIGN(path, auto file, place.system->OpenInputFile(place.path));
    parquet::arrow::FileReaderBuilder builder;
    SHORTLIST_ARROW(path, builder.Open(std::move(file)));
    const auto* schema = builder.raw_reader()->metadata()->schema();
    parquet::ArrowReaderProperties properties(/*use_threads=*/false);
    properties.set_batch_size(kParquetBatchRows);
    for (int leaf = 0; leaf < schema->num_columns(); ++leaf) {
        const auto* column = schema->Column(leaf);
        const bool text = column->physical_type() == parquet::Type::BYTE_ARRAY && column->max_repetition_level() == 0;
        const auto logical = column->logical_type();
        if (text && (logical->is_string() || logical->is_none())) properties.set_read_dictionary(leaf, true);
    }
    builder.properties(properties);
    std::unique_ptr<parquet::arrow::FileReader> reader;
    SHORTLIST_ARROW(path, builder.Build(&reader));
    return reader;
}

class ParquetReader final : public TableReader {
public:
    static Result<std::unique_ptr<TableReader>> open(const TableSource& source) {
        auto reader = std::make_unique<ParquetReader>();
        reader->path_ = source.path;
        SHORTLIST_ASSIGN(reader->file_, open_file(source.path));
        const auto& manifest = reader->file_->manifest();
        const auto names = names_of(manifest);
        SHORTLIST_ASSIGN(const auto positions, find_columns(source.path, names, source.columns));
        std::vector<int> leaves;
        for (const int position : positions) {
            reader->names_.push_back(names[static_cast<std::size_t>(position)]);
            collect_leaves(manifest.schema_fields[static_cast<std::size_t>(position)], leaves);
        }
        std::vector<int> groups(static_cast<std::size_t>(reader->file_->num_row_groups()));
        std::iota(groups.begin(), groups.end(), 0);
        reader->rows_ = reader->file_->parquet_reader()->metadata()->num_rows();
        SHORTLIST_ARROW_ASSIGN(source.path, reader->batches_, reader->file_->GetRecordBatchReader(groups, leaves));
        return std::unique_ptr<TableReader>(std::move(reader));
    }

    Result<std::optional<TableBatch>> next() override {
        std::shared_ptr<arrow::RecordBatch> read;
        SHORTLIST_ARROW(path_, batches_->ReadNext(&read));
        if (!read) return std::optional<TableBatch>();
        SHORTLIST_ARROW(path_, read->ValidateFull());
        TableBatch batch;
        batch.first_row = next_row_;
        batch.table.rows = static_cast<std::size_t>(read->num_rows());
        next_row_ += batch.table.rows;
        batch.progress = static_cast<double>(next_row_) / static_cast<double>(rows_);
        for (const auto& name : names_) {
            auto column = column_from_arrow(name, *read->GetColumnByName(name));
            if (!column) return column.error().in(path_);
            batch.table.columns.push_back(std::move(column).value());
        }
        return std::optional<TableBatch>(std::move(batch));
    }

private:
    std::string path_;
    std::unique_ptr<parquet::arrow::FileReader> file_;
    std::unique_ptr<arrow::RecordBatchReader> batches_;
    std::vector<std::string> names_;
    std::int64_t rows_ = 0;
    std::uint64_t next_row_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_parquet(const TableSource& source) { return ParquetReader::open(source); }

Result<std::vector<std::string>> parquet_column_names(const TableSource& source) {
    SHORTLIST_ASSIGN(const auto file, open_file(source.path));
    return names_of(file->manifest());
}

}  // namespace shortlist::data
