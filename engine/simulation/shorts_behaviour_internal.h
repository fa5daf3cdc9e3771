/// What the users of a world of shorts are shown and do.
#pragma once

#include "engine/simulation/shorts_policy_internal.h"
#include "engine/simulation/shorts_population_internal.h"

namespace shortlist::simulation {

/// One impression and what followed it.
struct Shown {
    std::int64_t time_ms = 0;
    std::uint32_t user = 0;
    std::uint32_t item = 0;
    std::uint32_t page = 0;      ///< 0-based, of this user.
    std::uint16_t position = 0;  ///< 0-based, on the page.
    Device device = Device::Phone;
    bool liked = false;
    float fraction = 0.0F;       ///< Of the video that was played; 0: not seen.

    [[nodiscard]] bool watched() const noexcept { return fraction >= 0.1F; }
    [[nodiscard]] bool skipped() const noexcept { return fraction > 0.0F && fraction < 0.02F; }
    /// Rows of the log: the impression, then a watch or a skip, then a like.
    [[nodiscard]] std::size_t events() const noexcept { return 1U + (watched() || skipped() ? 1U : 0U) + (liked ? 1U : 0U); }
};

/// The life of each user, in order of the users and of time. Same result with any number of threads. `impressions` is
/// how many are planned; a few fall behind the end of the log and are left out.
[[nodiscard]] std::vector<Shown> simulate_users(const ShortsConfig& config, const ShortsPopulation& world, const PolicySampler& policy,
                                                std::uint64_t impressions, base::ThreadPool& threads);

}  // namespace shortlist::simulation
