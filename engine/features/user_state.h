/// What the fold knows of one user: exact to the event, and dependent on that user's records alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/features/block_list.h"
#include "engine/features/block_view.h"
#include "engine/features/plan.h"
#include "engine/features/sketch.h"

namespace shortlist::features {

/// One item of a user's past: everything that happened with it in one showing, and when last.
struct HistoryEntry {
    TimeUs time = 0;
    ItemRow item = 0;
    SignalMask signals = 0;
};

/// One event of a user's recent past, kept where a feature looks through a window of it.
struct RecentEvent {
    std::uint32_t second = 0;
    ItemRow item = 0;
    SignalMask signals = 0;
};

/// Entries kept for a user; the oldest leave first. 16 bytes each.
inline constexpr std::size_t kHistoryMax = 1024;
/// Events kept for a user's windows; the oldest leave first. 12 bytes each.
inline constexpr std::size_t kRecentMax = 256;
/// Pairs kept for a user in one table (with items, creators ...); a quarter of them, the least recently touched, leaves at once.
inline constexpr std::size_t kUserPairsMax = 512;

/// One event as its user's state takes it.
struct UserEvent {
    ItemRow item = 0;
    SignalMask signals = 0;
    TimeUs time = 0;                       ///< No earlier than the user's last.
    std::span<const std::uint32_t> codes;  ///< Of this event, by FeaturePlan::sources().
    SketchMark item_mark;                  ///< Where any table of users' own state has sketches.
};

/// A value; copies are deep and cost what it holds. One thread at a time.
class UserState {
public:
    /// Counts one event. `now`: the counting_moment() of its time.
    void apply(const FeaturePlan& plan, const UserEvent& event, const DecayMoment& now);

    /// Brings near what apply() reads: first where its lists are, some time later where those have an event's codes, and then their blocks.
    void prefetch_lists() const noexcept;
    void prefetch_codes(const FeaturePlan& plan, std::span<const std::uint32_t> codes) const noexcept;
    void prefetch_blocks(const FeaturePlan& plan, std::span<const std::uint32_t> codes) const noexcept;

    /// Time of the last event; 0 before the first.
    [[nodiscard]] TimeUs last_time() const noexcept { return last_time_; }
    /// The past, oldest first.
    [[nodiscard]] std::span<const HistoryEntry> history() const noexcept { return history_; }
    /// Events within the plan's longest window of a user, oldest first, and perhaps some before it; empty where no feature has one.
    [[nodiscard]] std::span<const RecentEvent> recent() const noexcept { return recent_; }
    /// The block of `code` in table `table`, or an empty one. A table that reads no item has the one code 0.
    [[nodiscard]] BlockView block(const FeaturePlan& plan, std::size_t table, std::uint32_t code) const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// Gives items and codes other numbers, each where it stands: those of items, then of what chooses blocks.
    using Rename = std::function<std::uint32_t(const CodeSource& source, std::uint32_t code)>;
    void rename(const FeaturePlan& plan, const Rename& renamed);

    /// The state as bytes, and back. Bytes that no state gives, or with an item past `items`, fail the reader.
    void save(base::ByteWriter& out) const;
    [[nodiscard]] static UserState load(const FeaturePlan& plan, std::size_t items, base::ByteReader& in);

private:
    void remember(ItemRow item, SignalMask signals, TimeUs time);
    void remember_recent(const FeaturePlan& plan, const UserEvent& event, std::uint32_t second);

    TimeUs last_time_ = 0;
    std::vector<HistoryEntry> history_;
    std::vector<RecentEvent> recent_;
    std::vector<BlockList> tables_;  // by FeaturePlan::user_tables()
};

}  // namespace shortlist::features
