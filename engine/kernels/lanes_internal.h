/// Sixteen floats side by side, once for each CpuLevel: the vocabulary in which the floating-point kernels are written.
/// A kernel is one .inc file that for_each_level.inc compiles three times, in the namespaces scalar, avx2 and avx512;
/// `Lanes` and the functions below are then those of the level. AVX2 and AVX-512 do the same operations in the same
/// order and give equal bits; scalar rounds after each multiplication, since fused arithmetic without FMA is slow.
#pragma once

// g++ 12 warns falsely inside its own AVX-512 header (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/cpu.h"

#define SHORTLIST_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define SHORTLIST_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))
#define SHORTLIST_INLINE inline __attribute__((always_inline))

namespace shortlist::kernels {

inline constexpr std::size_t kLanes = 16;

/// Picks the twin of `level`.
template <class Function>
[[nodiscard]] Function* twin(CpuLevel level, Function* scalar, Function* avx2, Function* avx512) noexcept {
    if (level == CpuLevel::Avx512) return avx512;
    return level == CpuLevel::Avx2 ? avx2 : scalar;
}

namespace scalar {

struct Lanes {
    float at[kLanes];
};

SHORTLIST_INLINE Lanes load(const float* from) noexcept {
    Lanes out;
    std::memcpy(out.at, from, sizeof(out.at));
    return out;
}
SHORTLIST_INLINE void store(float* to, Lanes x) noexcept { std::memcpy(to, x.at, sizeof(x.at)); }
SHORTLIST_INLINE Lanes broadcast(float x) noexcept {
    Lanes out;
    for (float& lane : out.at) lane = x;
    return out;
}
SHORTLIST_INLINE Lanes add(Lanes a, Lanes b) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) a.at[i] += b.at[i];
    return a;
}
SHORTLIST_INLINE Lanes multiply(Lanes a, Lanes b) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) a.at[i] *= b.at[i];
    return a;
}
SHORTLIST_INLINE Lanes divide(Lanes a, Lanes b) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) a.at[i] /= b.at[i];
    return a;
}
SHORTLIST_INLINE Lanes square_root(Lanes a) noexcept {
    for (float& lane : a.at) lane = std::sqrt(lane);
    return a;
}
/// Where either lane is NaN, the lane of `b`, as the instruction does.
SHORTLIST_INLINE Lanes maximum(Lanes a, Lanes b) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) a.at[i] = a.at[i] > b.at[i] ? a.at[i] : b.at[i];
    return a;
}
/// c + a * b.
SHORTLIST_INLINE Lanes multiply_add(Lanes a, Lanes b, Lanes c) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) c.at[i] += a.at[i] * b.at[i];
    return c;
}
/// c - a * b.
SHORTLIST_INLINE Lanes multiply_subtract(Lanes a, Lanes b, Lanes c) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) c.at[i] -= a.at[i] * b.at[i];
    return c;
}
/// The same of single numbers.
SHORTLIST_INLINE float multiply_subtract_one(float a, float b, float c) noexcept { return c - a * b; }
/// The first `count` < 16 values, zeros behind them.
SHORTLIST_INLINE Lanes load_partial(const float* from, std::size_t count) noexcept {
    Lanes out = broadcast(0.0F);
    std::memcpy(out.at, from, count * sizeof(float));
    return out;
}
/// Sums by halves: lane i + lane i + 8, then + 4, + 2, + 1; the same tree at every level.
SHORTLIST_INLINE float sum(Lanes x) noexcept {
    for (std::size_t half = kLanes / 2; half >= 1; half /= 2) {
        for (std::size_t i = 0; i < half; ++i) x.at[i] += x.at[i + half];
    }
    return x.at[0];
}
/// Zeros in lanes 0 to `lane`.
SHORTLIST_INLINE Lanes keep_after(Lanes x, std::size_t lane) noexcept {
    for (std::size_t i = 0; i <= lane; ++i) x.at[i] = 0.0F;
    return x;
}

/// How many of sixteen ascending floats lie below `x`; 0 for NaN.
SHORTLIST_INLINE std::size_t count_below(const float* ascending, float x) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kLanes; ++i) count += ascending[i] < x ? 1 : 0;
    return count;
}

}  // namespace scalar

namespace avx2 {

struct Lanes {
    __m256 low;
    __m256 high;
};

SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes load(const float* from) noexcept { return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)}; }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE void store(float* to, Lanes x) noexcept {
    _mm256_storeu_ps(to, x.low);
    _mm256_storeu_ps(to + 8, x.high);
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes broadcast(float x) noexcept { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes add(Lanes a, Lanes b) noexcept { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes multiply(Lanes a, Lanes b) noexcept {
    return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes divide(Lanes a, Lanes b) noexcept {
    return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes square_root(Lanes a) noexcept { return {_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)}; }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes maximum(Lanes a, Lanes b) noexcept {
    return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes multiply_add(Lanes a, Lanes b, Lanes c) noexcept {
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes multiply_subtract(Lanes a, Lanes b, Lanes c) noexcept {
    return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE float multiply_subtract_one(float a, float b, float c) noexcept { return __builtin_fmaf(-a, b, c); }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes load_partial(const float* from, std::size_t count) noexcept {
    alignas(32) float padded[kLanes] = {};
    std::memcpy(padded, from, count * sizeof(float));
    return load(padded);
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE float sum_of_eight(__m256 x) noexcept {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE float sum(Lanes x) noexcept { return sum_of_eight(_mm256_add_ps(x.low, x.high)); }
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Lanes keep_after(Lanes x, std::size_t lane) noexcept {
    alignas(32) static constexpr std::int32_t kKeep[2 * kLanes] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                                                   -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const Lanes keep = load(reinterpret_cast<const float*>(kKeep) + kLanes - 1 - lane);
    return {_mm256_and_ps(x.low, keep.low), _mm256_and_ps(x.high, keep.high)};
}

/// Of ascending floats the first ones lie below, so their number is the place of the first bit that is not set.
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE std::size_t count_below(const float* ascending, float x) noexcept {
    const Lanes floats = load(ascending);
    const __m256 limit = _mm256_set1_ps(x);
    const auto low = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(floats.low, limit, _CMP_LT_OQ)));
    const auto high = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(floats.high, limit, _CMP_LT_OQ)));
    return static_cast<std::size_t>(std::countr_one(low | high << 8));
}

}  // namespace avx2

namespace avx512 {

struct Lanes {
    __m512 all;
};

SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes load(const float* from) noexcept { return {_mm512_loadu_ps(from)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE void store(float* to, Lanes x) noexcept { _mm512_storeu_ps(to, x.all); }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes broadcast(float x) noexcept { return {_mm512_set1_ps(x)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes add(Lanes a, Lanes b) noexcept { return {_mm512_add_ps(a.all, b.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes multiply(Lanes a, Lanes b) noexcept { return {_mm512_mul_ps(a.all, b.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes divide(Lanes a, Lanes b) noexcept { return {_mm512_div_ps(a.all, b.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes square_root(Lanes a) noexcept { return {_mm512_sqrt_ps(a.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes maximum(Lanes a, Lanes b) noexcept { return {_mm512_max_ps(a.all, b.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes multiply_add(Lanes a, Lanes b, Lanes c) noexcept { return {_mm512_fmadd_ps(a.all, b.all, c.all)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes multiply_subtract(Lanes a, Lanes b, Lanes c) noexcept {
    return {_mm512_fnmadd_ps(a.all, b.all, c.all)};
}
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE float multiply_subtract_one(float a, float b, float c) noexcept { return __builtin_fmaf(-a, b, c); }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes load_partial(const float* from, std::size_t count) noexcept {
    return {_mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1U), from)};
}
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE float sum(Lanes x) noexcept {
    return avx2::sum_of_eight(_mm256_add_ps(_mm512_castps512_ps256(x.all), _mm512_extractf32x8_ps(x.all, 1)));
}
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Lanes keep_after(Lanes x, std::size_t lane) noexcept {
    return {_mm512_maskz_mov_ps(static_cast<__mmask16>(0xfffeU << lane), x.all)};
}
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE std::size_t count_below(const float* ascending, float x) noexcept {
    const __mmask16 below = _mm512_cmp_ps_mask(_mm512_loadu_ps(ascending), _mm512_set1_ps(x), _CMP_LT_OQ);
    return static_cast<std::size_t>(std::countr_one(static_cast<unsigned>(below)));
}

}  // namespace avx512
}  // namespace shortlist::kernels
