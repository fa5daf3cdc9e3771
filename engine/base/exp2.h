/// 2 to the power x from + - x / only, so that every CPU and every libm gives the same bits. The fold decays with it.
#pragma once

namespace shortlist::base {

/// Relative error below 4e-16 for x in [-1022, 1023]; 0 below that, infinity above, NaN for NaN.
[[nodiscard]] double exp2(double x) noexcept;

}  // namespace shortlist::base
