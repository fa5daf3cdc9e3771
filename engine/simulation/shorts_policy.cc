#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/simulation/shorts_policy_internal.h"

namespace shortlist::simulation {
namespace {

constexpr int kDrawsMax = 64;

std::size_t draw_index(std::span<const double> sums, Rng& rng) {
    const auto found = std::upper_bound(sums.begin(), sums.end(), rng.uniform() * sums.back());
    return std::min(static_cast<std::size_t>(found - sums.begin()), sums.size() - 1);
}

}  // namespace

ItemCells make_cells(const ShortsTruth& truth) {
    ItemCells cells;
    cells.topics = truth.topic_vectors.size();
    const auto cell_of = [&](std::size_t item) { return kCountries[truth.item_countries[item]].language * cells.topics + truth.topics[item]; };
    cells.begins.assign(kLanguages.size() * cells.topics + 1, 0);
    for (std::size_t item = 0; item < truth.items(); ++item) ++cells.begins[cell_of(item) + 1];
    std::partial_sum(cells.begins.begin(), cells.begins.end(), cells.begins.begin());
    cells.order.resize(truth.items());
    std::vector<std::uint32_t> next(cells.begins.begin(), cells.begins.end() - 1);
    for (std::size_t item = 0; item < truth.items(); ++item) cells.order[next[cell_of(item)]++] = static_cast<std::uint32_t>(item);
    return cells;
}

void fill_popularity_sums(const ShortsTruth& truth, const ItemCells& cells, std::size_t part, std::vector<double>& sums) {
    const TimeUs time = truth.start + static_cast<TimeUs>(part) * kDayPartUs;
    sums.assign(cells.order.size() + 1, 0.0);
    for (std::size_t i = 0; i < cells.order.size(); ++i) {
        const std::uint32_t item = cells.order[i];
        sums[i + 1] = sums[i] + truth.popularities[item] * freshness(time - truth.uploaded[item]);
    }
}

std::array<double, kLanguages.size()> language_chances(const ShortsTruth& truth, std::uint8_t home) {
    std::array<double, kLanguages.size()> chances{};
    for (const Country& country : kCountries) chances[country.language] += (1.0 - truth.policy.language_share) * country.share;
    chances[kCountries[home].language] += truth.policy.language_share;
    return chances;
}

Viewing estimated_viewing(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept {
    return {user, estimated_taste_at(truth, user, time), time, WatchContext{}};
}

double acceptance(const ShortsTruth& truth, const Viewing& estimate, std::size_t item) noexcept {
    return sigmoid(watch_logit(truth, estimate, item));
}

PolicySampler::PolicySampler(const ShortsTruth& truth, base::ThreadPool& threads) : truth_(truth), cells_(make_cells(truth)) {
    parts_.resize(truth.days * static_cast<std::size_t>(kDayUs / kDayPartUs));
    threads.parallel_for(parts_.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t part = begin; part < end; ++part) fill_popularity_sums(truth_, cells_, part, parts_[part]);
    });
    by_upload_.resize(truth.items());
    std::iota(by_upload_.begin(), by_upload_.end(), 0U);
    std::stable_sort(by_upload_.begin(), by_upload_.end(), [&](auto a, auto b) { return truth_.uploaded[a] < truth_.uploaded[b]; });
}

PolicySampler::Session PolicySampler::open_session(std::size_t user, TimeUs time) const {
    Session session{estimated_viewing(truth_, user, time), std::vector<double>(cells_.topics)};
    fill_topic_probabilities(truth_, session.estimate.taste, session.topic_sums);
    std::partial_sum(session.topic_sums.begin(), session.topic_sums.end(), session.topic_sums.begin());
    return session;
}

std::uint32_t PolicySampler::sample(const Session& session, Rng& rng) const {
    const TimeUs time = session.estimate.time;
    const std::span<const double> sums = parts_[static_cast<std::size_t>((time - truth_.start) / kDayPartUs)];
    const double choice = rng.uniform();
    if (choice < truth_.policy.fresh_share) {
        const auto uploads = fresh_uploads(time);
        return uploads.empty() ? sample_range(sums, 0, cells_.order.size(), rng) : uploads[rng.below(uploads.size())];
    }
    if (choice < truth_.policy.fresh_share + truth_.policy.personal_share) return sample_personal(session, sums, rng);
    const std::size_t first = draw_language(session, rng) * cells_.topics;
    return sample_range(sums, cells_.begins[first], cells_.begins[first + cells_.topics], rng);
}

// Draws until a video is accepted, so that its chance is in proportion to popularity x acceptance; the last draw stands.
std::uint32_t PolicySampler::sample_personal(const Session& session, std::span<const double> sums, Rng& rng) const {
    for (int attempt = 1;; ++attempt) {
        const std::size_t cell = draw_language(session, rng) * cells_.topics + draw_index(session.topic_sums, rng);
        const std::uint32_t item = sample_range(sums, cells_.begins[cell], cells_.begins[cell + 1], rng);
        if (attempt == kDrawsMax || rng.chance(acceptance(truth_, session.estimate, item))) return item;
    }
}

std::size_t PolicySampler::draw_language(const Session& session, Rng& rng) const {
    auto chances = language_chances(truth_, truth_.user_countries[session.estimate.user]);
    std::partial_sum(chances.begin(), chances.end(), chances.begin());
    return draw_index(chances, rng);
}

// A range without weight gives way to the whole catalogue.
std::uint32_t PolicySampler::sample_range(std::span<const double> sums, std::size_t begin, std::size_t end, Rng& rng) const {
    if (!(sums[end] > sums[begin])) {
        begin = 0;
        end = cells_.order.size();
    }
    // Rounding must not reach past the last item with weight: what follows may not be uploaded yet.
    const double target = std::min(sums[begin] + rng.uniform() * (sums[end] - sums[begin]), std::nextafter(sums[end], 0.0));
    const auto first = sums.begin() + static_cast<std::ptrdiff_t>(begin) + 1;
    const auto last = sums.begin() + static_cast<std::ptrdiff_t>(end);
    const auto found = std::upper_bound(first, last, target);
    return cells_.order[static_cast<std::size_t>(found - sums.begin()) - 1];
}

std::span<const std::uint32_t> PolicySampler::fresh_uploads(TimeUs time) const {
    const auto earlier = [&](std::uint32_t item, TimeUs limit) { return truth_.uploaded[item] < limit; };
    const auto first = std::lower_bound(by_upload_.begin(), by_upload_.end(), time - kDayUs, earlier);
    const auto last = std::lower_bound(first, by_upload_.end(), time, earlier);
    return {first, last};
}

}  // namespace shortlist::simulation
