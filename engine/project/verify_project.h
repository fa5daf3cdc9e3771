/// `shortlist verify`: whether what a restarted server would serve from is what the log says, and whether the lists that were served are
/// what it gives, bit by bit.
#pragma once

#include <cstdint>
#include <string>

#include "engine/pipeline/check_lists.h"
#include "engine/project/train_project.h"

namespace shortlist::project {

struct VerifyOptions {
    bool all = false;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("all", all, base::any<bool>(), "Report every difference, not the first ten.");
    }
};

struct VerifyReport {
    std::string bundle;
    std::uint64_t restored = 0;  ///< Offset of the snapshot; 0 where there is none, and the two folds are of the same records.
    std::uint64_t events = 0;
    std::string restored_digest;  ///< Of catalogue and feature state, from the snapshot and the records behind it.
    std::string folded_digest;    ///< Of the same, from the whole log.
    pipeline::ListsReport lists;
    double seconds = 0;

    [[nodiscard]] bool state_equal() const noexcept { return restored_digest == folded_digest; }
    [[nodiscard]] bool equal() const noexcept { return state_equal() && lists.equal(); }
};

/// Reads the project several times, also while a server writes it, of which it sees the log as it was; begins anew where an import, forgetting or
/// retention put another log in force meanwhile. Cost: two restarts, and as check_lists().
/// Errors: FailedPrecondition (no bundle), DataLoss (a damaged log).
[[nodiscard]] Result<VerifyReport> verify_project(const Project& project, const VerifyOptions& options, const RunContext& run);

}  // namespace shortlist::project
