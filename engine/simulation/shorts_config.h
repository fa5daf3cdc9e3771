/// Options of the generated world of short videos. docs/decisions/0002-shorts-world.md says where the defaults come from.
#pragma once

#include <cstdint>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"

namespace shortlist::simulation {

struct ShortsConfig {
    std::uint64_t users = 10'000;
    std::uint64_t items = 50'000;
    std::uint64_t interactions = 1'000'000;  ///< Rows of the event log: impressions and what followed them.
    std::uint64_t days = 14;
    std::uint64_t seed = 42;
    std::uint64_t creators = 0;              ///< 0 takes one for every 12 videos.
    std::uint64_t categories = 24;
    std::uint64_t page_size = 8;
    double session_length = 14.0;
    double activity_spread = 0.82;
    double popularity_exponent = 0.70;
    double taste_drift = 0.5;
    double position_bias = 0.25;
    double personal_share = 0.8;
    double fresh_share = 0.1;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("users", users, base::range(1, 10'000'000), "People in the world.");
        v.field("items", items, base::range(1, 10'000'000), "Videos, those uploaded before the first day among them.");
        v.field("interactions", interactions, base::range(1, 1'000'000'000), "Rows of the event log: impressions, watches, skips and likes.");
        v.field("days", days, base::range(1, 366), "Days that the log covers.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of everything that is drawn.");
        v.field("creators", creators, base::range(0, 10'000'000), "People who upload; 0 takes one for every 12 videos.");
        v.field("categories", categories, base::range(1, 24), "Categories of videos, eight topics each.");
        v.field("page_size", page_size, base::range(1, 100), "Videos that one request shows.");
        v.field("session_length", session_length, base::range(1, 1000), "Mean number of videos shown in one session.");
        v.field("activity_spread", activity_spread, base::range(0, 3), "Standard deviation of the logarithm of how much a user is shown.");
        v.field("popularity_exponent", popularity_exponent, base::range(0, 3), "Exponent of Zipf's law of popularity, before age decays it.");
        v.field("taste_drift", taste_drift, base::range(0, 1), "How far tastes move from the first day to the last; 1 forgets the first.");
        v.field("position_bias", position_bias, base::range(0, 3), "How fast attention falls with the position on the page.");
        v.field("personal_share", personal_share, base::range(0, 1), "Share of the logging policy's choices that follow the user's taste.");
        v.field("fresh_share", fresh_share, base::range(0, 1), "Share of its choices taken at random from the last day's uploads.");
    }
};

/// Errors: InvalidArgument, naming the first field out of its range, or shares that add to more than 1.
[[nodiscard]] Status check(const ShortsConfig& config);

}  // namespace shortlist::simulation
