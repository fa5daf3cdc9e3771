#include "engine/base/exp2.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace shortlist::base {

double exp2(double x) noexcept {
    if (x != x) return x;
    if (x < -1022.0) return 0.0;
    if (x > 1023.0) return std::numeric_limits<double>::infinity();
    // x = whole + part with |part| <= 1/2; then 2^part = e^y, y = part ln 2, by its Taylor series in Horner form.
    // The 14th term is below 2^-60 for |y| <= 0.35.
    const auto whole = static_cast<std::int64_t>(x < 0 ? x - 0.5 : x + 0.5);
    const double y = (x - static_cast<double>(whole)) * 0.69314718055994530942;
    double sum = 1.0;
    for (int term = 14; term >= 1; --term) sum = 1.0 + sum * y / term;
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(whole + 1023) << 52);
}

}  // namespace shortlist::base
