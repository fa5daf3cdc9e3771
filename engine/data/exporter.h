/// Log to files: everything that a project holds, in files that anybody reads and that import makes the same log of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/base/result.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

enum class ExportFormat { Parquet, Ndjson };

struct ExportOptions {
    ExportFormat format = ExportFormat::Parquet;
    std::filesystem::path out;  ///< A folder that is not there yet, or is empty.
    /// Adds to the folder, before it gets its name, what says how to read its files; `data` does.
    std::function<Status(const std::filesystem::path& folder, const DataConfig& data)> complete;
};

struct ExportReport {
    std::uint64_t events = 0;
    std::uint64_t test_events = 0;  ///< Of them, those of a given test part: in a file of their own.
    std::uint64_t items = 0;
    std::uint64_t users = 0;
};

/// Writes events, test_events where there are any, items and users of the log of `project_folder`: history and what arrived live, the
/// catalogue as of now, attributes that the project names. Events stand by time, then id, as an import would order them; each has its own id
/// (`event:` and 32 hex digits), so that an import of the files gives the same events, the same rows of items and users, and an export of
/// those the same bytes. Of requests the hash is kept (`request:` and 16 digits). Where live events followed a history without times, its
/// order becomes a time: the first microseconds of 1970.
/// The folder appears whole, by one rename. May run while another process writes: it holds what the log held when it began.
/// Errors: AlreadyExists (the folder holds something), FailedPrecondition (no event in the log), DataLoss, Unavailable (disk).
/// Cost: about 150 bytes of memory an event.
[[nodiscard]] Result<ExportReport> export_data(const std::filesystem::path& project_folder, const ExportOptions& options);

}  // namespace shortlist::data
