#include "engine/index/vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace shortlist::index {

bool all_usable(std::span<const float> values) noexcept {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::fabs(value) <= kMagnitudeMax; });
}

Result<Vectors> Vectors::create(std::span<const float> matrix, std::size_t dimension) {
    if (dimension < 1 || dimension > kDimensionMax) {
        return base::invalid_argument("dimension of an index must be within 1 to " + std::to_string(kDimensionMax) + ", not " +
                                      std::to_string(dimension));
    }
    if (matrix.size() % dimension != 0) {
        return base::invalid_argument("matrix of an index must hold whole rows of " + std::to_string(dimension) + " values, not " +
                                      std::to_string(matrix.size()) + " values");
    }
    if (matrix.size() / dimension >= std::numeric_limits<std::uint32_t>::max()) {
        return base::invalid_argument("an index holds fewer than 4,294,967,295 rows, not " + std::to_string(matrix.size() / dimension));
    }
    for (std::size_t row = 0; row < matrix.size() / dimension; ++row) {
        if (all_usable(matrix.subspan(row * dimension, dimension))) continue;
        return base::invalid_argument("vectors of an index must be finite and at most 1e15 in magnitude; row " + std::to_string(row) + " is not");
    }
    return Vectors(matrix, dimension);
}

}  // namespace shortlist::index
