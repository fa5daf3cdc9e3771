/// What a user's windows hold at one moment: made once a request from the user's recent events, then read for every candidate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/data/entity_table.h"
#include "engine/features/plan.h"
#include "engine/features/user_state.h"

namespace shortlist::features {

/// A flat hash table that allocates nothing. Cost: clearing 40 KiB, and for each recent event a look-up a window. Plan and items must outlive it.
class WindowCounts {
public:
    /// Counts as of a second no earlier than the user's newest event.
    WindowCounts(const FeaturePlan& plan, const data::EntityTable& items, const UserState& user, std::uint32_t second) noexcept;

    /// Events in window `window` of the plan that share with `item` what the window's owner reads of it; kNoRow where it reads nothing.
    [[nodiscard]] std::uint32_t count(std::size_t window, ItemRow item) const noexcept;

private:
    static constexpr std::size_t kSlots = 2 * kUserWindowsMax * kRecentMax;  // at most half full
    [[nodiscard]] std::uint64_t key_of(std::size_t window, ItemRow item) const noexcept;
    [[nodiscard]] std::size_t slot_of(std::uint64_t key) const noexcept;

    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    std::array<std::uint64_t, kSlots> keys_{};  // 0: free
    std::array<std::uint16_t, kSlots> counts_{};
};

}  // namespace shortlist::features
