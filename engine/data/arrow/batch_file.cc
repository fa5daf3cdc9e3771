#include "engine/data/arrow/batch_file.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>

#include <memory>
#include <system_error>
#include <utility>

#include "engine/data/arrow/arrow_status_internal.h"

namespace shortlist::data {

Status write_batch(const std::filesystem::path& path, ArrowBatch batch) {
    const std::string name = path.string();
    const std::string draft = name + ".part";
    if (batch.array.release == nullptr) return base::invalid_argument(name + ": the Arrow batch is released");
    SHORTLIST_ARROW_ASSIGN(name, const auto records, arrow::ImportRecordBatch(&batch.array, &batch.schema));
    SHORTLIST_ARROW_ASSIGN(name, const auto out, arrow::io::FileOutputStream::Open(draft));
    SHORTLIST_ARROW_ASSIGN(name, const auto writer, arrow::ipc::MakeFileWriter(out, records->schema()));
    SHORTLIST_ARROW(name, writer->WriteRecordBatch(*records));
    SHORTLIST_ARROW(name, writer->Close());
    SHORTLIST_ARROW(name, out->Close());
    std::error_code code;
    std::filesystem::rename(draft, path, code);
    if (code) return base::unavailable(name + ": " + code.message());
    return {};
}

Result<ArrowBatch> read_batch(const std::filesystem::path& path) {
    const std::string name = path.string();
    if (!std::filesystem::exists(path)) return base::not_found(name + ": there is no such file");
    SHORTLIST_ARROW_ASSIGN(name, const auto in, arrow::io::MemoryMappedFile::Open(name, arrow::io::FileMode::READ));
    SHORTLIST_ARROW_ASSIGN(name, const auto reader, arrow::ipc::RecordBatchFileReader::Open(in));
    if (reader->num_record_batches() != 1) {
        return base::data_loss(name + ": holds " + std::to_string(reader->num_record_batches()) + " batches; it must be one");
    }
    SHORTLIST_ARROW_ASSIGN(name, const auto records, reader->ReadRecordBatch(0));
    SHORTLIST_ARROW(name, records->ValidateFull());
    ArrowBatch batch;
    SHORTLIST_ARROW(name, arrow::ExportRecordBatch(*records, &batch.array, &batch.schema));
    return batch;
}

}  // namespace shortlist::data
