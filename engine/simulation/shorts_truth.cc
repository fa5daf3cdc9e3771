#include "engine/simulation/shorts_truth.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/exp2.h"

namespace shortlist::simulation {
namespace {

constexpr double kFreshHalfLifeUs = 3.0 * static_cast<double>(kDayUs);
constexpr double kEvergreen = 0.05;
constexpr TimeUs kPolicyLagUs = kDayUs;
constexpr std::uint32_t kFatigueMax = 3;

/// How well a device suits a long video.
double screen(Device device) noexcept { return device == Device::Phone ? -0.5 : device == Device::Tablet ? 0.25 : 1.0; }

Taste blend(const Taste& a, double weight_a, const Taste& b, double weight_b) noexcept {
    Taste sum;
    for (std::size_t d = 0; d < kTasteSize; ++d) sum[d] = static_cast<float>(weight_a * a[d] + weight_b * b[d]);
    return normalised(sum);
}

}  // namespace

double dot(const Taste& a, const Taste& b) noexcept {
    float sum = 0.0F;
    for (std::size_t d = 0; d < kTasteSize; ++d) sum += a[d] * b[d];
    return sum;
}

Taste normalised(const Taste& taste) noexcept {
    const double length = std::sqrt(dot(taste, taste));
    if (length < 1e-9) return Taste{1.0F};
    Taste unit;
    for (std::size_t d = 0; d < kTasteSize; ++d) unit[d] = static_cast<float>(taste[d] / length);
    return unit;
}

double sigmoid(double logit) noexcept { return 1.0 / (1.0 + std::exp(-logit)); }

double freshness(TimeUs age) noexcept {
    if (age < 0) return 0.0;
    return kEvergreen + (1.0 - kEvergreen) * base::exp2(-static_cast<double>(age) / kFreshHalfLifeUs);
}

Taste taste_at(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept {
    const double length = static_cast<double>(truth.days) * static_cast<double>(kDayUs);
    const double part = std::clamp(static_cast<double>(time - truth.start) / length, 0.0, 1.0);
    return blend(truth.taste_first[user], 1.0 - part, truth.taste_last[user], part);
}

Taste estimated_taste_at(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept {
    return blend(taste_at(truth, user, time - kPolicyLagUs), 1.0, truth.taste_noise[user], 1.0);
}

void fill_topic_probabilities(const ShortsTruth& truth, const Taste& estimate, std::span<double> out) noexcept {
    double total = 0.0;
    for (std::size_t topic = 0; topic < out.size(); ++topic) {
        out[topic] = std::exp(static_cast<double>(truth.policy.sharpness) * dot(estimate, truth.topic_vectors[topic]));
        total += out[topic];
    }
    for (double& probability : out) probability /= total;
}

double watch_logit(const ShortsTruth& truth, const Viewing& viewing, std::size_t item) noexcept {
    const WatchWeights& weight = truth.watch;
    const WatchContext& context = viewing.context;
    const Country& home = kCountries[truth.user_countries[viewing.user]];
    const Country& origin = kCountries[truth.item_countries[item]];
    const auto category = static_cast<std::size_t>(truth.topics[item]) / kTopicsPerCategory;
    const double hour = static_cast<double>((viewing.time - truth.start) % kDayUs) / static_cast<double>(kHourUs);
    const double phase = 2.0 * std::numbers::pi * (hour - truth.category_hours[category]) / 24.0;

    double logit = weight.bias + truth.generosity[viewing.user];
    logit += weight.taste * dot(viewing.taste, truth.item_vectors[item]);
    logit += weight.quality * truth.qualities[item];
    logit += weight.freshness * freshness(viewing.time - truth.uploaded[item]);
    if (home.language == origin.language) logit += weight.language;
    if (truth.user_countries[viewing.user] == truth.item_countries[item]) logit += weight.country;
    logit += weight.rhythm * std::cos(phase);
    logit += (weight.duration + weight.device * screen(context.device)) * truth.durations[item];
    if (context.last_category == static_cast<std::int32_t>(category)) logit += weight.session;
    logit += weight.fatigue * static_cast<double>(std::min(context.creator_shown, kFatigueMax));
    logit += weight.position * std::log1p(static_cast<double>(context.position));
    return logit;
}

double seen_probability(const ShortsTruth& truth, std::uint32_t position) noexcept {
    return std::exp(-truth.seen_exponent * std::log1p(static_cast<double>(position)));
}

}  // namespace shortlist::simulation
