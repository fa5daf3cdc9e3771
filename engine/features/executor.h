/// Computes feature rows: one request, many candidates. Bound once to a plan and a catalogue; no allocation, no error.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/entity_table.h"
#include "engine/features/plan.h"
#include "engine/features/shared_state.h"
#include "engine/features/user_state.h"

namespace shortlist::features {

/// Who asks, when, and in which context.
struct FeatureRequest {
    TimeUs time = 0;
    UserRow user = kNoRow;                   ///< kNoRow: a newcomer.
    std::span<const std::uint32_t> context;  ///< Code of each context field; shorter or empty: unknown.
};

/// A request with what is known as it comes: of its user, and of all users.
struct FeatureMoment {
    FeatureRequest request;
    const UserState& user;
    const SharedState& shared;
};

/// What the retrievers said: each matrix is candidates x retrievers, NaN where a retriever said nothing.
struct RetrieverViews {
    std::size_t retrievers = 0;
    std::span<const float> affinity;  ///< Its model's opinion of any item (Dot).
    std::span<const float> score;     ///< RetrieverScore.
    std::span<const float> rank;      ///< RetrieverRank.
};

/// Immutable; any thread may call it. Plan and tables must outlive it.
class FeatureExecutor {
public:
    FeatureExecutor(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users)
        : plan_(&plan), items_(&items), users_(&users) {}

    /// Fills `out`, shape (candidates, columns) row by row. NaN marks what is unknown.
    /// Cost: O(candidates x columns).
    void compute(const FeatureMoment& moment, std::span<const ItemRow> candidates, const RetrieverViews& retrievers,
                 std::span<float> out) const noexcept;

    /// The block that a table has for the request and `item` (kNoRow where its owner reads none): what a count is read from.
    [[nodiscard]] BlockView block(std::size_t table, const FeatureMoment& moment, ItemRow item) const noexcept;

private:
    const FeaturePlan* plan_;
    const data::EntityTable* items_;
    const data::EntityTable* users_;
};

}  // namespace shortlist::features
