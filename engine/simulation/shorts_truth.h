/// What is really so in a generated world of shorts: tastes, qualities, the laws of watching and of the logging policy.
/// Only the generator and evaluation read it. docs/decisions/0002-shorts-world.md gives the same model in words.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::simulation {

inline constexpr std::size_t kTasteSize = 16;         ///< Dimensions of tastes and of video vectors.
inline constexpr std::size_t kTopicsPerCategory = 8;

using Taste = std::array<float, kTasteSize>;          ///< Of length 1.

enum class Device : std::uint8_t { Phone, Tablet, Desktop, Television };
inline constexpr std::size_t kDevices = 4;
inline constexpr std::array<std::string_view, kDevices> kDeviceNames{"phone", "tablet", "desktop", "tv"};

struct Country {
    std::string_view name;
    std::uint8_t language;
    double share;  ///< Of users and of creators.
};
inline constexpr std::array<std::string_view, 6> kLanguages{"en", "pt", "es", "de", "fr", "ja"};
inline constexpr std::array<Country, 8> kCountries{
    {{"US", 0, 0.25}, {"GB", 0, 0.10}, {"BR", 1, 0.18}, {"MX", 2, 0.14}, {"ES", 2, 0.08}, {"DE", 3, 0.10}, {"FR", 4, 0.08}, {"JP", 5, 0.07}}};

/// Weights of the logit of "watched to half or more", given that the video was seen.
struct WatchWeights {
    float bias = -5.45F;
    float taste = 4.0F;        ///< x cosine of the user's taste of the moment and the video.
    float quality = 0.75F;     ///< x quality, standard normal.
    float freshness = 1.5F;    ///< x freshness() in (0, 1].
    float language = 0.9F;     ///< when the video speaks the user's language.
    float country = 0.3F;      ///< when its creator also lives in the user's country.
    float rhythm = 0.5F;       ///< x cosine of the hour of day and the category's best hour.
    float device = 0.35F;      ///< x standardised log duration: + on a television or desktop, - on a phone.
    float duration = -0.75F;   ///< x standardised log duration: half of a long video is more to watch.
    float session = 0.6F;      ///< when it is of the category last watched in this session.
    float fatigue = -0.4F;     ///< x how many videos of its creator this session has shown, at most 3.
    float position = -0.25F;   ///< x ln(1 + position).
    float mood = 1.0F;         ///< Standard deviation over sessions of what nobody knows.
};

/// The policy that chose what the log shows. Not the oracle: it sees tastes a day late and through noise, and no context.
struct LoggingPolicy {
    float personal_share = 0.8F;
    float fresh_share = 0.1F;     ///< Uniform over the last day's uploads. The rest follows popularity alone.
    float language_share = 0.85F; ///< Chance that a choice is confined to the user's language; else one by its share.
    float sharpness = 9.0F;       ///< Topics are chosen by exp(sharpness x cosine with the estimated taste).
};

/// Circumstances of one impression. The defaults are those of a first slot of a session on a phone.
struct WatchContext {
    Device device = Device::Phone;
    std::uint32_t position = 0;
    std::int32_t last_category = -1;   ///< Category last watched in this session, or -1.
    std::uint32_t creator_shown = 0;   ///< Videos of this creator that the session has shown before.
};

/// Columns over topics, users and items. Immutable once made; any thread may read.
struct ShortsTruth {
    TimeUs start = 0;
    std::uint64_t days = 0;
    WatchWeights watch;
    LoggingPolicy policy;
    float seen_exponent = 0.08F;  ///< A slot is seen with probability (1 + position)^-seen_exponent.

    std::vector<Taste> topic_vectors;
    std::vector<float> category_hours;        ///< Best hour of each category.

    std::vector<Taste> taste_first;           ///< Of each user on the first day,
    std::vector<Taste> taste_last;            ///< and on the last: in between they blend.
    std::vector<Taste> taste_noise;           ///< What the policy adds to a taste by mistake.
    std::vector<float> generosity;            ///< Added to a user's logits.
    std::vector<std::uint8_t> user_countries;

    std::vector<Taste> item_vectors;
    std::vector<float> qualities;
    std::vector<float> popularities;          ///< Weight before age decays it.
    std::vector<float> durations;             ///< Standardised logarithm.
    std::vector<TimeUs> uploaded;
    std::vector<std::uint32_t> creators;
    std::vector<std::uint16_t> topics;        ///< Category c has topics [8 c, 8 c + 8).
    std::vector<std::uint8_t> item_countries;

    [[nodiscard]] std::size_t users() const noexcept { return generosity.size(); }
    [[nodiscard]] std::size_t items() const noexcept { return qualities.size(); }
};

/// Interest left in a video of this age: 0.05 + 0.95 x 2^(-age / 3 d); 0 before its upload.
[[nodiscard]] double freshness(TimeUs age) noexcept;
/// The user's taste at `time`.
[[nodiscard]] Taste taste_at(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept;
/// What the logging policy takes the user's taste for at `time`.
[[nodiscard]] Taste estimated_taste_at(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept;
/// Fills the policy's probability of each topic, given its estimate of the taste. out.size() is the number of topics.
void fill_topic_probabilities(const ShortsTruth& truth, const Taste& estimate, std::span<double> out) noexcept;
/// Who watches, and when.
struct Viewing {
    std::size_t user;
    Taste taste;  ///< taste_at(user, time), passed in so that a session computes it once.
    TimeUs time;
    WatchContext context;
};
/// Logit of watching to half or more, given that the slot is seen.
[[nodiscard]] double watch_logit(const ShortsTruth& truth, const Viewing& viewing, std::size_t item) noexcept;
/// Probability that a slot at this position is seen at all.
[[nodiscard]] double seen_probability(const ShortsTruth& truth, std::uint32_t position) noexcept;

[[nodiscard]] double dot(const Taste& a, const Taste& b) noexcept;
/// `taste` scaled to length 1; the first axis if it has none.
[[nodiscard]] Taste normalised(const Taste& taste) noexcept;
[[nodiscard]] double sigmoid(double logit) noexcept;

}  // namespace shortlist::simulation
