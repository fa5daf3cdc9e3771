#include "engine/data/arrow/parquet_writer.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/writer.h>

#include <memory>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

using ArrayResult = arrow::Result<std::shared_ptr<arrow::Array>>;

template <class T>
std::shared_ptr<arrow::Buffer> wrap(const std::vector<T>& values) {
    return std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(values.data()),
                                           static_cast<std::int64_t>(values.size() * sizeof(T)));
}

/// Arrow's bitmap of a column's validity; none where every row has a value.
arrow::Result<std::shared_ptr<arrow::Buffer>> validity(const std::vector<std::uint8_t>& valid) {
    if (valid.empty()) return std::shared_ptr<arrow::Buffer>();
    ARROW_ASSIGN_OR_RAISE(auto bits, arrow::AllocateEmptyBitmap(static_cast<std::int64_t>(valid.size())));
    for (std::size_t i = 0; i < valid.size(); ++i) {
        if (valid[i] != 0) bits->mutable_data()[i / 8] = static_cast<std::uint8_t>(bits->data()[i / 8] | (1U << (i % 8)));
    }
    return bits;
}

std::shared_ptr<arrow::Array> strings_array(const StringColumn& strings, const std::shared_ptr<arrow::Buffer>& bits) {
    auto bytes =
        std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(strings.bytes.data()), static_cast<std::int64_t>(strings.bytes.size()));
    return std::make_shared<arrow::LargeStringArray>(static_cast<std::int64_t>(strings.size()), wrap(strings.offsets), std::move(bytes), bits);
}

/// Makes an Arrow array over the memory of a column, which must outlive it.
struct ArrayOver {
    std::shared_ptr<arrow::Buffer> bits;
    std::int64_t rows;
    bool time_us;

    ArrayResult operator()(const std::vector<std::int64_t>& values) const {
        if (time_us) return std::make_shared<arrow::TimestampArray>(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), rows, wrap(values), bits);
        return std::make_shared<arrow::Int64Array>(rows, wrap(values), bits);
    }
    ArrayResult operator()(const std::vector<double>& values) const { return std::make_shared<arrow::DoubleArray>(rows, wrap(values), bits); }
    ArrayResult operator()(const std::vector<float>& values) const { return std::make_shared<arrow::FloatArray>(rows, wrap(values), bits); }
    ArrayResult operator()(const std::vector<std::uint8_t>& values) const {
        arrow::BooleanBuilder builder;
        ARROW_RETURN_NOT_OK(builder.AppendValues(values.data(), rows));
        ARROW_ASSIGN_OR_RAISE(auto plain, builder.Finish());
        return std::make_shared<arrow::BooleanArray>(rows, plain->data()->buffers[1], bits);
    }
    ArrayResult operator()(const StringColumn& values) const { return strings_array(values, bits); }
    ArrayResult operator()(const CodedColumn& values) const {
        const auto type = arrow::dictionary(arrow::int32(), arrow::large_utf8());
        const auto indices = std::make_shared<arrow::Int32Array>(rows, wrap(values.codes), bits);
        return arrow::DictionaryArray::FromArrays(type, indices, strings_array(values.values, nullptr));
    }
    ArrayResult operator()(const VectorColumn& values) const {
        auto floats = std::make_shared<arrow::FloatArray>(static_cast<std::int64_t>(values.values.size()), wrap(values.values));
        const auto type = arrow::fixed_size_list(arrow::field("item", arrow::float32(), false), static_cast<std::int32_t>(values.width));
        return std::make_shared<arrow::FixedSizeListArray>(type, rows, std::move(floats), bits);
    }
    ArrayResult operator()(const StringListColumn& values) const {
        const auto type = arrow::large_list(arrow::field("item", arrow::large_utf8(), false));
        return std::make_shared<arrow::LargeListArray>(type, rows, wrap(values.offsets), strings_array(values.strings, nullptr), bits);
    }
};

arrow::Result<std::shared_ptr<arrow::RecordBatch>> records_over(const ColumnBatch& batch) {
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (const auto& column : batch.columns) {
        ARROW_ASSIGN_OR_RAISE(const auto bits, validity(column.valid));
        ARROW_ASSIGN_OR_RAISE(auto array, std::visit(ArrayOver{bits, static_cast<std::int64_t>(batch.rows), column.time_us}, column.values));
        fields.push_back(arrow::field(column.name, array->type(), !column.valid.empty()));
        arrays.push_back(std::move(array));
    }
    return arrow::RecordBatch::Make(arrow::schema(fields), static_cast<std::int64_t>(batch.rows), arrays);
}

parquet::Compression::type codec_of(Compression compression) {
    switch (compression) {
        case Compression::None: return parquet::Compression::UNCOMPRESSED;
        case Compression::Snappy: return parquet::Compression::SNAPPY;
        case Compression::Zstd: return parquet::Compression::ZSTD;
    }
    return parquet::Compression::UNCOMPRESSED;
}

arrow::Status write_records(const arrow::RecordBatch& records, const std::shared_ptr<arrow::io::OutputStream>& out, Compression compression,
                            Encoding encoding) {
    const auto properties = parquet::WriterProperties::Builder().compression(codec_of(compression))->created_by("shortlist")->build();
    auto arrow_properties = parquet::ArrowWriterProperties::Builder();
    arrow_properties.store_schema()->set_use_threads(encoding == Encoding::Parallel);
    auto* pool = arrow::default_memory_pool();
    ARROW_ASSIGN_OR_RAISE(const auto writer, parquet::arrow::FileWriter::Open(*records.schema(), pool, out, properties, arrow_properties.build()));
    if (encoding == Encoding::Parallel) {
        ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(records));
    } else {
        ARROW_ASSIGN_OR_RAISE(const auto table, arrow::Table::FromRecordBatches({records.Slice(0)}));
        ARROW_RETURN_NOT_OK(writer->WriteTable(*table, std::int64_t{1} << 20));
    }
    return writer->Close();
}

}  // namespace

Status write_parquet(const std::filesystem::path& path, const ColumnBatch& batch, Compression compression, Encoding encoding) {
    for (const auto& column : batch.columns) {
        if (column.rows() == batch.rows && (column.valid.empty() || column.valid.size() == batch.rows)) continue;
        return base::invalid_argument(path.string() + ": column '" + base::printable(column.name) + "' does not have " + std::to_string(batch.rows) +
                                      " rows");
    }
    const std::string name = path.string();
    SHORTLIST_ARROW_ASSIGN(name, const auto records, records_over(batch));
    SHORTLIST_ARROW_ASSIGN(name, const auto out, arrow::io::FileOutputStream::Open(name));
    SHORTLIST_ARROW(name, write_records(*records, out, compression, encoding));
    SHORTLIST_ARROW(name, out->Close());
    return sync_path(path);
}

}  // namespace shortlist::data
