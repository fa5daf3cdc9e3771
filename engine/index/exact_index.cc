#include "engine/index/exact_index.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kernels/dot.h"

namespace shortlist::index {

namespace {

/// Rows scored again for k wanted ones.
std::size_t rerank_count(std::size_t k) noexcept { return k + k / 4 + 32; }

// One block in kSampleStride is scanned first, from which a threshold is guessed that rather more than the wanted rows
// exceed: the full scan then keeps few rows besides.
constexpr std::size_t kSampleStride = 64;
constexpr std::size_t kSampledBlocksMin = 128;
constexpr double kSafety = 1.6;
constexpr std::size_t kSampledRowsMin = 16;

}  // namespace

Result<ExactIndex> ExactIndex::build(std::span<const float> matrix, std::size_t dimension) {
    SHORTLIST_ASSIGN(auto vectors, Vectors::create(matrix, dimension));
    auto blocks = kernels::quantise_rows(matrix, dimension);
    return ExactIndex(std::move(vectors), std::move(blocks));
}

/// Leaves in `best` the `wanted` best rows by int8 score.
void ExactIndex::scan(const kernels::Int8Scan& scan, std::size_t wanted, kernels::TopK& best) const {
    const std::size_t blocks = blocks_.blocks();
    if (blocks / kSampleStride >= kSampledBlocksMin) {
        const auto share = static_cast<std::size_t>(kSafety * static_cast<double>(wanted) / kSampleStride);
        const std::size_t sampled = std::max(kSampledRowsMin, share);
        best.start(sampled);
        for (std::size_t block = 0; block < blocks; block += kSampleStride) kernels::scan_blocks(scan, block, block + 1, best);
        if (best.best_unsorted().size() == sampled) {
            best.start(wanted, best.threshold());
            kernels::scan_blocks(scan, 0, blocks, best);
            // Every row above the threshold was offered, so with enough of them the best are among them.
            if (best.best_unsorted().size() == wanted) return;
        }
    }
    best.start(wanted);
    kernels::scan_blocks(scan, 0, blocks, best);
}

std::size_t ExactIndex::search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                               std::span<Scored> out) const {
    SHORTLIST_CHECK(query.size() == dimension() && (eligible.empty() || eligible.size() * 64 >= size()), query.size(), eligible.size());
    k = std::min({k, out.size(), size()});
    if (k == 0 || !all_usable(query)) return 0;
    kernels::quantise_query(query, scratch.query);
    scan({blocks_, scratch.query, eligible}, std::min(rerank_count(k), size()), scratch.best);
    const auto candidates = scratch.best.best_unsorted();
    for (const Scored& candidate : candidates) __builtin_prefetch(vectors_.row(candidate.row).data());
    for (Scored& candidate : candidates) candidate.score = kernels::dot(vectors_.row(candidate.row), query);
    const std::size_t count = std::min(k, candidates.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(), kernels::better);
    std::copy_n(candidates.begin(), count, out.begin());
    return count;
}

}  // namespace shortlist::index
