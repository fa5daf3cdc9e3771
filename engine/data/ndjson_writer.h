/// Writes a table as a file of JSON lines, on a local path.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/data/column_batch.h"

namespace shortlist::data {

/// An object a row with every column in it, null where there is no value; times as ISO 8601. The file is synced; its bytes depend on the
/// batch only. Requires columns of batch.rows rows.
/// Errors: Unavailable (disk), InvalidArgument (a time outside the years 0 to 9999).
[[nodiscard]] Status write_ndjson(const std::filesystem::path& path, const ColumnBatch& batch);

}  // namespace shortlist::data
