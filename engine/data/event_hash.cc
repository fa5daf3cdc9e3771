#include <xxhash.h>

#include <bit>
#include <cmath>
#include <utility>

#include "engine/base/random.h"
#include "engine/data/event_hash_internal.h"

namespace shortlist::data {

namespace {

EventId id_from(XXH128_hash_t hash) noexcept { return with_ordinal({hash.high64, hash.low64}, 0); }

}  // namespace

std::uint64_t text_hash(std::string_view text) noexcept { return XXH3_64bits(text.data(), text.size()); }

std::uint64_t context_hash(std::string_view name, std::string_view value) noexcept {
    return value.empty() ? 0 : base::mix64(text_hash(name) ^ base::mix64(text_hash(value)));
}

std::uint64_t value_bits(float value) noexcept { return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(value); }

EventId hash_of_key(const EventKey& key) noexcept {
    static_assert(sizeof(EventKey) == 9 * sizeof(std::uint64_t), "the key is hashed as bytes: it may hold no padding");
    return id_from(XXH3_128bits(&key, sizeof key));
}

EventId hash_of_given_id(std::string_view event_id) noexcept { return id_from(XXH3_128bits(event_id.data(), event_id.size())); }

EventIdSet::EventIdSet(std::size_t expected) { reserve(expected); }

void EventIdSet::reserve(std::size_t expected) {
    const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(2 * expected, 16));
    if (wanted <= slots_.size()) return;
    const auto old = std::exchange(slots_, std::vector<EventId>(wanted));
    for (const EventId& id : old) {
        if (id != EventId{}) slots_[slot_of(id)] = id;
    }
}

std::size_t EventIdSet::slot_of(EventId id) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = first_slot(id);
    while (slots_[slot] != EventId{} && slots_[slot] != id) slot = (slot + 1) & mask;
    return slot;
}

bool EventIdSet::insert(EventId id) {
    if (id == EventId{}) return !std::exchange(has_zero_, true);
    if (2 * (size_ + 1) > slots_.size()) reserve(2 * (size_ + 1));
    EventId& slot = slots_[slot_of(id)];
    if (slot == id) return false;
    slot = id;
    ++size_;
    return true;
}

bool EventIdSet::contains(EventId id) const noexcept { return id == EventId{} ? has_zero_ : slots_[slot_of(id)] == id; }

}  // namespace shortlist::data
