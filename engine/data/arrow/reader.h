/// Reads tables from files, batch by batch: Parquet, CSV, JSON lines, a Gorse dump, Metarank's events (text and dumps also gzip); local
/// or s3://.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/column_batch.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

/// A row that could not be read at all: a wrong number of columns, not a JSON object.
struct UnreadableRow {
    std::uint64_t row = 0;  ///< 0-based among the rows of the file.
    std::string reason;     ///< A word or two, the same for every row of one kind.
    std::string text;       ///< The row as it stands, cut.
};

/// What there is to read: a file, its form, and the columns wanted of it.
struct TableSource {
    std::string path;                        ///< A local path or s3://bucket/key.
    FileFormat format = FileFormat::Auto;    ///< Auto: by the name's end, .gz aside.
    std::vector<std::string> columns;        ///< Wanted; empty for all.
    SourceTable table = SourceTable::Events; ///< Of a file that holds several.
};

/// Some rows of a file.
struct TableBatch {
    ColumnBatch table;                         ///< Columns in the order wanted.
    std::uint64_t first_row = 0;               ///< 0-based row of the file where the batch begins.
    std::vector<std::uint64_t> row_numbers;  ///< Row of the file of each row here, where unreadable ones lie between; empty: they follow first_row.
    std::vector<UnreadableRow> unreadable;
    double progress = 0;  ///< Share of the file that is read, in [0, 1].

    [[nodiscard]] std::uint64_t row_number(std::size_t row) const noexcept { return row_numbers.empty() ? first_row + row : row_numbers[row]; }
};

/// One file, read front to back by one thread. Text files give their columns as text (StringColumn), an empty cell as missing:
/// what a cell means is the caller's to find out, so that a bad one spoils no other.
class TableReader {
public:
    virtual ~TableReader() = default;
    /// The next rows, at most 1,048,576 (text files: what 32 MiB hold); nothing at the end.
    /// Errors: DataLoss, Unavailable, InvalidArgument (a line over 32 MiB).
    [[nodiscard]] virtual Result<std::optional<TableBatch>> next() = 0;
};

/// Opens a file. Errors: InvalidArgument where it is not of its format or a wanted column is not there, naming the file, the column, the
/// columns it has and the nearest; Unavailable (no such file, disk, network).
[[nodiscard]] Result<std::unique_ptr<TableReader>> open_table(const TableSource& source);

/// Opens a Parquet file of our own: what a reader refuses there was damaged, and is nobody's argument. Errors, of the reader too:
/// DataLoss; Unavailable (no such file, disk).
[[nodiscard]] Result<std::unique_ptr<TableReader>> open_own_table(const std::filesystem::path& path, std::vector<std::string> columns);

/// Names of the columns of a file, in its order. Errors: as open_table.
[[nodiscard]] Result<std::vector<std::string>> column_names(const TableSource& source);

/// The files that `pattern` names, by name: itself, or those that match its * and ? (within one folder or key prefix).
/// A relative path starts at `folder`. Errors: NotFound where there is none.
[[nodiscard]] Result<std::vector<std::string>> expand_path(const std::string& pattern, const std::filesystem::path& folder);

}  // namespace shortlist::data
