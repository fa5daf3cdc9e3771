/// What ticks add to shared state, as columns: what partitions of the users gather apart, is summed, and is given to the fold of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/arrow_columns.h"
#include "engine/features/gatherer.h"
#include "engine/features/plan.h"
#include "engine/features/user_partition.h"

namespace shortlist::features {

/// A row for each tick and table that something was counted in, ascending by both; of columns that somebody else owns.
struct TickIncrements {
    std::span<const std::int64_t> tick;     ///< Time at which it is added: the end of the tick.
    std::span<const std::uint32_t> table;   ///< Index into FeaturePlan::tables().
    std::span<const std::uint32_t> counts;  ///< Words at the front of a block that add up; ...
    std::span<const std::uint32_t> lasts;   ///< ... of so many behind them the greatest holds; of the rest each byte by itself is a greatest.
    data::ListColumn<std::uint64_t> keys;   ///< row << 32 | code of each block, in the order of `first`.
    data::ListColumn<std::uint64_t> first;  ///< The event that touched it first. State lists some blocks in this order, so it is kept.
    data::ListColumn<std::uint32_t> words;  ///< The blocks, one behind the other; see pending_stride().

    [[nodiscard]] std::size_t size() const noexcept { return tick.size(); }
};

/// The same as a batch of Arrow's, with columns of these names, and back: what it gives reads the batch's memory. Every value is
/// checked against the plan and `rows` (SharedState::load()), so that a fold may be given it. Errors: InvalidArgument.
[[nodiscard]] Result<TickIncrements> increments_in(const data::ArrowBatch& batch);
[[nodiscard]] Status check_increments(const TickIncrements& increments, const FeaturePlan& plan, std::span<const std::size_t> rows);

/// Adds up what partitions gathered; in any order the same. Cost: sorts the blocks of each tick and table.
/// Errors: InvalidArgument (the tables of two differ).
[[nodiscard]] Result<data::ArrowBatch> sum_increments(std::span<const TickIncrements> parts);

/// Gathers the increments of one partition. Of each of its users it keeps the time of the last event, and no other state. One thread at a time.
class PartitionGatherer {
public:
    PartitionGatherer(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick, UserPartition partition);
    ~PartitionGatherer();

    /// Takes each record of the log in its order, also of users of other partitions: they bring ticks about.
    void apply(const FoldEvent& event);
    /// Lets the ticks up to `time` pass, as when no event comes.
    void advance_to(TimeUs time);
    /// Everything that was gathered, also in the tick that is not over. Once.
    [[nodiscard]] data::ArrowBatch finish();

private:
    struct Columns;
    void end_tick();

    const FeaturePlan& plan_;
    UserPartition partition_;
    TickClock clock_;
    Gatherer gatherer_;
    std::vector<TimeUs> last_times_;                 // by user
    std::vector<std::vector<std::uint64_t>> first_;  // by table, of each pending block
    std::uint64_t events_ = 0;
    std::unique_ptr<Columns> columns_;
};

}  // namespace shortlist::features
