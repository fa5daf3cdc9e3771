/// Who chose what: a sparse users x items matrix in row order, the input of factorisations and of co-occurrence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/event.h"
#include "engine/data/signals.h"

namespace shortlist::data {

/// Compressed sparse rows: user u chose items[offsets[u], offsets[u + 1]), ascending, each once, with positive weights.
struct Interactions {
    std::size_t users = 0;
    std::size_t item_count = 0;
    std::vector<std::uint64_t> offsets{0};
    std::vector<ItemRow> items;
    std::vector<float> weights;

    [[nodiscard]] std::span<const ItemRow> of(UserRow user) const noexcept {
        return std::span(items).subspan(offsets[user], offsets[user + 1] - offsets[user]);
    }
};

/// The pairs for which at least one of the events of `log` counts for `signal`; the weight is how often, at most `weight_max`.
/// Cost: a counting sort, O(events + users).
[[nodiscard]] Interactions collect_interactions(const MarkedEvents& log, std::size_t signal, std::size_t users, std::size_t items,
                                                float weight_max = 1.0F);

/// The same matrix with rows and columns exchanged.
[[nodiscard]] Interactions transpose(const Interactions& interactions);

}  // namespace shortlist::data
