#include "engine/features/half_lives.h"

#include "engine/base/check.h"
#include "engine/base/exp2.h"

namespace shortlist::features {

namespace {

DecayMoment moment_of(const HalfLives& half_lives, std::uint32_t second, double direction) noexcept {
    DecayMoment moment;
    moment.second = second;
    for (std::size_t h = 0; h < half_lives.size(); ++h) {
        moment.epoch[h] = half_lives.epoch(h, second);
        const std::uint32_t begin = moment.epoch[h] * half_lives.span(h);
        moment.newest_epoch = std::max(moment.newest_epoch, begin);
        moment.factor[h] = base::exp2(direction * static_cast<double>(second - begin) * half_lives.rate(h));
    }
    return moment;
}

}  // namespace

std::size_t HalfLives::add(std::uint32_t seconds) {
    const auto found = std::ranges::find(seconds_, seconds);
    if (found != seconds_.end()) return static_cast<std::size_t>(found - seconds_.begin());
    SHORTLIST_CHECK(seconds > 0 && !full(), seconds);
    seconds_.push_back(seconds);
    spans_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(seconds * kEpochHalfLives, std::numeric_limits<std::uint32_t>::max())));
    rates_.push_back(1.0 / seconds);
    return seconds_.size() - 1;
}

DecayMoment counting_moment(const HalfLives& half_lives, std::uint32_t second) noexcept { return moment_of(half_lives, second, 1.0); }
DecayMoment reading_moment(const HalfLives& half_lives, std::uint32_t second) noexcept { return moment_of(half_lives, second, -1.0); }

}  // namespace shortlist::features
