/// Search over every row at one byte a dimension, the best of which are scored again in fp32. The returned scores are
/// exact; a row is missed only where the int8 error puts more than the margin of other rows before it.
#pragma once

#include <utility>

#include "engine/index/search_index.h"
#include "engine/index/vectors.h"

namespace shortlist::index {

/// A SearchIndex. Memory: 5 bytes a value and 4 a row. Cost of a search: one byte read a value, then rerank_count(k) rows.
class ExactIndex {
public:
    /// matrix: shape (rows, dimension), row-major; copied. Errors: those of Vectors::create.
    static Result<ExactIndex> build(std::span<const float> matrix, std::size_t dimension);

    [[nodiscard]] std::size_t size() const noexcept { return vectors_.size(); }
    [[nodiscard]] std::size_t dimension() const noexcept { return vectors_.dimension(); }
    [[nodiscard]] std::span<const float> vector(std::uint32_t row) const noexcept { return vectors_.row(row); }
    std::size_t search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                       std::span<Scored> out) const;

private:
    ExactIndex(Vectors vectors, kernels::Int8Blocks blocks) : vectors_(std::move(vectors)), blocks_(std::move(blocks)) {}
    void scan(const kernels::Int8Scan& scan, std::size_t wanted, kernels::TopK& best) const;

    Vectors vectors_;
    kernels::Int8Blocks blocks_;
};
static_assert(SearchIndex<ExactIndex>);

}  // namespace shortlist::index
