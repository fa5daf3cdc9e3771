/// Sixty-four bytes side by side, once for each CpuLevel: beside lanes_internal.h, the vocabulary in which forest.inc is written.
/// All levels give equal bytes.
#pragma once

#include "engine/kernels/lanes_internal.h"

namespace shortlist::kernels {

inline constexpr std::size_t kBytes = 64;

namespace scalar {

/// Sixteen by sixteen in the compiler's own vectors, which every processor has in some form.
using Sixteen = std::uint8_t __attribute__((vector_size(16)));
struct Bytes {
    Sixteen quarters[4];
};

SHORTLIST_INLINE Bytes load_bytes(const std::uint8_t* from) noexcept {
    Bytes out;
    std::memcpy(out.quarters, from, kBytes);
    return out;
}
SHORTLIST_INLINE void store_bytes(std::uint8_t* to, const Bytes& x) noexcept { std::memcpy(to, x.quarters, kBytes); }
/// Where code <= limit the byte of `yes`, elsewhere that of `no`.
SHORTLIST_INLINE Bytes select_at_most(const Bytes& code, std::uint8_t limit, const Bytes& yes, const Bytes& no) noexcept {
    const Sixteen limits = Sixteen{} + limit;
    Bytes out;
    for (std::size_t q = 0; q < 4; ++q) out.quarters[q] = code.quarters[q] <= limits ? yes.quarters[q] : no.quarters[q];
    return out;
}
/// Where listed[code] is 255 the byte of `yes`; where it is 0, or code is 255, that of `no`. Codes are below 16 or 255.
SHORTLIST_INLINE Bytes select_listed(const Bytes& code, const std::uint8_t* listed, const Bytes& yes, const Bytes& no) noexcept {
    Bytes out;
    for (std::size_t q = 0; q < 4; ++q) {
        Sixteen found{};
        for (std::uint8_t i = 0; i < 16; ++i) found |= static_cast<Sixteen>(code.quarters[q] == Sixteen{} + i) & (Sixteen{} + listed[i]);
        out.quarters[q] = found != 0 ? yes.quarters[q] : no.quarters[q];
    }
    return out;
}

}  // namespace scalar

namespace avx2 {

struct Bytes {
    __m256i low;
    __m256i high;
};

SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Bytes load_bytes(const std::uint8_t* from) noexcept {
    const auto* halves = reinterpret_cast<const __m256i*>(from);
    return {_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE void store_bytes(std::uint8_t* to, const Bytes& x) noexcept {
    auto* halves = reinterpret_cast<__m256i*>(to);
    _mm256_storeu_si256(halves, x.low);
    _mm256_storeu_si256(halves + 1, x.high);
}
/// All bits of a byte of `x` where it is at most that of `limits`: the lesser of the two is then `x`.
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE __m256i at_most(__m256i x, __m256i limits) noexcept {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(x, limits), x);
}
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Bytes select_at_most(const Bytes& code, std::uint8_t limit, const Bytes& yes, const Bytes& no) noexcept {
    const __m256i limits = _mm256_set1_epi8(static_cast<char>(limit));
    return {_mm256_blendv_epi8(no.low, yes.low, at_most(code.low, limits)), _mm256_blendv_epi8(no.high, yes.high, at_most(code.high, limits))};
}
/// The shuffle looks up sixteen bytes, and gives 0 for a code whose highest bit is set.
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE Bytes select_listed(const Bytes& code, const std::uint8_t* listed, const Bytes& yes,
                                                           const Bytes& no) noexcept {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(listed)));
    return {_mm256_blendv_epi8(no.low, yes.low, _mm256_shuffle_epi8(table, code.low)),
            _mm256_blendv_epi8(no.high, yes.high, _mm256_shuffle_epi8(table, code.high))};
}

}  // namespace avx2

namespace avx512 {

struct Bytes {
    __m512i all;
};

SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Bytes load_bytes(const std::uint8_t* from) noexcept { return {_mm512_loadu_si512(from)}; }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE void store_bytes(std::uint8_t* to, const Bytes& x) noexcept { _mm512_storeu_si512(to, x.all); }
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Bytes select_at_most(const Bytes& code, std::uint8_t limit, const Bytes& yes, const Bytes& no) noexcept {
    return {_mm512_mask_blend_epi8(_mm512_cmple_epu8_mask(code.all, _mm512_set1_epi8(static_cast<char>(limit))), no.all, yes.all)};
}
SHORTLIST_TARGET_AVX512 SHORTLIST_INLINE Bytes select_listed(const Bytes& code, const std::uint8_t* listed, const Bytes& yes,
                                                             const Bytes& no) noexcept {
    const __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(listed)));
    return {_mm512_mask_blend_epi8(_mm512_movepi8_mask(_mm512_shuffle_epi8(table, code.all)), no.all, yes.all)};
}

}  // namespace avx512
}  // namespace shortlist::kernels
