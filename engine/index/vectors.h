/// The vectors of an index where they were given: checked, fp32, row-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"

namespace shortlist::index {

inline constexpr std::size_t kDimensionMax = 1024;
inline constexpr float kMagnitudeMax = 1e15F;  ///< So that no inner product overflows: 1024 x 1e15 x 1e15 < 3e38.

/// A view of somebody's matrix, which must outlive it unchanged.
class Vectors {
public:
    /// matrix: shape (rows, dimension); rows aligned to a cache line are read faster. Errors: InvalidArgument for a dimension outside [1, 1024], a
    /// size that is no multiple of it, 2^32 - 1 rows or more, or a value that is not finite or beyond kMagnitudeMax.
    static Result<Vectors> create(std::span<const float> matrix, std::size_t dimension);

    [[nodiscard]] std::size_t size() const noexcept { return values_.size() / dimension_; }
    [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
    [[nodiscard]] std::span<const float> values() const noexcept { return values_; }
    [[nodiscard]] std::span<const float> row(std::uint32_t row) const noexcept { return values().subspan(row * dimension_, dimension_); }

private:
    Vectors(std::span<const float> matrix, std::size_t dimension) : values_(matrix), dimension_(dimension) {}

    std::span<const float> values_;
    std::size_t dimension_;
};

/// Whether every value is finite and at most kMagnitudeMax in magnitude.
[[nodiscard]] bool all_usable(std::span<const float> values) noexcept;

/// Whether bit `row` is set; an empty mask allows every row.
[[nodiscard]] inline bool allows(std::span<const std::uint64_t> eligible, std::size_t row) noexcept {
    return eligible.empty() || (eligible[row / 64] >> (row % 64) & 1U) != 0;
}

}  // namespace shortlist::index
