#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/random.h"
#include "engine/simulation/shorts_population_internal.h"

namespace shortlist::simulation {
namespace {

// Streams of the seed: a part of the world draws from its own, so that changing one part leaves the others alone.
constexpr std::uint64_t kTopicStream = 1;
constexpr std::uint64_t kCreatorStream = 2;
constexpr std::uint64_t kItemStream = 3;
constexpr std::uint64_t kUserStream = 4;

constexpr double kBeforeShare = 0.55;         // of the videos are older than the log
constexpr double kOlderMeanDays = 12.0;
constexpr double kOlderMaxDays = 60.0;
constexpr double kMedianDurationS = 96.0;     // KuaiRand: 70.6 s shown
constexpr double kDurationSpread = 1.18;     // KuaiRand: ln(259 s / 12.7 s) / (2 x 1.2816)
constexpr double kQualityInPopularity = 0.85; // correlation of quality and of what ranks a video's popularity
constexpr std::size_t kFavourites = 3;

/// Draws an index by cumulative weights.
class Wheel {
public:
    explicit Wheel(std::vector<double> weights) : sums_(std::move(weights)) { std::partial_sum(sums_.begin(), sums_.end(), sums_.begin()); }
    [[nodiscard]] std::size_t draw(Rng& rng) const {
        const auto found = std::upper_bound(sums_.begin(), sums_.end(), rng.uniform() * sums_.back());
        return std::min(static_cast<std::size_t>(found - sums_.begin()), sums_.size() - 1);
    }

private:
    std::vector<double> sums_;
};

std::vector<double> zipf_weights(std::size_t count, double exponent) {
    std::vector<double> weights(count);
    for (std::size_t rank = 0; rank < count; ++rank) weights[rank] = std::pow(static_cast<double>(rank + 1), -exponent);
    return weights;
}

Wheel country_wheel() {
    std::vector<double> shares;
    for (const Country& country : kCountries) shares.push_back(country.share);
    return Wheel(std::move(shares));
}

Taste random_direction(Rng& rng) {
    Taste taste;
    for (float& value : taste) value = static_cast<float>(rng.normal());
    return normalised(taste);
}

/// base + spread x a random direction, of length 1.
Taste near(const Taste& base, double spread, Rng& rng) {
    Taste taste = random_direction(rng);
    for (std::size_t d = 0; d < kTasteSize; ++d) taste[d] = static_cast<float>(base[d] + spread * taste[d]);
    return normalised(taste);
}

void draw_topics(const ShortsConfig& config, ShortsTruth& truth) {
    Rng rng = Rng(config.seed).fork(kTopicStream);
    for (std::size_t category = 0; category < config.categories; ++category) {
        truth.category_hours.push_back(static_cast<float>(rng.uniform(0.0, 24.0)));
        const Taste centre = random_direction(rng);
        for (std::size_t topic = 0; topic < kTopicsPerCategory; ++topic) truth.topic_vectors.push_back(near(centre, 1.6, rng));
    }
}

/// A creator has a country, a style, and two topics: the first for most videos.
struct Creators {
    std::vector<std::uint8_t> countries;
    std::vector<std::array<std::uint16_t, 2>> topics;
    std::vector<Taste> styles;
};

Creators draw_creators(const ShortsConfig& config, std::size_t count) {
    Rng rng = Rng(config.seed).fork(kCreatorStream);
    const Wheel countries = country_wheel();
    const Wheel categories(zipf_weights(config.categories, 0.8));
    Creators creators;
    for (std::size_t creator = 0; creator < count; ++creator) {
        creators.countries.push_back(static_cast<std::uint8_t>(countries.draw(rng)));
        std::array<std::uint16_t, 2> topics{};
        for (auto& topic : topics) topic = static_cast<std::uint16_t>(categories.draw(rng) * kTopicsPerCategory + rng.below(kTopicsPerCategory));
        creators.topics.push_back(topics);
        creators.styles.push_back(random_direction(rng));
    }
    return creators;
}

/// Popularity follows Zipf's law over the videos ranked by quality and luck.
std::vector<float> draw_popularities(const ShortsConfig& config, const std::vector<float>& qualities, Rng& rng) {
    std::vector<double> appeal(qualities.size());
    const double luck = std::sqrt(1.0 - kQualityInPopularity * kQualityInPopularity);
    for (std::size_t item = 0; item < appeal.size(); ++item) appeal[item] = kQualityInPopularity * qualities[item] + luck * rng.normal();
    std::vector<std::uint32_t> order(qualities.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return appeal[a] > appeal[b]; });
    const std::vector<double> weights = zipf_weights(order.size(), config.popularity_exponent);
    std::vector<float> popularities(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) popularities[order[rank]] = static_cast<float>(weights[rank]);
    return popularities;
}

// The first video is an old one, so that there is always something to show.
TimeUs draw_upload(const ShortsConfig& config, std::size_t item, Rng& rng) {
    if (rng.chance(kBeforeShare) || item == 0) {
        const double age_days = std::min(kOlderMeanDays * rng.exponential(), kOlderMaxDays);
        return kShortsStart - static_cast<TimeUs>(age_days * static_cast<double>(kDayUs)) - 1;
    }
    return kShortsStart + static_cast<TimeUs>(rng.uniform() * static_cast<double>(config.days) * static_cast<double>(kDayUs));
}

void draw_items(const ShortsConfig& config, ShortsPopulation& world) {
    const std::size_t creator_count = config.creators > 0 ? config.creators : std::max<std::uint64_t>(1, config.items / 12);
    const Creators creators = draw_creators(config, creator_count);
    const Wheel by_output(zipf_weights(creator_count, 0.6));
    Rng rng = Rng(config.seed).fork(kItemStream);
    ShortsTruth& truth = world.truth;
    for (std::size_t item = 0; item < config.items; ++item) {
        const std::size_t creator = by_output.draw(rng);
        const std::uint16_t topic = creators.topics[creator][rng.chance(0.8) ? 0 : 1];
        Taste centre = truth.topic_vectors[topic];
        for (std::size_t d = 0; d < kTasteSize; ++d) centre[d] += 0.5F * creators.styles[creator][d];
        truth.creators.push_back(static_cast<std::uint32_t>(creator));
        truth.topics.push_back(topic);
        truth.item_countries.push_back(creators.countries[creator]);
        truth.item_vectors.push_back(near(normalised(centre), 0.3, rng));
        truth.qualities.push_back(static_cast<float>(rng.normal()));
        const double length = std::clamp(rng.normal(), -2.5, 2.5);
        truth.durations.push_back(static_cast<float>(length));
        world.duration_ms.push_back(static_cast<std::int64_t>(1000.0 * kMedianDurationS * std::exp(kDurationSpread * length)));
        // Whole milliseconds, as the files hold them.
        truth.uploaded.push_back(draw_upload(config, item, rng) / 1000 * 1000);
    }
    truth.popularities = draw_popularities(config, truth.qualities, rng);
}

/// Three favourite topics, likelier where the category suits the user's age.
Taste draw_taste(const ShortsTruth& truth, double age, Rng& rng) {
    Taste sum{};
    for (std::size_t favourite = 0; favourite < kFavourites; ++favourite) {
        std::size_t topic = rng.below(truth.topic_vectors.size());
        // A category's public is centred on an age of its own, spread over 18 to 58; four tries look for a topic that suits.
        for (int attempt = 0; attempt < 4; ++attempt) {
            const auto categories = static_cast<double>(truth.category_hours.size());
            const std::size_t category = topic / kTopicsPerCategory;
            const double public_age = 18.0 + 40.0 * (static_cast<double>(category) + 0.5) / categories;
            if (rng.chance(std::exp(-0.5 * (age - public_age) * (age - public_age) / 144.0))) break;
            topic = rng.below(truth.topic_vectors.size());
        }
        const double weight = 1.0 - 0.25 * static_cast<double>(favourite);
        for (std::size_t d = 0; d < kTasteSize; ++d) sum[d] += static_cast<float>(weight) * truth.topic_vectors[topic][d];
    }
    return near(normalised(sum), 0.2, rng);
}

void draw_users(const ShortsConfig& config, ShortsPopulation& world) {
    Rng rng = Rng(config.seed).fork(kUserStream);
    const Wheel countries = country_wheel();
    const Wheel devices(std::vector<double>{0.78, 0.10, 0.08, 0.04});
    ShortsTruth& truth = world.truth;
    for (std::size_t user = 0; user < config.users; ++user) {
        truth.user_countries.push_back(static_cast<std::uint8_t>(countries.draw(rng)));
        const double age = std::clamp(14.0 + 9.0 * rng.gamma(2.0), 14.0, 80.0);
        world.ages.push_back(static_cast<std::uint8_t>(age));
        world.devices.push_back(static_cast<Device>(devices.draw(rng)));
        world.activities.push_back(std::exp(config.activity_spread * rng.normal()));
        truth.generosity.push_back(static_cast<float>(0.9 * rng.normal()));
        const Taste first = draw_taste(truth, age, rng);
        Taste last = draw_taste(truth, age, rng);
        for (std::size_t d = 0; d < kTasteSize; ++d)
            last[d] = static_cast<float>((1.0 - config.taste_drift) * first[d] + config.taste_drift * last[d]);
        truth.taste_first.push_back(first);
        truth.taste_last.push_back(normalised(last));
        Taste noise = random_direction(rng);
        for (float& value : noise) value *= 0.5F;
        truth.taste_noise.push_back(noise);
        // One in eight joins while the log runs; the others within two years before.
        const double span = static_cast<double>(config.days) * static_cast<double>(kDayUs);
        const double signup = rng.chance(0.125) ? rng.uniform() * span : -rng.uniform() * 730.0 * static_cast<double>(kDayUs);
        world.signups.push_back((kShortsStart + static_cast<TimeUs>(signup)) / 1000 * 1000);
    }
}

}  // namespace

ShortsPopulation draw_population(const ShortsConfig& config) {
    ShortsPopulation world;
    world.truth.start = kShortsStart;
    world.truth.days = config.days;
    world.truth.watch.position = static_cast<float>(-config.position_bias);
    world.truth.seen_exponent = static_cast<float>(0.32 * config.position_bias);
    world.truth.policy.personal_share = static_cast<float>(config.personal_share);
    world.truth.policy.fresh_share = static_cast<float>(config.fresh_share);
    draw_topics(config, world.truth);
    draw_items(config, world);
    draw_users(config, world);
    return world;
}

}  // namespace shortlist::simulation
