/// The truth of a world of shorts as evaluation reads it: what a list would be worth that nobody could better.
/// A file of its own beside the data; without it nothing changes but the oracle's line in the evaluation.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "engine/simulation/shorts_truth.h"

namespace shortlist::simulation {

/// Writes the truth as one binary file, little-endian: "SLSHORT1", counts, weights, columns. Errors: Unavailable (disk).
[[nodiscard]] Status save_truth(const ShortsTruth& truth, const std::filesystem::path& path);

/// Two readings of "best". Offline, a held-out positive is an impression that the policy chose and the user watched: the
/// list that wins there orders by exposure x watch. For a user who is shown the list itself, watch alone counts.
/// Immutable; any thread may call.
class ShortsOracle {
public:
    /// A world that is still in memory.
    explicit ShortsOracle(ShortsTruth truth);
    /// Errors: NotFound, DataLoss (not such a file, cut off, or a value out of its range).
    static Result<ShortsOracle> load(const std::filesystem::path& path);

    [[nodiscard]] const ShortsTruth& truth() const noexcept { return truth_; }
    /// Index behind an id of the tables, or kNoRow.
    [[nodiscard]] std::uint32_t user(std::string_view id) const noexcept;
    [[nodiscard]] std::uint32_t item(std::string_view id) const noexcept;

    /// P(played to half or more | shown at `time`): seen, then watched, averaged over the mood of the session.
    /// 0 before the upload. Requires user < truth().users() and item < truth().items().
    [[nodiscard]] double probability(std::size_t user, std::size_t item, TimeUs time, const WatchContext& context = {}) const noexcept;
    /// probability() of every item. out.size() is truth().items(). Cost: about 60 ns an item.
    void fill_probabilities(std::size_t user, TimeUs time, const WatchContext& context, std::span<double> out) const;
    /// The logging policy's probability of choosing each item for one slot of a session that begins at `time`. Sums to 1.
    /// Leaves out that it avoids what the user was shown before. Cost: about 20 ns an item.
    void fill_exposures(std::size_t user, TimeUs time, std::span<double> out) const;

private:
    ShortsTruth truth_;
};

}  // namespace shortlist::simulation
