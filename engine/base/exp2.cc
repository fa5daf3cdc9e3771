#include "engine/base/exp2.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace shortlist::base {

namespace {

constexpr std::int64_t kSteps = 64;
constexpr long double kLn2 = 0.693147180559945309417232121458176568L;

// 2^(step / 64), each the double nearest to it: e^y by its Taylor series, in more digits than a double has.
constexpr std::array<double, kSteps> kPowers = [] {
    std::array<double, kSteps> powers{};
    for (std::size_t step = 0; step < powers.size(); ++step) {
        const long double y = kLn2 * static_cast<long double>(step) / kSteps;
        long double sum = 1.0L;
        for (int term = 30; term > 0; --term) sum = 1.0L + sum * y / term;
        powers[step] = static_cast<double>(sum);
    }
    return powers;
}();

}  // namespace

double exp2(double x) noexcept {
    if (x != x) return x;
    if (x < -1022.0) return 0.0;
    if (x > 1023.0) return std::numeric_limits<double>::infinity();
    // x = whole + step / 64 + rest with |rest| <= 1/128; then 2^rest = e^y, y = rest ln 2, and the sixth term of its Taylor
    // series is below 2^-54.
    const double scaled = x * static_cast<double>(kSteps);
    const auto steps = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double y = (scaled - static_cast<double>(steps)) * (0.69314718055994530942 / static_cast<double>(kSteps));
    const double beyond_one = y * (1.0 + y * (1.0 / 2 + y * (1.0 / 6 + y * (1.0 / 24 + y * (1.0 / 120)))));
    const double power = kPowers[static_cast<std::size_t>(steps & (kSteps - 1))];
    return (power + power * beyond_one) * std::bit_cast<double>(static_cast<std::uint64_t>((steps >> 6) + 1023) << 52);
}

}  // namespace shortlist::base
