#include "engine/kernels/int8_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/base/check.h"
#include "engine/kernels/lanes_internal.h"

namespace shortlist::kernels {

namespace {

constexpr std::size_t kGroupBytes = 4 * kBlockRows;
constexpr std::uint8_t kZeroCode = 128;
constexpr float kCodeMax = 127.0F;
constexpr float kSmallestMagnitude = 1e-30F;
constexpr std::size_t kDimensionMax = 1024;

float largest_magnitude(std::span<const float> values) {
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::fabs(value));
    return largest;
}

int code_of(float value, float inverse_scale) { return static_cast<int>(std::clamp(std::nearbyint(value * inverse_scale), -kCodeMax, kCodeMax)); }

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
SHORTLIST_INLINE std::uint32_t allowed_lanes(const Int8Scan& scan, std::size_t block) noexcept {
    const std::size_t first = block * kBlockRows;
    std::uint32_t lanes = 0xffff;
    if (scan.blocks.rows - first < kBlockRows) lanes = (1U << (scan.blocks.rows - first)) - 1U;
    if (!scan.eligible.empty()) lanes &= static_cast<std::uint32_t>(scan.eligible[first / 64] >> (first % 64));
    return lanes;
}

// Each of the three scans returns the first block that it has not scanned.

std::size_t scan_scalar(const Int8Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::int8_t* query = scan.query.codes.data();
    const std::size_t groups = scan.blocks.groups;
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        std::int32_t dots[kBlockRows] = {};
        for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t i = 0; i < kGroupBytes; ++i) dots[i / 4] += (codes[g * kGroupBytes + i] - kZeroCode) * query[g * 4 + i % 4];
        }
        float scores[kBlockRows];
        std::uint32_t above = 0;
        for (std::size_t l = 0; l < kBlockRows; ++l) {
            scores[l] = static_cast<float>(dots[l]) * scan.blocks.scales[block * kBlockRows + l];
            above |= static_cast<std::uint32_t>(scores[l] > sink.threshold) << l;
        }
        sink.add(above & allowed, block, scores);
    }
    return block;
}

SHORTLIST_INLINE std::int32_t query_group(const Int8Scan& scan, std::size_t group) noexcept {
    std::int32_t four;
    std::memcpy(&four, scan.query.codes.data() + group * 4, sizeof(four));
    return four;
}

// maddubs saturates its 16-bit sums, and unsigned codes up to 255 would reach the limit. With the sign moved from the row
// to the query both factors stay within 127, and 2 x 127 x 127 = 32,258 fits.
SHORTLIST_TARGET_AVX2 SHORTLIST_INLINE __m256i add_four_products(__m256i dots, const std::uint8_t* codes, __m256i query) noexcept {
    const __m256i row = _mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(codes)), _mm256_set1_epi8(static_cast<char>(kZeroCode)));
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(query), _mm256_sign_epi8(row, query));
    return _mm256_add_epi32(dots, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

SHORTLIST_TARGET_AVX2 std::size_t scan_avx2(const Int8Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::size_t groups = scan.blocks.groups;
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        __m256i low = _mm256_setzero_si256();
        __m256i high = _mm256_setzero_si256();
        for (std::size_t g = 0; g < groups; ++g) {
            const __m256i query = _mm256_set1_epi32(query_group(scan, g));
            low = add_four_products(low, codes + g * kGroupBytes, query);
            high = add_four_products(high, codes + g * kGroupBytes + kGroupBytes / 2, query);
        }
        const float* scales = scan.blocks.scales.data() + block * kBlockRows;
        const __m256 low_scores = _mm256_mul_ps(_mm256_cvtepi32_ps(low), _mm256_load_ps(scales));
        const __m256 high_scores = _mm256_mul_ps(_mm256_cvtepi32_ps(high), _mm256_load_ps(scales + 8));
        const __m256 threshold = _mm256_set1_ps(sink.threshold);
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

// Codes are stored as code + 128, so the sum starts at -128 x (sum of the query's codes). Two sums hide the latency.
SHORTLIST_TARGET_AVX512 std::size_t scan_avx512(const Int8Scan& scan, std::size_t begin, std::size_t end, Sink& sink) noexcept {
    const std::size_t groups = scan.blocks.groups;
    const __m512i start = _mm512_set1_epi32(-kZeroCode * scan.query.code_sum);
    const __m512 threshold = _mm512_set1_ps(sink.threshold);
    std::size_t block = begin;
    for (; block < end && !sink.full(); ++block) {
        const std::uint32_t allowed = allowed_lanes(scan, block);
        if (allowed == 0) continue;
        const std::uint8_t* codes = scan.blocks.codes.data() + block * groups * kGroupBytes;
        __m512i even = start;
        __m512i odd = _mm512_setzero_si512();
        std::size_t g = 0;
        for (; g + 1 < groups; g += 2) {
            even = _mm512_dpbusd_epi32(even, _mm512_load_si512(codes + g * kGroupBytes), _mm512_set1_epi32(query_group(scan, g)));
            odd = _mm512_dpbusd_epi32(odd, _mm512_load_si512(codes + (g + 1) * kGroupBytes), _mm512_set1_epi32(query_group(scan, g + 1)));
        }
        if (g < groups) even = _mm512_dpbusd_epi32(even, _mm512_load_si512(codes + g * kGroupBytes), _mm512_set1_epi32(query_group(scan, g)));
        const __m512 dots = _mm512_cvtepi32_ps(_mm512_add_epi32(even, odd));
        const __m512 scores = _mm512_mul_ps(dots, _mm512_load_ps(scan.blocks.scales.data() + block * kBlockRows));
        const __mmask16 above = _mm512_mask_cmp_ps_mask(static_cast<__mmask16>(allowed), scores, threshold, _CMP_GT_OQ);
        if (above == 0) continue;
        alignas(64) float stored[kBlockRows];
        _mm512_store_ps(stored, scores);
        sink.add(above, block, stored);
    }
    return block;
}

}  // namespace

Int8Blocks quantise_rows(std::span<const float> matrix, std::size_t dimension) {
    SHORTLIST_CHECK(dimension >= 1 && dimension <= kDimensionMax, dimension);
    SHORTLIST_CHECK(matrix.size() % dimension == 0, matrix.size(), dimension);
    Int8Blocks out;
    out.rows = matrix.size() / dimension;
    out.groups = (dimension + 3) / 4;
    const std::size_t blocks = (out.rows + kBlockRows - 1) / kBlockRows;
    out.codes.assign(blocks * out.groups * kGroupBytes, kZeroCode);
    out.scales.assign(blocks * kBlockRows, 0.0F);
    for (std::size_t r = 0; r < out.rows; ++r) {
        const auto row = matrix.subspan(r * dimension, dimension);
        const float largest = largest_magnitude(row);
        if (largest < kSmallestMagnitude) continue;
        out.scales[r] = largest / kCodeMax;
        std::uint8_t* codes = out.codes.data() + r / kBlockRows * out.groups * kGroupBytes + r % kBlockRows * 4;
        for (std::size_t d = 0; d < dimension; ++d) {
            codes[d / 4 * kGroupBytes + d % 4] = static_cast<std::uint8_t>(code_of(row[d], kCodeMax / largest) + kZeroCode);
        }
    }
    return out;
}

void quantise_query(std::span<const float> query, Int8Query& out) {
    out.codes.assign((query.size() + 3) / 4 * 4, 0);
    out.code_sum = 0;
    out.scale = 0;
    const float largest = largest_magnitude(query);
    if (largest < kSmallestMagnitude) return;
    out.scale = largest / kCodeMax;
    for (std::size_t d = 0; d < query.size(); ++d) {
        const int code = code_of(query[d], kCodeMax / largest);
        out.codes[d] = static_cast<std::int8_t>(code);
        out.code_sum += code;
    }
}

void scan_blocks(const Int8Scan& scan, std::size_t begin, std::size_t end, TopK& best, CpuLevel level) {
    SHORTLIST_DCHECK(scan.query.codes.size() == scan.blocks.groups * 4, scan.query.codes.size(), scan.blocks.groups);
    const auto scan_some = twin(level, scan_scalar, scan_avx2, scan_avx512);
    while (begin < end) {
        Sink sink{best.threshold(), best.room()};
        begin = scan_some(scan, begin, end, sink);
        best.appended(sink.count);
    }
}

}  // namespace shortlist::kernels
