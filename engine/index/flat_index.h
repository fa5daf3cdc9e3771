/// Exact search over fp32 vectors, every row of them: the slow twin by which other indexes are judged.
#pragma once

#include <utility>

#include "engine/index/search_index.h"
#include "engine/index/vectors.h"

namespace shortlist::index {

/// A SearchIndex. Cost of a search O(rows x dimension), 4 bytes read a value.
class FlatIndex {
public:
    /// matrix: shape (rows, dimension), row-major; must outlive the index, unchanged. Errors: those of Vectors::create.
    static Result<FlatIndex> build(std::span<const float> matrix, std::size_t dimension);

    [[nodiscard]] std::size_t size() const noexcept { return vectors_.size(); }
    [[nodiscard]] std::size_t dimension() const noexcept { return vectors_.dimension(); }
    std::size_t search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                       std::span<Scored> out) const;

private:
    explicit FlatIndex(Vectors vectors) : vectors_(vectors) {}

    Vectors vectors_;
};
static_assert(SearchIndex<FlatIndex>);

}  // namespace shortlist::index
