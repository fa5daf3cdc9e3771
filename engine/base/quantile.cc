#include "engine/base/quantile.h"

#include <algorithm>
#include <cstddef>

namespace shortlist::base {

double quantile(std::vector<double> numbers, double q) {
    if (numbers.empty()) return 0.0;
    const auto rank = std::min(numbers.size() - 1, static_cast<std::size_t>(q * static_cast<double>(numbers.size())));
    std::nth_element(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(rank), numbers.end());
    return numbers[rank];
}

}  // namespace shortlist::base
