/// Draws who and what there is in a world of shorts: topics, creators, videos, people.
#pragma once

#include "engine/simulation/shorts_config.h"
#include "engine/simulation/shorts_truth.h"

namespace shortlist::simulation {

inline constexpr TimeUs kShortsStart = 1'704'067'200LL * kSecondUs;  // 2024-01-01T00:00:00Z, a Monday

/// What the tables show of a population and the laws do not use.
struct ShortsPopulation {
    ShortsTruth truth;
    std::vector<std::uint8_t> ages;
    std::vector<TimeUs> signups;
    std::vector<Device> devices;            ///< The one that each user mostly uses.
    std::vector<double> activities;         ///< Weight of each user's share of the impressions.
    std::vector<std::int64_t> duration_ms;  ///< Of each video.
};

/// Requires check(config). Cost: O(items log items + users), one thread.
[[nodiscard]] ShortsPopulation draw_population(const ShortsConfig& config);

/// Hours of the day by share of impressions: KuaiRand's, smoothed; sums to about 1.
inline constexpr std::array<double, 24> kHourShares{0.040, 0.025, 0.016, 0.010, 0.008, 0.009, 0.016, 0.025, 0.033, 0.039, 0.045, 0.051,
                                                    0.057, 0.056, 0.052, 0.052, 0.055, 0.059, 0.057, 0.054, 0.056, 0.059, 0.064, 0.062};

}  // namespace shortlist::simulation
