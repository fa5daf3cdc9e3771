/// Quantiles of a sample.
#pragma once

#include <vector>

namespace shortlist::base {

/// The number at place floor(q x n), counted from 0, of the n numbers in ascending order, the last one at most: always one of them.
/// q in [0, 1]; 0 where there are none. Cost O(n).
[[nodiscard]] double quantile(std::vector<double> numbers, double q);

}  // namespace shortlist::base
