/// Files to log: reads what `data:` names, checks every row, and puts catalogue and history in place in one step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/threads.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

/// What an import is given beside its configuration. All of it must outlive the call.
struct ImportOptions {
    const base::Clock* clock = nullptr;  ///< Required: tells which events are from the future.
    TimeUs keep = 0;                     ///< Events that are so much older than the newest of the log are left out; 0: none (`log.keep`).
    ThreadPool* pool = nullptr;          ///< Null: one thread. With more, the parts of the log are written together; the bytes are the same.
    /// Called between batches with what is being done ("events") and the share of it that is done, in [0, 1].
    std::function<void(std::string_view stage, double done)> progress;
};

struct ImportReport {
    std::uint64_t rows_read = 0;        ///< Rows of event files, bad ones among them.
    std::uint64_t entity_rows_read = 0; ///< Rows of item and user files.
    std::uint64_t events_kept = 0;
    std::uint64_t older = 0;            ///< Events that ImportOptions::keep left out.
    std::uint64_t duplicates = 0;       ///< Events whose id came before; they are no fault and are not quarantined.
    std::uint64_t unknown_items = 0;    ///< Items that only events mention.
    std::uint64_t rows_quarantined = 0;
    std::map<std::string, std::uint64_t> quarantined;  ///< Reason to rows.
    std::uint64_t users = 0;
    std::uint64_t items = 0;
    TimeForm time_form = TimeForm::None;
    TimeUs first_time = 0;
    TimeUs last_time = 0;
    std::uint64_t tail_events = 0;                 ///< Live events that stay behind the imported ones.
    std::optional<std::uint64_t> given_test_begin;  ///< Offset of the first event of `test_events`, where there are any.
    bool changed = true;                            ///< False: the files hold what the log held already.
    std::filesystem::path quarantine_path;          ///< Empty where no row was bad.
    double seconds = 0;
};

/// Imports into the project in `project_folder`; relative paths of the configuration start there. Takes the project's writer lock.
/// The catalogue keeps its rows: what it holds stays where it is, new ids come behind. Live events stay in the log, behind the
/// imported ones, and an imported event that arrived live before is a duplicate.
/// Errors: NotFound (no such file), InvalidArgument (a column that is not there, a file that is not what its name says,
/// more than max_bad_rows bad rows), FailedPrecondition (another process writes the project). After an error the data are what
/// they were; the quarantine file is kept, for it says why.
/// Cost: about 60 bytes of memory an event.
[[nodiscard]] Result<ImportReport> import_data(const DataConfig& config, const std::filesystem::path& project_folder, const ImportOptions& options);

}  // namespace shortlist::data
