/// One batch of columns as a file of Arrow's IPC format, on a local path: what processes on one machine hand each other.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/data/arrow_columns.h"

namespace shortlist::data {

/// Writes to a temporary name beside it and renames: a file of this name is whole. Errors: Unavailable (disk), InvalidArgument (no batch).
[[nodiscard]] Status write_batch(const std::filesystem::path& path, ArrowBatch batch);
/// The batch of a file, checked to be what Arrow allows. Its memory is the mapped file's. Errors: NotFound, DataLoss (no such file, or a damaged
/// one).
[[nodiscard]] Result<ArrowBatch> read_batch(const std::filesystem::path& path);

}  // namespace shortlist::data
