/// The parts of the reader: file systems, streams, and one reader for each format. Private to engine/data/arrow.
#pragma once

#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow/reader.h"

namespace shortlist::data {

/// Longest line of a text file, and how much of one is read at once.
inline constexpr std::int32_t kTextBlockBytes = 32 << 20;

/// A file and the file system that it is on.
struct Place {
    std::shared_ptr<arrow::fs::FileSystem> system;
    std::string path;  ///< Within the system.
};

/// Finds the file system of a path. Errors: Unavailable (S3 cannot be reached), InvalidArgument (a malformed address).
[[nodiscard]] Result<Place> find_place(const std::string& path);

/// A file as a stream of its bytes, decompressed where its name ends in .gz.
struct TextStream {
    std::shared_ptr<arrow::io::InputStream> bytes;
    std::shared_ptr<arrow::io::InputStream> raw;  ///< Before decompression, the same object where there is none.
    std::int64_t size = 0;                        ///< Of the raw bytes.

    [[nodiscard]] double progress() const;
};
[[nodiscard]] Result<TextStream> open_text(const std::string& path);

/// The positions of `wanted` in `names`; all of them where nothing is wanted.
/// Errors: InvalidArgument naming the file, the column, those there are, and the nearest; or a name that stands twice.
[[nodiscard]] Result<std::vector<int>> find_columns(const std::string& path, const std::vector<std::string>& names,
                                                    const std::vector<std::string>& wanted);

/// Our column of an Arrow array. Errors: InvalidArgument, naming the type, where we have no column for it.
[[nodiscard]] Result<Column> column_from_arrow(const std::string& name, const arrow::Array& array);

[[nodiscard]] Result<std::unique_ptr<TableReader>> open_parquet(const TableSource& source);
[[nodiscard]] Result<std::unique_ptr<TableReader>> open_csv(const TableSource& source);
/// JSON lines, and what else comes row by row as objects.
[[nodiscard]] Result<std::unique_ptr<TableReader>> open_objects(const TableSource& source);
[[nodiscard]] Result<std::vector<std::string>> parquet_column_names(const TableSource& source);
[[nodiscard]] Result<std::vector<std::string>> csv_column_names(const TableSource& source);
[[nodiscard]] Result<std::vector<std::string>> object_column_names(const TableSource& source);

}  // namespace shortlist::data
