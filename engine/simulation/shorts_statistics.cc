#include "engine/simulation/shorts_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "engine/base/quantile.h"

namespace shortlist::simulation {
namespace {

constexpr std::int64_t kSessionGapMs = 30 * 60 * 1000;

/// What became of one impression.
struct Exposure {
    std::uint32_t user;
    std::uint32_t item;
    std::uint32_t session;  ///< Over all users.
    std::int64_t time_ms;
    double fraction = 0.0;  ///< Of a watch event; 0 without one.
    bool skipped = false;
    bool liked = false;

    [[nodiscard]] double half() const noexcept { return fraction >= 0.5 ? 1.0 : 0.0; }
};

const std::vector<std::uint32_t>& codes(const data::ColumnBatch& table, std::string_view name) {
    return std::get<data::CodedColumn>(table.find(name)->values).codes;
}
template <class T>
const std::vector<T>& values(const data::ColumnBatch& table, std::string_view name) {
    return std::get<std::vector<T>>(table.find(name)->values);
}

/// Joins each outcome to the latest impression of its user and video.
std::vector<Exposure> read_exposures(const ShortsWorld& world) {
    const auto& users = codes(world.events, "user_id");
    const auto& items = codes(world.events, "video_id");
    const auto& kinds = codes(world.events, "event");
    const auto& times = values<std::int64_t>(world.events, "time_ms");
    const auto& fractions = values<float>(world.events, "value");
    std::vector<Exposure> exposures;
    std::unordered_map<std::uint64_t, std::size_t> latest;
    latest.reserve(world.events.rows);
    std::vector<std::int64_t> last_time(world.truth.users(), -kSessionGapMs * 2);
    std::vector<std::uint32_t> session(world.truth.users(), 0);
    std::uint32_t sessions = 0;
    for (std::size_t row = 0; row < world.events.rows; ++row) {
        const std::uint64_t key = (static_cast<std::uint64_t>(users[row]) << 32U) | items[row];
        if (kinds[row] == 0) {
            if (times[row] - last_time[users[row]] > kSessionGapMs) session[users[row]] = sessions++;
            last_time[users[row]] = times[row];
            latest[key] = exposures.size();
            exposures.push_back({users[row], items[row], session[users[row]], times[row]});
            continue;
        }
        Exposure& exposure = exposures[latest.at(key)];
        if (kinds[row] == 1) exposure.fraction = fractions[row];
        if (kinds[row] == 2) exposure.skipped = true;
        if (kinds[row] == 3) exposure.liked = true;
    }
    return exposures;
}

template <class Get>
double mean_of(const std::vector<Exposure>& exposures, Get get) {
    double sum = 0.0;
    for (const Exposure& exposure : exposures) sum += get(exposure);
    return exposures.empty() ? 0.0 : sum / static_cast<double>(exposures.size());
}

template <class Get>
std::vector<double> count_by(const std::vector<Exposure>& exposures, std::size_t groups, Get get) {
    std::vector<double> counts(groups, 0.0);
    for (const Exposure& exposure : exposures) counts[get(exposure)] += 1.0;
    return counts;
}

/// Square root of the mean product of two different residuals of one group: the spread of what the group has in common.
template <class Key, class Residual>
double pair_deviation(const std::vector<Exposure>& exposures, Key key, Residual residual) {
    struct Sums {
        double count = 0.0;
        double sum = 0.0;
        double squares = 0.0;
    };
    std::unordered_map<std::uint64_t, Sums> groups;
    for (const Exposure& exposure : exposures) {
        Sums& sums = groups[key(exposure)];
        const double value = residual(exposure);
        sums.count += 1.0;
        sums.sum += value;
        sums.squares += value * value;
    }
    double products = 0.0;
    double pairs = 0.0;
    for (const auto& [_, sums] : groups) {
        products += sums.sum * sums.sum - sums.squares;
        pairs += sums.count * (sums.count - 1.0);
    }
    const double covariance = pairs > 0.0 ? products / pairs : 0.0;
    return std::copysign(std::sqrt(std::abs(covariance)), covariance);
}

/// How much likelier two impressions of one user share a group than two of the log.
double lift(const std::vector<Exposure>& exposures, const std::vector<std::uint32_t>& group_of) {
    std::unordered_map<std::uint64_t, double> cells;
    std::unordered_map<std::uint32_t, double> by_user;
    std::unordered_map<std::uint32_t, double> totals;
    for (const Exposure& exposure : exposures) {
        cells[(static_cast<std::uint64_t>(exposure.user) << 32U) | group_of[exposure.item]] += 1.0;
        by_user[exposure.user] += 1.0;
        totals[group_of[exposure.item]] += 1.0;
    }
    const auto pairs_in = [](const auto& counts) {
        return std::accumulate(counts.begin(), counts.end(), 0.0,
                               [](double sum, const auto& entry) { return sum + entry.second * (entry.second - 1.0); });
    };
    const double all = static_cast<double>(exposures.size());
    const double apart = pairs_in(totals) / (all * (all - 1.0));
    const double pairs = pairs_in(by_user);
    return pairs > 0.0 && apart > 0.0 ? pairs_in(cells) / pairs / apart : 0.0;
}

using Table = std::vector<ShortsStatistic>;

void describe_counts(const std::vector<Exposure>& exposures, const ShortsWorld& world, Table& table) {
    const auto by_user = count_by(exposures, world.truth.users(), [](const Exposure& e) { return e.user; });
    const auto by_item = count_by(exposures, world.truth.items(), [](const Exposure& e) { return e.item; });
    std::vector<double> hours = count_by(exposures, 24, [](const Exposure& e) { return static_cast<std::size_t>(e.time_ms / 3'600'000 % 24); });
    const double all = static_cast<double>(exposures.size());
    std::uint32_t sessions = 0;
    for (const Exposure& e : exposures) sessions = std::max(sessions, e.session + 1);
    std::unordered_map<std::uint64_t, double> pairs;
    for (const Exposure& e : exposures) pairs[(static_cast<std::uint64_t>(e.user) << 32U) | e.item] += 1.0;
    table.push_back({"impressions", all, 228'329, "what the log shows; every size is an option"});
    table.push_back({"activity_slope", zipf_slope(by_user), 0.316, "Zipf's exponent of impressions by user"});
    table.push_back({"popularity_slope", zipf_slope(by_item), 0.601, "Zipf's exponent of impressions by video"});
    table.push_back(
        {"busiest_hour", 24.0 * *std::max_element(hours.begin(), hours.end()) / all, 1.548, "impressions of the busiest hour over the mean hour"});
    table.push_back({"quietest_hour", 24.0 * *std::min_element(hours.begin(), hours.end()) / all, 0.190, "of the quietest hour"});
    table.push_back({"impressions_per_session", all / std::max(sessions, 1U), 1.208, "sessions parted by 30 minutes; the slice holds few of each"});
    table.push_back(
        {"repeated", 1.0 - static_cast<double>(pairs.size()) / std::max(all, 1.0), 0.033, "impressions of a video that the user was shown before"});
}

void describe_outcomes(const std::vector<Exposure>& exposures, const ShortsWorld& world, Table& table) {
    std::vector<double> fractions;
    std::vector<double> durations;
    const auto& duration_ms = values<std::int64_t>(world.videos, "duration_ms");
    for (const Exposure& e : exposures) {
        fractions.push_back(e.fraction);
        durations.push_back(static_cast<double>(duration_ms[e.item]) / 1000.0);
    }
    const double half = mean_of(exposures, [](const Exposure& e) { return e.half(); });
    const double liked_half = mean_of(exposures, [](const Exposure& e) { return e.liked ? e.half() : 0.0; });
    table.push_back({"watched", mean_of(exposures, [](const Exposure& e) { return e.fraction >= 0.1; }), 0.485, "at least a tenth was played"});
    table.push_back({"watched_half", half, 0.262, "at least half was played"});
    table.push_back({"watched_whole", mean_of(exposures, [](const Exposure& e) { return e.fraction >= 1.0; }), 0.139, "the whole was played"});
    table.push_back({"skipped", mean_of(exposures, [](const Exposure& e) { return e.skipped; }), 0.168, "played, but less than a fiftieth"});
    table.push_back({"liked", mean_of(exposures, [](const Exposure& e) { return e.liked; }), 0.0171, "likes by impression"});
    table.push_back({"liked_of_watched_half", half > 0.0 ? liked_half / half : 0.0, 0.0393, "likes by impression watched to half"});
    table.push_back(
        {"watch_fraction_q75", base::quantile(fractions, 0.75), 0.549, "third quartile of the played part; parts under a tenth count as 0"});
    table.push_back({"watch_fraction_q90", base::quantile(fractions, 0.9), 1.027, "its ninth decile"});
    table.push_back({"duration_s_q10", base::quantile(durations, 0.1), 12.7, "first decile of the length of what is shown"});
    table.push_back({"duration_s_q50", base::quantile(durations, 0.5), 70.6, "its median"});
    table.push_back({"duration_s_q90", base::quantile(durations, 0.9), 259.2, "its ninth decile"});
}

void describe_effects(const std::vector<Exposure>& exposures, const ShortsWorld& world, Table& table) {
    const double average = mean_of(exposures, [](const Exposure& e) { return e.half(); });
    // An item's rate is drawn to the mean by 20 impressions' worth.
    std::vector<double> rates(world.truth.items(), 20.0 * average);
    for (const Exposure& e : exposures) rates[e.item] += e.half();
    const auto counts = count_by(exposures, world.truth.items(), [](const Exposure& e) { return e.item; });
    for (std::size_t item = 0; item < rates.size(); ++item) rates[item] /= counts[item] + 20.0;

    const auto& categories = codes(world.videos, "category");
    const auto& creators = codes(world.videos, "creator");
    const auto residual = [&](const Exposure& e) { return e.half() - rates[e.item]; };
    const auto with_user = [](const Exposure& e, std::uint32_t other) { return (static_cast<std::uint64_t>(e.user) << 32U) | other; };
    const double by_item = pair_deviation(
        exposures, [](const Exposure& e) { return std::uint64_t{e.item}; }, [&](const Exposure& e) { return e.half() - average; });
    table.push_back({"deviation_item", by_item, 0.195, "spread of the watched-half rate over videos"});
    table.push_back({"deviation_user",
                     pair_deviation(
                         exposures, [](const Exposure& e) { return std::uint64_t{e.user}; }, residual),
                     0.111, "over users, video's rate taken off"});
    table.push_back({"deviation_user_category",
                     pair_deviation(
                         exposures, [&](const Exposure& e) { return with_user(e, categories[e.item]); }, residual),
                     0.124, "over pairs of user and category"});
    table.push_back({"deviation_user_creator",
                     pair_deviation(
                         exposures, [&](const Exposure& e) { return with_user(e, creators[e.item]); }, residual),
                     0.230, "over pairs of user and creator"});
    table.push_back({"deviation_session",
                     pair_deviation(
                         exposures, [](const Exposure& e) { return std::uint64_t{e.session}; }, residual),
                     0.158, "over sessions"});
    table.push_back(
        {"lift_category", lift(exposures, categories), 1.417, "how much likelier two impressions of one user share a category than any two"});
    table.push_back({"lift_creator", lift(exposures, creators), 4.482, "share a creator"});
}

}  // namespace

double zipf_slope(std::vector<double> counts) {
    std::erase_if(counts, [](double count) { return !(count > 0.0); });
    std::sort(counts.begin(), counts.end(), std::greater<>());
    const double all = static_cast<double>(counts.size());
    const auto first = static_cast<std::size_t>(std::max(1.0, std::ceil(0.001 * all)));
    const auto last = std::min(counts.size(), static_cast<std::size_t>(std::max(2.0, std::floor(0.1 * all))));
    if (last <= first) return 0.0;
    double n = 0.0;
    double x_sum = 0.0;
    double y_sum = 0.0;
    double xx_sum = 0.0;
    double xy_sum = 0.0;
    for (std::size_t rank = first; rank <= last; ++rank) {
        const double x = std::log(static_cast<double>(rank));
        const double y = std::log(counts[rank - 1]);
        n += 1.0;
        x_sum += x;
        y_sum += y;
        xx_sum += x * x;
        xy_sum += x * y;
    }
    return -(n * xy_sum - x_sum * y_sum) / (n * xx_sum - x_sum * x_sum);
}

std::vector<ShortsStatistic> describe_shorts(const ShortsWorld& world) {
    const std::vector<Exposure> exposures = read_exposures(world);
    Table table;
    describe_counts(exposures, world, table);
    describe_outcomes(exposures, world, table);
    describe_effects(exposures, world, table);
    return table;
}

}  // namespace shortlist::simulation
