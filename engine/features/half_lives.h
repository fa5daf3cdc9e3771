/// Counts that fade, kept so that time costs nothing: an event adds the weight 2^(age of its epoch at the event), and what is left at
/// some time is the sum of weights times one factor for all counts of that half-life ("forward decay": Cormode, Shkapenyuk,
/// Srivastava & Xu, ICDE 2009). An epoch is 32 half-lives; a sum of an earlier epoch is brought to the present one by a power of
/// two, which loses no bit. Uses + - x / and our own exp2, on whole seconds: the same bits on every CPU.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::features {

/// Different half-lives of one plan.
inline constexpr std::size_t kHalfLivesMax = 16;
/// Half-lives of an epoch.
inline constexpr std::uint64_t kEpochHalfLives = 32;
/// Second of a time of the log: state knows no finer one. Times past the year 2106 are its last second.
[[nodiscard]] inline std::uint32_t second_of(TimeUs time) noexcept {
    constexpr TimeUs kLast = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<TimeUs>(time / kSecondUs, 0, kLast));
}

/// The half-lives of a plan, by index. Immutable once the plan is made.
class HalfLives {
public:
    /// The index of a half-life in seconds, at least 1; a new one is added. Requires fewer than kHalfLivesMax others.
    std::size_t add(std::uint32_t seconds);
    [[nodiscard]] std::size_t size() const noexcept { return seconds_.size(); }
    [[nodiscard]] bool contains(std::uint32_t seconds) const noexcept { return std::ranges::find(seconds_, seconds) != seconds_.end(); }
    [[nodiscard]] bool full() const noexcept { return seconds_.size() == kHalfLivesMax; }
    [[nodiscard]] std::uint32_t seconds(std::size_t index) const noexcept { return seconds_[index]; }
    /// Seconds of an epoch; the greatest number there is where it outlasts the clock.
    [[nodiscard]] std::uint32_t span(std::size_t index) const noexcept { return spans_[index]; }
    [[nodiscard]] std::uint32_t epoch(std::size_t index, std::uint32_t second) const noexcept { return second / spans_[index]; }
    /// 1 / half-life.
    [[nodiscard]] double rate(std::size_t index) const noexcept { return rates_[index]; }

private:
    std::vector<std::uint32_t> seconds_;
    std::vector<std::uint32_t> spans_;
    std::vector<double> rates_;
};

/// One moment, as all half-lives see it.
struct DecayMoment {
    std::uint32_t second = 0;
    std::uint32_t newest_epoch = 0;  ///< Second at which the last epoch of any of them began: sums of since then are of the present epochs.
    std::array<std::uint32_t, kHalfLivesMax> epoch{};
    std::array<double, kHalfLivesMax> factor{};
};

/// With the weight of an event at that second as `factor`: at least 1, below 2^32.
[[nodiscard]] DecayMoment counting_moment(const HalfLives& half_lives, std::uint32_t second) noexcept;
/// With what is left of a weight at that second as `factor`.
[[nodiscard]] DecayMoment reading_moment(const HalfLives& half_lives, std::uint32_t second) noexcept;

/// What brings a sum of weights into an epoch `passed` later. Past 96 half-lives nothing is left.
[[nodiscard]] inline double epoch_scale(std::uint32_t passed) noexcept {
    constexpr std::array<double, 4> kScales{1.0, 0x1p-32, 0x1p-64, 0x1p-96};
    return passed < kScales.size() ? kScales[passed] : 0.0;
}

}  // namespace shortlist::features
