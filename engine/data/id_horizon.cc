#include "engine/data/id_horizon_internal.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/random.h"

namespace shortlist::data {

namespace {

constexpr std::size_t kSlotsAtFirst = 1024;

// Spreads keys over any number of slots: the upper half of a product. They are mixed first, for an id that was given as digits may be no hash.
std::size_t first_slot(std::uint64_t high, std::uint32_t low, std::size_t slots) noexcept {
    __extension__ using Product = unsigned __int128;
    return static_cast<std::size_t>((Product{base::mix64(high ^ low)} * slots) >> 64U);
}

// A quarter of the slots stays free: a search that finds nothing then looks at nine, side by side, on average.
std::size_t slots_for(std::size_t ids) noexcept { return ids + ids / 3 + 1; }

}  // namespace

std::size_t IdHorizon::Generation::slot_of(const Slot& key) const noexcept {
    std::size_t at = first_slot(key.high, key.low, slots_.size());
    while (slots_[at].place != 0 && (slots_[at].high != key.high || slots_[at].low != key.low)) at = at + 1 == slots_.size() ? 0 : at + 1;
    return at;
}

std::optional<std::uint64_t> IdHorizon::Generation::find(const Slot& key) const noexcept {
    if (size_ == 0) return std::nullopt;
    const std::uint32_t place = slots_[slot_of(key)].place;
    return place == 0 ? std::nullopt : std::optional(first_ + place - 1);
}

void IdHorizon::Generation::insert(Slot key, std::uint64_t offset, std::size_t most) {
    if (size_ == 0) first_ = offset;
    if (slots_for(size_ + 1) > slots_.size()) grow(most);
    key.place = static_cast<std::uint32_t>(offset - first_ + 1);
    slots_[slot_of(key)] = key;
    ++size_;
}

void IdHorizon::Generation::grow(std::size_t most) {
    const std::size_t enough = slots_for(most);
    const auto old = std::exchange(slots_, std::vector<Slot>(std::min(enough, std::max(kSlotsAtFirst, 2 * slots_.size()))));
    for (const Slot& slot : old) {
        if (slot.place != 0) slots_[slot_of(slot)] = slot;
    }
}

// What stands behind the free slot up to the next one may have been looking for a place there: it is put in again.
bool IdHorizon::Generation::erase(const Slot& key) noexcept {
    if (!find(key)) return false;
    std::size_t at = slot_of(key);
    slots_[at] = Slot();
    --size_;
    while (true) {
        at = at + 1 == slots_.size() ? 0 : at + 1;
        if (slots_[at].place == 0) return true;
        const Slot moved = std::exchange(slots_[at], Slot());
        slots_[slot_of(moved)] = moved;
    }
}

void IdHorizon::Generation::prefetch(const Slot& key) const noexcept {
    if (size_ > 0) __builtin_prefetch(&slots_[first_slot(key.high, key.low, slots_.size())]);
}

bool IdHorizon::Generation::takes(std::uint64_t offset, std::size_t most) const noexcept {
    return size_ < most && (size_ == 0 || offset - first_ < std::numeric_limits<std::uint32_t>::max());
}

void IdHorizon::Generation::clear() {
    std::ranges::fill(slots_, Slot());
    size_ = 0;
}

std::optional<std::uint64_t> IdHorizon::insert(EventId id, std::uint64_t offset) {
    const Slot key = key_of(id);
    if (const auto known = newer_.find(key)) return known;
    if (const auto known = older_.find(key)) return known;
    if (!newer_.takes(offset, horizon_)) {
        std::swap(newer_, older_);
        newer_.clear();
    }
    newer_.insert(key, offset, horizon_);
    return std::nullopt;
}

void IdHorizon::erase(EventId id) noexcept {
    const Slot key = key_of(id);
    if (!newer_.erase(key)) older_.erase(key);
}

void IdHorizon::prefetch(EventId id) const noexcept {
    const Slot key = key_of(id);
    newer_.prefetch(key);
    older_.prefetch(key);
}

}  // namespace shortlist::data
