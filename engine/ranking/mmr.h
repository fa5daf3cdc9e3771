/// Maximal marginal relevance: a list that is relevant and not twice the same thing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/aligned.h"

namespace shortlist::ranking {

/// Memory of mmr(), kept between calls. One thread at a time.
struct MmrScratch {
    kernels::AlignedVector<float> columns;     ///< Unit embeddings, one dimension of all candidates side by side.
    kernels::AlignedVector<float> chosen;      ///< The embedding chosen last.
    kernels::AlignedVector<float> base;
    kernels::AlignedVector<float> similarity;
    kernels::AlignedVector<float> largest;
};

/// Chooses picks.size() of n candidates greedily: first the most relevant, then each time the greatest
///     (1 - weight) * relevance  -  weight * (greatest cosine similarity to a candidate chosen before)
/// Ties go to the lower position. Weight 0 gives the order of relevance; weight 1 the most relevant, then pure diversity.
/// relevance   shape (n,), finite; where it is on the scale of a cosine, [0, 1], the weight means most.
/// embeddings  shape (n, d), row-major, of any length: they are scaled to unit length here. A row of zeros, or of values that are
///             not finite, is an item without an embedding: similarity 0 to all. Empty: none has one.
/// weight      in [0, 1].
/// picks       at most n positions are wanted.
/// Cost        O(n d) to prepare, O(n d) a pick. No allocation after the first calls.
/// Source      Carbonell & Goldstein, SIGIR 1998.
void mmr(std::span<const float> relevance, std::span<const float> embeddings, float weight, MmrScratch& scratch, std::span<std::uint32_t> picks);

}  // namespace shortlist::ranking
