/// Snapshots of what a log says to a bundle's models: a restart reads one, and of the log only the records behind it.
///
///     state/<models>.snapshot   a file of state (engine/data/state_file.h): epoch, offset, then the LogState
/// A snapshot can always be done without: it is made anew from the log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/data/bundle_folder.h"
#include "engine/pipeline/log_state.h"

namespace shortlist::pipeline {

/// Where in a log a state stands.
struct LogPlace {
    std::string epoch;
    std::uint64_t offset = 0;  ///< Of the first record that is not part of it.
};

struct SnapshotOptions {
    bool shared_users = false;          ///< Users' states come from other servers' logs as well: nothing for who reads this log alone.
    features::UserBound user_bound = {};  ///< Of the state that is loaded.
};

/// Writes the snapshot for a bundle's models, and removes all but the newest other. Cost: the size of the state, written and synced.
/// Errors: Unavailable; then the one of before is still there.
[[nodiscard]] Status save_snapshot(const std::filesystem::path& project_folder, const data::Bundle& bundle, const LogPlace& place,
                                   const LogState& state, const SnapshotOptions& options = {});

struct Snapshot {
    LogPlace place;
    std::unique_ptr<LogState> state;
};
/// The snapshot for the bundle's models, of which `fits` says whether it can be used in this log. Where users are bounded, their states stay
/// in the file, which stays open, until they do something. Cost: reads the file twice.
/// Errors: NotFound; FailedPrecondition where it does not fit, or has a newer format; DataLoss; those of loading the models.
[[nodiscard]] Result<Snapshot> load_snapshot(const std::filesystem::path& project_folder, const data::Bundle& bundle,
                                             const std::function<bool(const LogPlace&)>& fits, const SnapshotOptions& options = {});

}  // namespace shortlist::pipeline
