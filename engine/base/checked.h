/// Arithmetic on counts and sizes that came from outside: overflow is an error, not a wrap.
#pragma once

#include <concepts>
#include <string>

#include "engine/base/result.h"

namespace shortlist::base {

template <std::integral T>
Result<T> checked_add(T a, T b) {
    T sum;
    if (__builtin_add_overflow(a, b, &sum)) return invalid_argument("sum overflows: " + std::to_string(a) + " + " + std::to_string(b));
    return sum;
}

template <std::integral T>
Result<T> checked_multiply(T a, T b) {
    T product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return invalid_argument("product overflows: " + std::to_string(a) + " x " + std::to_string(b));
    }
    return product;
}

}  // namespace shortlist::base
