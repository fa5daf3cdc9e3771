/// What every index of vectors can do: the k rows with the greatest inner product with a query.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/aligned.h"
#include "engine/kernels/int4_scan.h"
#include "engine/kernels/top_k.h"

namespace shortlist::index {

using kernels::Scored;

/// Memory of searches, kept between them: after the first searches of a size nothing is allocated. One thread at a time.
struct SearchScratch {
    kernels::TopK best;
    kernels::Int8Query query;
};

/// An index is built once from a row-major matrix and is immutable: any number of threads may search, each with a scratch
/// of its own.
///     index.search(query, k, eligible, scratch, out) -> count
/// query     shape (dimension(),). A query with a value that is not finite or beyond kMagnitudeMax finds nothing.
/// k         at most out.size() rows are wanted; 0 finds nothing.
/// eligible  bit r % 64 of word r / 64 allows row r; at least size() bits, or empty to allow every row.
/// out       out[0, count) are distinct eligible rows, best first, ties to the lower row; count = min(k, eligible rows). A score
///           is the fp32 dot product of row and query, kernels::dot.
/// Implementations pass index_conformance_test.cc.
template <class T>
concept SearchIndex = requires(const T& index, std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible,
                               SearchScratch& scratch, std::span<Scored> out) {
    { index.search(query, k, eligible, scratch, out) } -> std::same_as<std::size_t>;
    { index.size() } -> std::same_as<std::size_t>;
    { index.dimension() } -> std::same_as<std::size_t>;
};

}  // namespace shortlist::index
