/// `shortlist verify`: whether what a restarted server would serve from is what the log says, bit by bit.
#pragma once

#include <cstdint>
#include <string>

#include "engine/project/train_project.h"

namespace shortlist::project {

struct VerifyReport {
    std::string bundle;
    std::uint64_t restored = 0;  ///< Offset of the snapshot; 0 where there is none, and the two folds are of the same records.
    std::uint64_t events = 0;
    std::string restored_digest;  ///< Of catalogue and feature state, from the snapshot and the records behind it.
    std::string folded_digest;    ///< Of the same, from the whole log.
    double seconds = 0;

    [[nodiscard]] bool equal() const noexcept { return restored_digest == folded_digest; }
};

/// Reads the project twice; also while a server writes it, of which it sees the log as it was. Cost: two restarts.
/// Errors: FailedPrecondition (no bundle), DataLoss (a damaged log).
[[nodiscard]] Result<VerifyReport> verify_project(const Project& project, const RunContext& run);

}  // namespace shortlist::project
