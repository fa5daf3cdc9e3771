#include "engine/base/exp2.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace shortlist::base {

namespace {

// 1 / n! for n = 0..14, each the double nearest to it.
constexpr std::array<double, 15> kInverseFactorials = [] {
    std::array<double, 15> inverse{};
    double factorial = 1.0;  // exact: 14! is below 2^53
    for (std::size_t n = 0; n < inverse.size(); ++n) {
        if (n > 0) factorial *= static_cast<double>(n);
        inverse[n] = 1.0 / factorial;
    }
    return inverse;
}();

}  // namespace

double exp2(double x) noexcept {
    if (x != x) return x;
    if (x < -1022.0) return 0.0;
    if (x > 1023.0) return std::numeric_limits<double>::infinity();
    // x = whole + part with |part| <= 1/2; then 2^part = e^y, y = part ln 2, by its Taylor series in Horner form.
    // The 15th term is below 2^-60 for |y| <= 0.35.
    const auto whole = static_cast<std::int64_t>(x < 0 ? x - 0.5 : x + 0.5);
    const double y = (x - static_cast<double>(whole)) * 0.69314718055994530942;
    double sum = kInverseFactorials.back();
    for (std::size_t term = kInverseFactorials.size() - 1; term-- > 0;) sum = sum * y + kInverseFactorials[term];
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(whole + 1023) << 52);
}

}  // namespace shortlist::base
