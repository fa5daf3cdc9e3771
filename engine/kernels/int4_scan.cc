#include "engine/kernels/int4_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/base/check.h"
#include "engine/kernels/lanes_internal.h"

namespace shortlist::kernels {

namespace {

constexpr std::size_t kGroupDimensions = 8;
constexpr std::size_t kGroupBytes = kGroupDimensions / 2 * kBlockRows;
constexpr int kZeroCode = 8;
constexpr float kRowCodeMax = 7.0F;
constexpr float kQueryCodeMax = 127.0F;
constexpr float kSmallestMagnitude = 1e-30F;
constexpr std::size_t kDimensionMax = 1024;

float largest_magnitude(std::span<const float> values) {
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::fabs(value));
    return largest;
}

int code_of(float value, float inverse_scale, float code_max) {
    return static_cast<int>(std::clamp(std::nearbyint(value * inverse_scale), -code_max, code_max));
}

/// What a scan writes to, and when it stops: with no room for another whole block.
struct Sink {
    float threshold;
    std::span<Scored> room;
    std::size_t count = 0;

    void add(std::uint32_t lanes, std::size_t block, const float* scores) noexcept {
        for (; lanes != 0; lanes &= lanes - 1) {
            const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
            room[count++] = {scores[lane], static_cast<std::uint32_t>(block * kBlockRows) + lane};
        }
    }
    [[nodiscard]] bool full() const noexcept { return room.size() - count < kBlockRows; }
};

/// Bit l says whether row l of the block exists and is allowed.
SHORTLIST_INLINE std::uint32_t allowed_lanes(const Int4Scan& scan, std::size_t block) noexcept {
    const std::size_t first = block * kBlockRows;
    std::uint32_t lanes = 0xffff;
    if (scan.blocks.rows - first < kBlockRows) lanes = (1U << (scan.blocks.rows - first)) - 1U;
    if (!scan.eligible.empty()) lanes &= static_cast<std::uint32_t>(scan.eligible[first / 64] >> (first % 64));
    return lanes;
}

// Each of the three scans returns the first block that it has not scanned.

std::size_t scan_scalar(const Int4Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::int8_t* query = scan.query.codes.data();
    const std::size_t groups = scan.blocks.groups;
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        std::int32_t dots[kBlockRows];
        std::fill_n(dots, kBlockRows, -kZeroCode * scan.query.code_sum);
        for (std::size_t g = 0; g < groups; ++g) {
            const std::int8_t* const eight = query + g * kGroupDimensions;
            for (std::size_t i = 0; i < kGroupBytes; ++i) {
                const std::uint8_t both = codes[g * kGroupBytes + i];
                dots[i / 4] += (both & 15) * eight[i % 4] + (both >> 4) * eight[4 + i % 4];
            }
        }
        float scores[kBlockRows];
        std::uint32_t above = 0;
        for (std::size_t l = 0; l < kBlockRows; ++l) {
            scores[l] = (static_cast<float>(dots[l]) + scan.allowance) * scan.blocks.scales[block * kBlockRows + l];
            above |= static_cast<std::uint32_t>(scores[l] > sink.threshold) << l;
        }
        sink.add(above & allowed, block, scores);
    }
    return block;
}

// Four codes of the query, for the low halves (half 0) or the high halves (half 1) of a group.
SHORTLIST_INLINE std::int32_t query_four(const Int4Scan& scan, std::size_t group, std::size_t half) noexcept {
    std::int32_t four;
    std::memcpy(&four, scan.query.codes.data() + group * kGroupDimensions + half * 4, sizeof(four));
    return four;
}

// 8 rows x 8 dimensions, as 16-bit sums of four products each: at most 4 x 15 x 127 = 7,620.
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE __m256i eight_products(const std::uint8_t* codes, __m256i low_query, __m256i high_query) noexcept {
    const __m256i both = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
    const __m256i mask = _mm256_set1_epi8(15);
    const __m256i low = _mm256_and_si256(both, mask);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
    return _mm256_add_epi16(_mm256_maddubs_epi16(low, low_query), _mm256_maddubs_epi16(high, high_query));
}

SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE __m256i widened(__m256i sums) noexcept { return _mm256_madd_epi16(sums, _mm256_set1_epi16(1)); }

// The sums of four groups fit 16 bits: 4 x 7,620 = 30,480.
constexpr std::size_t kGroupsWidenedTogether = 4;

SHORTLIST_TARGET_AVX2 std::size_t scan_avx2(const Int4Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::size_t groups = scan.blocks.groups;
    const __m256i start = _mm256_set1_epi32(-kZeroCode * scan.query.code_sum);
    const __m256 allowance = _mm256_set1_ps(scan.allowance);
    const __m256 threshold = _mm256_set1_ps(sink.threshold);
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        __m256i low = start;
        __m256i high = start;
        for (std::size_t first = 0; first < groups; first += kGroupsWidenedTogether) {
            __m256i low_sums = _mm256_setzero_si256();
            __m256i high_sums = _mm256_setzero_si256();
            for (std::size_t g = first; g < std::min(first + kGroupsWidenedTogether, groups); ++g) {
                const __m256i low_query = _mm256_set1_epi32(query_four(scan, g, 0));
                const __m256i high_query = _mm256_set1_epi32(query_four(scan, g, 1));
                low_sums = _mm256_add_epi16(low_sums, eight_products(codes + g * kGroupBytes, low_query, high_query));
                high_sums = _mm256_add_epi16(high_sums, eight_products(codes + g * kGroupBytes + kGroupBytes / 2, low_query, high_query));
            }
            low = _mm256_add_epi32(low, widened(low_sums));
            high = _mm256_add_epi32(high, widened(high_sums));
        }
        const float* scales = scan.blocks.scales.data() + block * kBlockRows;
        const __m256 low_scores = _mm256_mul_ps(_mm256_add_ps(_mm256_cvtepi32_ps(low), allowance), _mm256_load_ps(scales));
        const __m256 high_scores = _mm256_mul_ps(_mm256_add_ps(_mm256_cvtepi32_ps(high), allowance), _mm256_load_ps(scales + 8));
        const auto above = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(low_scores, threshold, _CMP_GT_OQ)) |
                                                      _mm256_movemask_ps(_mm256_cmp_ps(high_scores, threshold, _CMP_GT_OQ)) << 8);
        if ((above & allowed) == 0) continue;
        alignas(32) float scores[kBlockRows];
        _mm256_store_ps(scores, low_scores);
        _mm256_store_ps(scores + 8, high_scores);
        sink.add(above & allowed, block, scores);
    }
    return block;
}

SHORTLIST_TARGET_AVX512 std::size_t scan_avx512(const Int4Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::size_t groups = scan.blocks.groups;
    const __m512i start = _mm512_set1_epi32(-kZeroCode * scan.query.code_sum);
    const __m512i mask = _mm512_set1_epi8(15);
    const __m512 allowance = _mm512_set1_ps(scan.allowance);
    const __m512 threshold = _mm512_set1_ps(sink.threshold);
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        // Two sums hide the latency.
        __m512i low = start;
        __m512i high = _mm512_setzero_si512();
        for (std::size_t g = 0; g < groups; ++g) {
            const __m512i both = _mm512_load_si512(codes + g * kGroupBytes);
            low = _mm512_dpbusd_epi32(low, _mm512_and_si512(both, mask), _mm512_set1_epi32(query_four(scan, g, 0)));
            high = _mm512_dpbusd_epi32(high, _mm512_and_si512(_mm512_srli_epi16(both, 4), mask), _mm512_set1_epi32(query_four(scan, g, 1)));
        }
        const __m512 dots = _mm512_cvtepi32_ps(_mm512_add_epi32(low, high));
        const __m512 scores = _mm512_mul_ps(_mm512_add_ps(dots, allowance), _mm512_load_ps(scan.blocks.scales.data() + block * kBlockRows));
        const __mmask16 above = _mm512_mask_cmp_ps_mask(static_cast<__mmask16>(allowed), scores, threshold, _CMP_GT_OQ);
        if (above == 0) continue;
        alignas(64) float stored[kBlockRows];
        _mm512_store_ps(stored, scores);
        sink.add(above, block, stored);
    }
    return block;
}

}  // namespace

Int4Blocks quantise_rows(std::span<const float> matrix, std::size_t dimension) {
    SHORTLIST_CHECK(dimension >= 1 && dimension <= kDimensionMax, dimension);
    SHORTLIST_CHECK(matrix.size() % dimension == 0, matrix.size(), dimension);
    Int4Blocks out;
    out.rows = matrix.size() / dimension;
    out.groups = (dimension + kGroupDimensions - 1) / kGroupDimensions;
    const std::size_t blocks = (out.rows + kBlockRows - 1) / kBlockRows;
    out.codes.assign(blocks * out.groups * kGroupBytes, static_cast<std::uint8_t>(kZeroCode << 4 | kZeroCode));
    out.scales.assign(blocks * kBlockRows, 0.0F);
    for (std::size_t r = 0; r < out.rows; ++r) {
        const auto row = matrix.subspan(r * dimension, dimension);
        const float largest = largest_magnitude(row);
        if (largest < kSmallestMagnitude) continue;
        out.scales[r] = largest / kRowCodeMax;
        std::uint8_t* codes = out.codes.data() + r / kBlockRows * out.groups * kGroupBytes + r % kBlockRows * 4;
        for (std::size_t d = 0; d < dimension; ++d) {
            std::uint8_t& both = codes[d / kGroupDimensions * kGroupBytes + d % 4];
            const int code = code_of(row[d], kRowCodeMax / largest, kRowCodeMax) + kZeroCode;
            both = static_cast<std::uint8_t>(d % kGroupDimensions < 4 ? (both & 0xf0) | code : (both & 0x0f) | code << 4);
        }
    }
    return out;
}

void quantise_query(std::span<const float> query, Int8Query& out) {
    out.codes.assign((query.size() + kGroupDimensions - 1) / kGroupDimensions * kGroupDimensions, 0);
    out.code_sum = 0;
    out.scale = 0;
    out.deviation = 0;
    const float largest = largest_magnitude(query);
    if (largest < kSmallestMagnitude) return;
    out.scale = largest / kQueryCodeMax;
    float squares = 0;
    for (std::size_t d = 0; d < query.size(); ++d) {
        const int code = code_of(query[d], kQueryCodeMax / largest, kQueryCodeMax);
        out.codes[d] = static_cast<std::int8_t>(code);
        out.code_sum += code;
        squares += static_cast<float>(code * code);
    }
    // The variance of an even spread over a step of 1 is 1/12; that of the row's codes, evenly spread themselves, is 7 x 8 / 3.
    constexpr float kStepVariance = 1.0F / 12;
    constexpr float kRowCodeVariance = kRowCodeMax * (kRowCodeMax + 1) / 3;
    out.deviation = std::sqrt((squares + kRowCodeVariance * static_cast<float>(query.size())) * kStepVariance);
}

void scan_blocks(const Int4Scan& scan, std::size_t begin, std::size_t end, TopK& best, CpuLevel level) {
    SHORTLIST_DCHECK(scan.query.codes.size() == scan.blocks.groups * kGroupDimensions, scan.query.codes.size(), scan.blocks.groups);
    const auto scan_some = twin(level, scan_scalar, scan_avx2, scan_avx512);
    while (begin < end) {
        Sink sink{best.threshold(), best.room()};
        begin = scan_some(scan, begin, end, sink);
        best.appended(sink.count);
    }
}

}  // namespace shortlist::kernels
