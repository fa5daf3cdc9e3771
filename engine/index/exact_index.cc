#include "engine/index/exact_index.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/kernels/dot.h"

namespace shortlist::index {

namespace {

/// Of a row's score a quantised one may fall short by so many standard deviations: by more in one of 4,000 rows at the threshold.
constexpr float kDeviations = 3.5F;

// One block in kSampleStride is scanned first, from which a threshold is guessed that rather more than the wanted rows
// exceed: the full scan then keeps few rows besides.
constexpr std::size_t kSampleStride = 64;
constexpr std::size_t kSampledBlocksMin = 128;
constexpr double kSafety = 2.0;
constexpr std::size_t kSampledRowsMin = 16;

/// Candidates for k wanted rows that are kept at first, without a threshold and with one; and how many times as many in the next attempt.
constexpr std::size_t kept_without_threshold(std::size_t k) noexcept { return 4 * k + 256; }
constexpr std::size_t kept_with_threshold(std::size_t k) noexcept { return 16 * k + 1024; }
constexpr std::size_t kKeptGrowth = 8;

// What is fetched from memory while one row is scored, or one block of the sample scanned.
constexpr std::size_t kRowsAhead = 8;
constexpr std::size_t kSamplesAhead = 8;

constexpr float kNoThreshold = -std::numeric_limits<float>::infinity();

void fetch(std::span<const std::uint8_t> bytes) noexcept {
    constexpr std::size_t kLine = 64;
    for (std::size_t line = 0; line < bytes.size(); line += kLine) __builtin_prefetch(bytes.data() + line);
}

void sort_best(std::span<Scored> scored, std::size_t count) {
    const auto end = scored.begin() + static_cast<std::ptrdiff_t>(count);
    std::nth_element(scored.begin(), end, scored.end(), kernels::better);
    std::sort(scored.begin(), end, kernels::better);
}

}  // namespace

Result<ExactIndex> ExactIndex::build(std::span<const float> matrix, std::size_t dimension) {
    SHORTLIST_ASSIGN(const auto vectors, Vectors::create(matrix, dimension));
    auto blocks = kernels::quantise_rows(matrix, dimension);
    return ExactIndex(vectors, std::move(blocks));
}

// A score that about kSafety x k rows reach; too few blocks give none.
float ExactIndex::guess_threshold(kernels::Int4Scan scan, std::size_t k, kernels::TopK& best) const {
    if (blocks_.blocks() / kSampleStride < kSampledBlocksMin) return kNoThreshold;
    const auto share = static_cast<std::size_t>(kSafety * static_cast<double>(k) / kSampleStride);
    const std::size_t sampled = std::max(kSampledRowsMin, share);
    scan.allowance = 0;
    best.start(sampled);
    const std::size_t block_bytes = blocks_.codes.size() / blocks_.blocks();
    for (std::size_t block = 0; block < blocks_.blocks(); block += kSampleStride) {
        if (const std::size_t ahead = block + kSamplesAhead * kSampleStride; ahead < blocks_.blocks())
            fetch({blocks_.codes.data() + ahead * block_bytes, block_bytes});
        kernels::scan_blocks(scan, block, block + 1, best);
    }
    return best.best_unsorted().size() == sampled ? best.threshold() : kNoThreshold;
}

void ExactIndex::score_again(std::span<Scored> candidates, std::span<const float> query) const {
    const auto fetch_row = [&](std::size_t c) {
        const auto row = vectors_.row(candidates[c].row);
        fetch({reinterpret_cast<const std::uint8_t*>(row.data()), row.size_bytes()});
    };
    for (std::size_t c = 0; c < std::min(kRowsAhead, candidates.size()); ++c) fetch_row(c);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
        if (c + kRowsAhead < candidates.size()) fetch_row(c + kRowsAhead);
        candidates[c].score = kernels::dot(vectors_.row(candidates[c].row), query);
    }
}

std::size_t ExactIndex::search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                               std::span<Scored> out) const {
    SHORTLIST_CHECK(query.size() == dimension() && (eligible.empty() || eligible.size() * 64 >= size()), query.size(), eligible.size());
    k = std::min({k, out.size(), size()});
    if (k == 0 || !all_usable(query)) return 0;
    kernels::quantise_query(query, scratch.query);
    const kernels::Int4Scan scan{blocks_, scratch.query, eligible, kDeviations * scratch.query.deviation};
    // A query of zeros has no scale, and all scores are 0.
    const float scale = std::max(scratch.query.scale, std::numeric_limits<float>::min());
    kernels::TopK& best = scratch.best;
    float threshold = guess_threshold(scan, k, best);
    std::size_t kept = threshold == kNoThreshold ? kept_without_threshold(k) : kept_with_threshold(k);
    while (true) {
        kept = std::min(kept, size());
        best.start(kept, threshold);
        kernels::scan_blocks(scan, 0, blocks_.blocks(), best);
        const auto candidates = best.best_unsorted();
        score_again(candidates, query);
        const std::size_t count = std::min(k, candidates.size());
        sort_best(candidates, count);
        // What the k-th best of all reaches, at the scale of the scan; whoever was not kept stays below best.threshold() at its highest.
        const float reached = count == k ? candidates[k - 1].score / scale : kNoThreshold;
        if (reached >= best.threshold()) {
            std::copy_n(candidates.begin(), count, out.begin());
            return count;
        }
        threshold = reached;
        kept *= kKeptGrowth;
    }
}

}  // namespace shortlist::index
