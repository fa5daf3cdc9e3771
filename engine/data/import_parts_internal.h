/// The two halves of an import: entities into tables, events into a staged log. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/dataset.h"
#include "engine/data/event_hash_internal.h"
#include "engine/data/importer.h"
#include "engine/data/quarantine_internal.h"

namespace shortlist::data {

/// What all steps of one import share.
struct ImportContext {
    const DataConfig& config;
    const std::filesystem::path& project_folder;
    const ImportOptions& options;
    Quarantine quarantine;
    ImportReport report;
};

/// Files to read one after another, as one table.
struct FileSet {
    std::string_view what;  ///< `events`, `items`, `users`: for progress and messages.
    std::vector<std::string> files;
    FileFormat format = FileFormat::Auto;
    std::vector<std::string> columns;
    SourceTable table = SourceTable::Events;
};

/// Every file that a list of paths and patterns names. Errors: NotFound.
[[nodiscard]] Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths, const std::filesystem::path& folder);

/// Reads all files; unreadable rows go to the quarantine, every batch to `take`. Returns the rows read, bad ones among them.
[[nodiscard]] Result<std::uint64_t> read_files(ImportContext& context, const FileSet& files,
                                               const std::function<Status(const std::string& file, const TableBatch& batch)>& take);

/// Rows of a table that a file or a live upsert described.
using KnownRows = std::vector<std::uint8_t>;

/// Files of items or users: what to call them, how to read them, and what the files of events call their id.
struct EntitySource {
    std::string_view what;
    SourceTable table;
    const EntityConfig& config;
    const std::string& events_column;
};

/// Reads the files of `source` into `table`, which keeps its rows and takes the attributes of the configuration; sets
/// `known` of every row met.
[[nodiscard]] Status import_entities(ImportContext& context, const EntitySource& source, EntityTable& table, KnownRows& known);

/// Reads the files of events into data.events, sorted, each id once; ids in `seen` are duplicates. New users and items get rows.
[[nodiscard]] Status import_events(ImportContext& context, const KnownRows& known_items, EventIdSet seen, Dataset& data);

}  // namespace shortlist::data
