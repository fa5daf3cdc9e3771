/// Search over every row at half a byte a dimension, the best of which are scored again in fp32. The returned scores are
/// exact. A row is missed only where quantisation took more from its score than kDeviations of its spread.
#pragma once

#include <utility>

#include "engine/index/search_index.h"
#include "engine/index/vectors.h"

namespace shortlist::index {

/// A SearchIndex. Memory, beside the matrix: half a byte a value and 4 a row. Cost of a search: half a byte read a value, then the rows that may be
/// among the best at their highest: 3,000 of a million at k 500 on random vectors.
class ExactIndex {
public:
    /// matrix: shape (rows, dimension), row-major; must outlive the index, unchanged. Errors: those of Vectors::create.
    static Result<ExactIndex> build(std::span<const float> matrix, std::size_t dimension);

    [[nodiscard]] std::size_t size() const noexcept { return vectors_.size(); }
    [[nodiscard]] std::size_t dimension() const noexcept { return vectors_.dimension(); }
    [[nodiscard]] std::span<const float> vector(std::uint32_t row) const noexcept { return vectors_.row(row); }
    std::size_t search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                       std::span<Scored> out) const;

private:
    ExactIndex(Vectors vectors, kernels::Int4Blocks blocks) : vectors_(vectors), blocks_(std::move(blocks)) {}
    [[nodiscard]] float guess_threshold(kernels::Int4Scan scan, std::size_t k, kernels::TopK& best) const;
    void score_again(std::span<Scored> candidates, std::span<const float> query) const;

    Vectors vectors_;
    kernels::Int4Blocks blocks_;
};
static_assert(SearchIndex<ExactIndex>);

}  // namespace shortlist::index
