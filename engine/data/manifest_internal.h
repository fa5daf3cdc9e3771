/// The manifest of a sealed folder: a JSON object with the number of its format. Private to engine/data.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <filesystem>

#include "engine/base/result.h"

namespace shortlist::data {

/// Reads an object of at most `bytes_max` bytes. Its members are the caller's to check.
/// Errors: DataLoss; FailedPrecondition where its format is newer than `newest_format`; those of read_file().
[[nodiscard]] Result<boost::json::value> read_manifest(const std::filesystem::path& path, std::size_t bytes_max, int newest_format);

}  // namespace shortlist::data
