/// What the fold knows of one user: exact to the event, and dependent on that user's records alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/features/code_table.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// One item of a user's past: everything that happened with it in one showing, and when last.
struct HistoryEntry {
    TimeUs time = 0;
    ItemRow item = 0;
    SignalMask signals = 0;
};

/// Entries kept for a user; the oldest leave first. 16 bytes each.
inline constexpr std::size_t kHistoryMax = 1024;

/// A value; copies are deep and cost what it holds. One thread at a time.
class UserState {
public:
    /// Counts one event. `codes` holds, by table, the key of this event in that table (kNoRow: none); see Fold.
    void apply(const FeaturePlan& plan, std::span<const std::uint32_t> codes, ItemRow item, SignalMask signals, TimeUs time);

    /// Time of the last event; 0 before the first.
    [[nodiscard]] TimeUs last_time() const noexcept { return last_time_; }
    /// The past, oldest first.
    [[nodiscard]] std::span<const HistoryEntry> history() const noexcept { return history_; }
    /// The block of `code` in table `table`, or an empty span. Owner::User has the one code 0.
    [[nodiscard]] std::span<const double> block(const FeaturePlan& plan, std::size_t table, std::uint32_t code) const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// The state as bytes, and back. Bytes that no state gives, or with an item past `items`, fail the reader.
    void save(const FeaturePlan& plan, base::ByteWriter& out) const;
    [[nodiscard]] static UserState load(const FeaturePlan& plan, std::size_t items, base::ByteReader& in);

private:
    void remember(ItemRow item, SignalMask signals, TimeUs time);

    TimeUs last_time_ = 0;
    std::vector<HistoryEntry> history_;
    std::vector<CodeTable> tables_;  // by table of the plan; those of shared owners stay empty
};

}  // namespace shortlist::features
