/// Items that the same users chose, from counts alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/base/threads.h"
#include "engine/data/interactions.h"
#include "engine/models/cooccurrence.h"

namespace shortlist::training {

/// Options of a retriever of `kind: item_to_item`.
struct ItemToItemConfig {
    std::size_t neighbors = 100;
    double shrinkage = 10.0;
    std::size_t history_max = 500;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("neighbors", neighbors, base::range(1, 10'000), "Similar items kept for each item.");
        v.field("shrinkage", shrinkage, base::range(0, 1e6), "Pulls the similarity of rarely chosen items down; 0 is the plain cosine.");
        v.field("history_max", history_max, base::range(2, 100'000), "Choices of a user that count; of more, a random sample. Bounds the cost.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of that sample.");
    }
};

/// For each item, the others with the greatest
///     similarity(i, j) = users who chose both / (sqrt(users who chose i * users who chose j) + shrinkage)
/// best first, ties to the lower row, at most `neighbors`, only where it is above 0. Weights of interactions do not count.
/// Of a user with more than `history_max` choices a seeded sample of that many counts, here and in the totals.
/// Equal bytes for any number of threads.
/// Cost    O(sum over users of min(n, history_max)^2) time; 8 bytes an item and thread.
/// Errors  InvalidArgument for an option out of range.
/// Source  Sarwar et al., WWW 2001; shrinkage as in Bell & Koren, ICDM 2007.
[[nodiscard]] Result<models::Cooccurrence> train_item_to_item(const data::Interactions& interactions, const ItemToItemConfig& config,
                                                              ThreadPool& pool);

}  // namespace shortlist::training
