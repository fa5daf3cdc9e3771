#include "engine/simulation/shorts_oracle.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/base/check.h"
#include "engine/simulation/shorts_policy_internal.h"

namespace shortlist::simulation {
namespace {

std::uint32_t index_of(std::string_view id, char letter, std::size_t count) noexcept {
    if (id.size() < 2 || id.front() != letter || (id[1] == '0' && id.size() > 2)) return kNoRow;
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), index);
    return error == std::errc() && end == id.data() + id.size() && index < count ? index : kNoRow;
}

double watch_probability(const ShortsTruth& truth, const Viewing& viewing, std::size_t item) noexcept {
    if (truth.uploaded[item] > viewing.time) return 0.0;
    // Mean of a logistic over a normal mood: MacKay, Neural Computation 1992, equation 10.
    const double shrink = 1.0 / std::sqrt(1.0 + std::numbers::pi / 8.0 * truth.watch.mood * truth.watch.mood);
    return seen_probability(truth, viewing.context.position) * sigmoid(shrink * watch_logit(truth, viewing, item));
}

/// The policy's popularity of one moment, by item cell.
struct PopularityTable {
    PopularityTable(const ShortsTruth& truth, TimeUs time) : cells(make_cells(truth)) {
        fill_popularity_sums(truth, cells, static_cast<std::size_t>(std::max<TimeUs>(0, time - truth.start) / kDayPartUs), sums);
    }
    /// Adds `share` to items [begin, end) of the order, by popularity. Returns what it could not place: all of it where
    /// the range has no weight.
    [[nodiscard]] double spread(std::size_t begin, std::size_t end, double share, std::span<double> out) const {
        const double weight = sums[end] - sums[begin];
        if (!(weight > 0.0)) return share;
        for (std::size_t i = begin; i < end; ++i) out[cells.order[i]] += share * (sums[i + 1] - sums[i]) / weight;
        return 0.0;
    }

    ItemCells cells;
    std::vector<double> sums;
};

}  // namespace

ShortsOracle::ShortsOracle(ShortsTruth truth) : truth_(std::move(truth)) {}

std::uint32_t ShortsOracle::user(std::string_view id) const noexcept { return index_of(id, 'u', truth_.users()); }
std::uint32_t ShortsOracle::item(std::string_view id) const noexcept { return index_of(id, 'v', truth_.items()); }

double ShortsOracle::probability(std::size_t user, std::size_t item, TimeUs time, const WatchContext& context) const noexcept {
    return watch_probability(truth_, {user, taste_at(truth_, user, time), time, context}, item);
}

void ShortsOracle::fill_probabilities(std::size_t user, TimeUs time, const WatchContext& context, std::span<double> out) const {
    SHORTLIST_CHECK(out.size() == truth_.items(), out.size());
    const Viewing viewing{user, taste_at(truth_, user, time), time, context};
    for (std::size_t item = 0; item < out.size(); ++item) out[item] = watch_probability(truth_, viewing, item);
}

void ShortsOracle::fill_exposures(std::size_t user, TimeUs time, std::span<double> out) const {
    SHORTLIST_CHECK(out.size() == truth_.items(), out.size());
    const LoggingPolicy& policy = truth_.policy;
    const PopularityTable popularity(truth_, time);
    const ItemCells& cells = popularity.cells;
    const Viewing estimate = estimated_viewing(truth_, user, time);
    std::vector<double> topics(cells.topics);
    fill_topic_probabilities(truth_, estimate.taste, topics);
    const auto languages = language_chances(truth_, truth_.user_countries[user]);

    std::fill(out.begin(), out.end(), 0.0);
    std::vector<double> personal(out.size(), 0.0);
    double popular_left = 0.0;
    double personal_left = 0.0;
    for (std::size_t language = 0; language < languages.size(); ++language) {
        const std::size_t first = language * cells.topics;
        popular_left += popularity.spread(cells.begins[first], cells.begins[first + cells.topics], languages[language], out);
        for (std::size_t cell = first; cell < first + cells.topics; ++cell) {
            const double share = languages[language] * topics[cell - first];
            personal_left += popularity.spread(cells.begins[cell], cells.begins[cell + 1], share, personal);
        }
    }
    static_cast<void>(popularity.spread(0, cells.order.size(), popular_left, out));
    static_cast<void>(popularity.spread(0, cells.order.size(), personal_left, personal));
    for (std::size_t item = 0; item < out.size(); ++item) personal[item] *= acceptance(truth_, estimate, item);
    const double accepted = std::accumulate(personal.begin(), personal.end(), 0.0);

    const auto is_fresh = [&](std::size_t item) { return truth_.uploaded[item] >= time - kDayUs && truth_.uploaded[item] < time; };
    double fresh_count = 0.0;
    for (std::size_t item = 0; item < out.size(); ++item) fresh_count += is_fresh(item) ? 1.0 : 0.0;
    const double popular_share = 1.0 - policy.personal_share - policy.fresh_share;
    for (std::size_t item = 0; item < out.size(); ++item) {
        out[item] = popular_share * out[item] + policy.personal_share * personal[item] / accepted;
        if (is_fresh(item)) out[item] += policy.fresh_share / fresh_count;
    }
    if (!(fresh_count > 0.0)) static_cast<void>(popularity.spread(0, cells.order.size(), policy.fresh_share, out));
}

}  // namespace shortlist::simulation
