/// Gathers what events add to shared state until the next tick.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/dataset.h"
#include "engine/features/pending_increments.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// One record, with its ids and signals already looked up.
struct FoldEvent {
    TimeUs time = 0;
    UserRow user = 0;
    ItemRow item = 0;
    SignalMask signals = 0;                  ///< Bit kImpressionBit for an impression.
    std::span<const std::uint32_t> context = {};  ///< Code of each context field; shorter or empty: unknown.
};

/// When ticks end. They are a whole number of tick lengths after 1970; the first begins with the first record.
class TickClock {
public:
    /// length: event time between ticks, at least 1.
    explicit TickClock(TimeUs length) : length_(length) {}

    /// Whether the tick of now is over at `time`.
    [[nodiscard]] bool is_over(TimeUs time) const noexcept { return time >= end_; }
    /// Begins the tick of `time`.
    void begin(TimeUs time) noexcept { end_ = time / length_ * length_ + length_; }
    /// End of the tick of now; 0 before the first record.
    [[nodiscard]] TimeUs end() const noexcept { return end_; }
    /// For what was saved.
    void set_end(TimeUs end) noexcept { end_ = end; }
    [[nodiscard]] TimeUs length() const noexcept { return length_; }

private:
    TimeUs length_;
    TimeUs end_ = 0;
};

/// One thread at a time. Plan, items and users must outlive it; rows may be added to items and users between calls.
class Gatherer {
public:
    Gatherer(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users);

    /// Finds the codes of an event, by FeaturePlan::sources(). They hold until the next call.
    std::span<const std::uint32_t> look_up_codes(const FoldEvent& event) noexcept;
    /// Gathers the event whose codes were looked up last, as of `second`.
    void gather(const FoldEvent& event, std::uint32_t second);

    [[nodiscard]] PendingIncrements& pending() noexcept { return pending_; }
    [[nodiscard]] const PendingIncrements& pending() const noexcept { return pending_; }

private:
    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    PendingIncrements pending_;
    std::vector<std::uint32_t> codes_;
};

}  // namespace shortlist::features
