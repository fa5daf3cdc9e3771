#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/util/thread_pool.h>

#include <deque>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

constexpr std::int64_t kHeaderBytesMax = 1 << 20;

/// Cuts the first line into cells (RFC 4180 quotes: a quote within is doubled), a byte order mark aside.
std::vector<std::string> split_header(std::string_view text, char delimiter) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<std::string> names(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool doubled = quoted && text.substr(i, 2) == "\"\"";
        if (!quoted && (c == '\n' || c == '\r')) break;
        if (!quoted && c == delimiter)
            names.emplace_back();
        else if (c == '"' && !doubled)
            quoted = !quoted;
        else
            names.back() += c;
        if (doubled) ++i;
    }
    return names;
}

char delimiter_of(const std::string& path) { return path.ends_with(".tsv") || path.ends_with(".tsv.gz") ? '\t' : ','; }

Result<std::vector<std::string>> read_header(const std::string& path) {
    SHORTLIST_ASSIGN(const TextStream stream, open_text(path));
    std::string text;
    while (text.size() < kHeaderBytesMax && text.find('\n') == std::string::npos) {
        SHORTLIST_ARROW_ASSIGN(path, const auto piece, stream.bytes->Read(kHeaderBytesMax / 4));
        if (piece->size() == 0) break;
        text += piece->ToString();
    }
    if (text.empty()) return base::invalid_argument(path + ": the file is empty; a CSV file begins with a line of column names");
    if (text.find('\0') != std::string::npos && text.find('\0') < text.find('\n')) {
        return base::invalid_argument(path + ": the line of column names holds NUL bytes; this is not a CSV file");
    }
    return split_header(text, delimiter_of(path));
}

class CsvReader final : public TableReader {
public:
    static Result<std::unique_ptr<TableReader>> open(const TableSource& source) {
        SHORTLIST_ASSIGN(const auto names, read_header(source.path));
        SHORTLIST_ASSIGN(const auto positions, find_columns(source.path, names, source.columns));
        auto reader = std::make_unique<CsvReader>();
        reader->path_ = source.path;
        SHORTLIST_ASSIGN(reader->stream_, open_text(source.path));
        auto read = arrow::csv::ReadOptions::Defaults();
        read.use_threads = false;
        read.block_size = kTextBlockBytes;
        read.column_names = names;
        read.skip_rows = 1;
        auto parse = arrow::csv::ParseOptions::Defaults();
        parse.delimiter = delimiter_of(source.path);
        // The handler outlives neither the reader nor its list: both belong to one object.
        parse.invalid_row_handler = [rows = &reader->unreadable_](const arrow::csv::InvalidRow& row) {
            rows->push_back({static_cast<std::uint64_t>(row.number - 2), "wrong number of columns", base::printable(row.text, 200)});
            return arrow::csv::InvalidRowResult::Skip;
        };
        auto convert = arrow::csv::ConvertOptions::Defaults();
        convert.strings_can_be_null = true;
        convert.null_values = {""};
        for (const int position : positions) {
            const auto& name = names[static_cast<std::size_t>(position)];
            convert.include_columns.push_back(name);
            convert.column_types[name] = arrow::binary();
        }
        auto made = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), reader->stream_.bytes, read, parse, convert);
        if (!made.ok() && made.status().message().find("Empty CSV file") != std::string::npos) return std::unique_ptr<TableReader>(std::move(reader));
        SHORTLIST_ARROW_ASSIGN(source.path, reader->batches_, std::move(made));
        return std::unique_ptr<TableReader>(std::move(reader));
    }

    Result<std::optional<TableBatch>> next() override {
        if (!batches_) return std::optional<TableBatch>();
        std::shared_ptr<arrow::RecordBatch> read;
        if (const auto status = batches_->ReadNext(&read); !status.ok()) return read_error(status);
        if (!read && unreadable_.empty()) return std::optional<TableBatch>();
        TableBatch batch;
        batch.first_row = next_row_;
        batch.progress = stream_.progress();
        if (!read) {
            batch.unreadable.assign(unreadable_.begin(), unreadable_.end());
            unreadable_.clear();
            return std::optional<TableBatch>(std::move(batch));
        }
        batch.table.rows = static_cast<std::size_t>(read->num_rows());
        number_rows(batch);
        for (int i = 0; i < read->num_columns(); ++i) {
            SHORTLIST_ASSIGN(auto column, column_from_arrow(read->column_name(i), *read->column(i)));
            batch.table.columns.push_back(std::move(column));
        }
        return std::optional<TableBatch>(std::move(batch));
    }

private:
    [[nodiscard]] Error read_error(const arrow::Status& status) const {
        if (status.message().find("straddling object") != std::string::npos) {
            return base::invalid_argument(path_ + ": a line behind row " + std::to_string(next_row_) + " is longer than " +
                                          base::format_bytes(kTextBlockBytes));
        }
        return arrow_error(status, path_);
    }

    /// Gives each row of the batch its place in the file, and the batch the unreadable rows between: of those that it holds already, some
    /// lie behind the batch, for Arrow parses a block ahead.
    void number_rows(TableBatch& batch) {
        if (unreadable_.empty()) {
            next_row_ += batch.table.rows;
            return;
        }
        for (std::size_t i = 0; i < batch.table.rows; ++i, ++next_row_) {
            for (; !unreadable_.empty() && unreadable_.front().row == next_row_; ++next_row_) {
                batch.unreadable.push_back(std::move(unreadable_.front()));
                unreadable_.pop_front();
            }
            batch.row_numbers.push_back(next_row_);
        }
    }

    std::string path_;
    TextStream stream_;
    std::shared_ptr<arrow::csv::StreamingReader> batches_;  ///< Null where the file has a header and nothing else.
    std::deque<UnreadableRow> unreadable_;                  ///< Met, and not in a batch yet.
    std::uint64_t next_row_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_csv(const TableSource& source) { return CsvReader::open(source); }

Result<std::vector<std::string>> csv_column_names(const TableSource& source) { return read_header(source.path); }

}  // namespace shortlist::data
