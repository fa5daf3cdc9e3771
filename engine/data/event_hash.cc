#include <xxhash.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/random.h"
#include "engine/data/dictionary.h"
#include "engine/data/event_hash_internal.h"
#include "engine/data/record.h"

namespace shortlist::data {

namespace {

// What an export calls events and requests, whose own names are not kept: the hash itself.
constexpr std::string_view kEventWord = "event:";
constexpr std::string_view kRequestWord = "request:";
constexpr std::size_t kHexDigits = 16;

std::optional<std::uint64_t> parse_hex(std::string_view digits) noexcept {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool whole = digits.size() == kHexDigits && code == std::errc() && end == digits.data() + digits.size();
    return whole ? std::optional(value) : std::nullopt;
}

std::string hex_of(std::uint64_t value) {
    std::array<char, kHexDigits> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    const std::string text(digits.data(), end);
    return std::string(kHexDigits - text.size(), '0') + text;
}

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

EventId hash_of_given_id(std::string_view event_id) noexcept {
    if (event_id.size() == kEventWord.size() + 2 * kHexDigits && event_id.starts_with(kEventWord)) {
        const auto high = parse_hex(event_id.substr(kEventWord.size(), kHexDigits));
        const auto low = parse_hex(event_id.substr(kEventWord.size() + kHexDigits));
        if (high && low) return {*high, *low};
    }
    return id_from(XXH3_128bits(event_id.data(), event_id.size()));
}

std::uint64_t request_hash(std::string_view request_id) {
    if (request_id.empty()) return 0;
    if (request_id.starts_with(kRequestWord)) {
        if (const auto hash = parse_hex(request_id.substr(kRequestWord.size()))) return *hash;
    }
    return text_hash(request_id);
}

std::string text_of_event_id(EventId id) { return std::string(kEventWord) + hex_of(id.high) + hex_of(id.low); }

std::string text_of_request(std::uint64_t hash) { return hash == 0 ? std::string() : std::string(kRequestWord) + hex_of(hash); }

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
