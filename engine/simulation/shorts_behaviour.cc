#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/random.h"
#include "engine/simulation/shorts_behaviour_internal.h"

namespace shortlist::simulation {
namespace {

constexpr std::uint64_t kLifeStream = 100;
constexpr TimeUs kSessionGapUs = 30 * kMinuteUs;
constexpr double kMainDeviceShare = 0.8;
constexpr double kRepeatChance = 0.05;    // that a video already shown to the user stands; KuaiRand: 3 % of exposures repeat
constexpr int kRepeatTries = 4;
// The played part: KuaiRand's quantiles, see the decision record.
constexpr double kShortMedianLog = -2.7;
constexpr double kShortSpread = 1.6;
constexpr double kWholeChance = 0.53;     // that a video watched to half is played to its end
constexpr double kReplayMean = 0.13;
constexpr double kFractionMax = 3.0;

/// One user's days, from signing up to the end of the log.
class Life {
public:
    Life(const ShortsConfig& config, const ShortsPopulation& world, const PolicySampler& policy, std::size_t user)
        : config_(config), world_(world), truth_(world.truth), policy_(policy), user_(user), rng_(Rng(config.seed).fork(kLifeStream).fork(user)) {}

    std::vector<Shown> live(std::uint64_t impressions) {
        std::vector<std::size_t> lengths;
        for (std::uint64_t left = impressions; left > 0; left -= lengths.back()) lengths.push_back(draw_length(left));
        std::vector<TimeUs> starts(lengths.size());
        for (TimeUs& start : starts) start = draw_start();
        std::sort(starts.begin(), starts.end());
        TimeUs free = truth_.start;
        for (std::size_t session = 0; session < lengths.size(); ++session)
            free = browse(std::max(starts[session], free), lengths[session]) + kSessionGapUs;
        return std::move(shown_);
    }

private:
    /// One session as it goes on.
    struct Visit {
        PolicySampler::Session policy;
        Viewing viewing;
        double mood;
        std::size_t first;  ///< Index into shown_ of its first impression.
    };

    [[nodiscard]] TimeUs end() const noexcept { return truth_.start + static_cast<TimeUs>(truth_.days) * kDayUs; }

    std::size_t draw_length(std::uint64_t left) {
        const double length = 1.0 + (config_.session_length - 1.0) * rng_.exponential();
        return static_cast<std::size_t>(std::min(static_cast<double>(left), std::floor(length)));
    }

    /// Uniform over the days since the user joined, by share of the hours.
    TimeUs draw_start() {
        const TimeUs joined = std::max(world_.signups[user_], truth_.start);
        while (true) {
            const TimeUs time = joined + static_cast<TimeUs>(rng_.uniform() * static_cast<double>(end() - joined));
            const auto hour = static_cast<std::size_t>((time - truth_.start) % kDayUs / kHourUs);
            if (rng_.chance(kHourShares[hour] / 0.065)) return time;
        }
    }

    /// Shows `length` videos, page by page. Returns when the session ended.
    TimeUs browse(TimeUs time, std::size_t length) {
        if (time >= end()) return time;
        Visit visit{policy_.open_session(user_, time), Viewing{user_, taste_at(truth_, user_, time), time, WatchContext{}},
                    truth_.watch.mood * rng_.normal(), shown_.size()};
        visit.viewing.context.device = rng_.chance(kMainDeviceShare) ? world_.devices[user_] : static_cast<Device>(rng_.below(kDevices));
        for (std::size_t begin = 0; begin < length; begin += config_.page_size) {
            const std::vector<std::uint32_t> page = draw_page(visit, std::min<std::size_t>(config_.page_size, length - begin));
            for (std::size_t position = 0; position < page.size() && visit.viewing.time < end(); ++position) show(visit, page[position], position);
            ++pages_;
        }
        return visit.viewing.time;
    }

    /// The policy's choices, best first by its own estimate.
    std::vector<std::uint32_t> draw_page(const Visit& visit, std::size_t size) {
        std::vector<std::uint32_t> page;
        for (std::size_t slot = 0; slot < size; ++slot) {
            std::uint32_t item = policy_.sample(visit.policy, rng_);
            for (int attempt = 0; attempt < kRepeatTries && !acceptable(page, item); ++attempt) item = policy_.sample(visit.policy, rng_);
            if (std::find(page.begin(), page.end(), item) == page.end()) page.push_back(item);
        }
        std::stable_sort(page.begin(), page.end(), [&](std::uint32_t a, std::uint32_t b) {
            return watch_logit(truth_, visit.policy.estimate, a) > watch_logit(truth_, visit.policy.estimate, b);
        });
        return page;
    }

    bool acceptable(const std::vector<std::uint32_t>& page, std::uint32_t item) {
        if (std::find(page.begin(), page.end(), item) != page.end()) return false;
        const bool repeated = std::any_of(shown_.begin(), shown_.end(), [&](const Shown& shown) { return shown.item == item; });
        return !repeated || rng_.chance(kRepeatChance);
    }

    void show(Visit& visit, std::uint32_t item, std::size_t position) {
        WatchContext& context = visit.viewing.context;
        context.position = static_cast<std::uint32_t>(position);
        context.creator_shown = 0;
        for (std::size_t i = visit.first; i < shown_.size(); ++i) context.creator_shown += truth_.creators[shown_[i].item] == truth_.creators[item];

        Shown shown;
        shown.time_ms = visit.viewing.time / 1000;
        shown.user = static_cast<std::uint32_t>(user_);
        shown.item = item;
        shown.page = pages_;
        shown.position = static_cast<std::uint16_t>(position);
        shown.device = context.device;
        if (rng_.chance(seen_probability(truth_, context.position))) {
            const double logit = watch_logit(truth_, visit.viewing, item) + visit.mood;
            const bool half = rng_.chance(sigmoid(logit));
            shown.fraction = static_cast<float>(half ? draw_long() : draw_short());
            if (half) context.last_category = static_cast<std::int32_t>(truth_.topics[item] / kTopicsPerCategory);
            shown.liked = shown.watched() && rng_.chance(sigmoid(-3.2 + 0.15 * logit));
        }
        shown_.push_back(shown);
        const double play_ms = shown.fraction * static_cast<double>(world_.duration_ms[item]);
        visit.viewing.time += (static_cast<TimeUs>(play_ms) + 500 + static_cast<TimeUs>(rng_.below(2000))) * 1000;
    }

    double draw_long() {
        if (!rng_.chance(kWholeChance)) return rng_.uniform(0.5, 1.0);
        return std::min(1.0 + kReplayMean * rng_.exponential(), kFractionMax);
    }

    /// A log-normal part below one half.
    double draw_short() {
        while (true) {
            const double fraction = std::exp(kShortMedianLog + kShortSpread * rng_.normal());
            if (fraction < 0.499 && fraction > 1e-6) return fraction;
        }
    }

    const ShortsConfig& config_;
    const ShortsPopulation& world_;
    const ShortsTruth& truth_;
    const PolicySampler& policy_;
    std::size_t user_;
    Rng rng_;
    std::uint32_t pages_ = 0;
    std::vector<Shown> shown_;
};

}  // namespace

std::vector<Shown> simulate_users(const ShortsConfig& config, const ShortsPopulation& world, const PolicySampler& policy, std::uint64_t impressions,
                                  base::ThreadPool& threads) {
    const std::size_t users = world.activities.size();
    const double total = std::accumulate(world.activities.begin(), world.activities.end(), 0.0);
    std::vector<std::uint64_t> until(users + 1, 0);
    double sum = 0.0;
    for (std::size_t user = 0; user < users; ++user) {
        sum += world.activities[user];
        until[user + 1] = static_cast<std::uint64_t>(std::llround(sum / total * static_cast<double>(impressions)));
    }
    std::vector<std::vector<Shown>> lives(users);
    threads.parallel_for(users, 64, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t user = begin; user < end; ++user) lives[user] = Life(config, world, policy, user).live(until[user + 1] - until[user]);
    });
    std::vector<Shown> all;
    all.reserve(impressions);
    for (const auto& life : lives) all.insert(all.end(), life.begin(), life.end());
    return all;
}

}  // namespace shortlist::simulation
