/// Writes a table as a Parquet file, on a local path.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/data/column_batch.h"

namespace shortlist::data {

enum class Compression { None, Snappy, Zstd };
/// Whether the columns of a row group are encoded one after the other, or on all cores, when all of them are in memory at once.
enum class Encoding { InTurn, Parallel };

/// Row groups of at most 1,048,576; coded columns are dictionary-encoded; the file is synced. The bytes depend on the arguments only.
/// Errors: Unavailable (disk), InvalidArgument (columns of unequal length).
[[nodiscard]] Status write_parquet(const std::filesystem::path& path, const ColumnBatch& batch, Compression compression = Compression::Snappy,
                                   Encoding encoding = Encoding::InTurn);

}  // namespace shortlist::data
