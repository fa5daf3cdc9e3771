#include "engine/simulation/shorts.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/simulation/shorts_behaviour_internal.h"
#include "engine/simulation/shorts_tables_internal.h"

namespace shortlist::simulation {
namespace {

constexpr double kRowsPerImpression = 1.66;  // of the default world; only a first guess
constexpr int kAttempts = 6;

std::uint64_t count_events(const std::vector<Shown>& shown) {
    std::uint64_t count = 0;
    for (const Shown& one : shown) count += one.events();
    return count;
}

/// Leaves out the earliest impressions, each with what followed it, until `events` rows are left. Requires at least as
/// many. Where none fits what is still too much (a row or two), the earliest lose what followed them.
void drop_earliest(std::vector<Shown>& shown, std::uint64_t events) {
    std::uint64_t excess = count_events(shown) - events;
    std::erase_if(shown, [&](const Shown& one) {
        if (one.events() > excess) return false;
        excess -= one.events();
        return true;
    });
    for (auto one = shown.begin(); one != shown.end() && excess > 0; ++one) {
        for (; excess > 0 && one->events() > 1; --excess) {
            if (!one->liked) one->fraction = 0.0F;
            one->liked = false;
        }
    }
}

/// At least `events` rows' worth of impressions. How many rows one makes is drawn; so it plans a few too many, and more
/// when they were not enough. Errors: InvalidArgument when the users have no time for so much.
Result<std::vector<Shown>> simulate_events(const ShortsConfig& config, const ShortsPopulation& world, base::ThreadPool& threads) {
    const PolicySampler policy(world.truth, threads);
    const auto target = static_cast<double>(config.interactions);
    double planned = 1.01 * target / kRowsPerImpression + 4.0 * std::sqrt(target) + 8.0;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::vector<Shown> shown = simulate_users(config, world, policy, static_cast<std::uint64_t>(planned), threads);
        const std::uint64_t found = count_events(shown);
        if (found >= config.interactions) return shown;
        planned *= std::clamp(1.02 * target / static_cast<double>(found + 1), 1.1, 2.0);
    }
    return base::invalid_argument("interactions: " + std::to_string(config.users) + " users find no time for " + std::to_string(config.interactions) +
                                  " in " + std::to_string(config.days) + " days; ask for fewer, or for more users or days");
}

}  // namespace

Result<ShortsWorld> generate_shorts(const ShortsConfig& config, base::ThreadPool& threads) {
    SHORTLIST_TRY(check(config));
    ShortsPopulation world = draw_population(config);
    SHORTLIST_ASSIGN(std::vector<Shown> shown, simulate_events(config, world, threads));
    std::stable_sort(shown.begin(), shown.end(), [](const Shown& a, const Shown& b) { return a.time_ms < b.time_ms; });
    drop_earliest(shown, config.interactions);
    ShortsWorld result;
    result.events = make_event_table(world, shown);
    result.videos = make_video_table(config, world);
    result.users = make_user_table(world);
    result.truth = std::move(world.truth);
    return result;
}

}  // namespace shortlist::simulation
