#include "engine/features/window_counts.h"

namespace shortlist::features {

WindowCounts::WindowCounts(const FeaturePlan& plan, const data::EntityTable& items, const UserState& user, std::uint32_t second) noexcept
    : plan_(plan), items_(items) {
    const auto& windows = plan.user_windows();
    for (const auto& event : user.recent()) {
        for (std::size_t w = 0; w < windows.size(); ++w) {
            const bool counts = (event.signals >> windows[w].signal_bit & 1U) != 0;
            if (!counts || std::uint64_t{event.second} + windows[w].seconds <= second) continue;
            const std::uint64_t key = key_of(w, event.item);
            const std::size_t slot = slot_of(key);
            keys_[slot] = key;
            ++counts_[slot];
        }
    }
}

std::uint64_t WindowCounts::key_of(std::size_t window, ItemRow item) const noexcept {
    const Owner& owner = plan_.user_windows()[window].owner;
    std::uint32_t code = 0;
    if (owner.item == ItemPart::Item) code = item;
    if (owner.item == ItemPart::Attribute) code = items_.attributes[owner.item_attribute].codes[item];
    return std::uint64_t{window + 1} << 32U | code;
}

std::size_t WindowCounts::slot_of(std::uint64_t key) const noexcept {
    std::size_t slot = ((key * 0x9e3779b97f4a7c15ULL) >> 32U) % kSlots;
    while (keys_[slot] != key && keys_[slot] != 0) slot = (slot + 1) % kSlots;
    return slot;
}

std::uint32_t WindowCounts::count(std::size_t window, ItemRow item) const noexcept { return counts_[slot_of(key_of(window, item))]; }

}  // namespace shortlist::features
