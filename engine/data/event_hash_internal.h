/// How events get their ids, the same for a row of a file and for a live event. Private to engine/data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/event.h"

namespace shortlist::data {

/// Share of one context field in EventKey::context, to be added up: the order of fields does not matter. 0 for an empty value.
[[nodiscard]] std::uint64_t context_hash(std::string_view name, std::string_view value) noexcept;

/// The fields of an event as hashes of their texts.
struct EventKey {
    std::uint64_t user = 0;
    std::uint64_t item = 0;
    std::uint64_t type = 0;
    std::uint64_t time = 0;
    std::uint64_t value = 0;  ///< value_bits() of it.
    std::uint64_t request = 0;
    std::uint64_t position = 0;
    std::uint64_t context = 0;
    std::uint64_t outcomes = 0;  ///< Of a wide row: a hash of its flags and amounts.
};

[[nodiscard]] std::uint64_t value_bits(float value) noexcept;
/// The id of the event, its last byte 0.
[[nodiscard]] EventId hash_of_key(const EventKey& key) noexcept;
/// The id that stands for an id from outside, its last byte 0; but what text_of_event_id() gave is read back as it was.
[[nodiscard]] EventId hash_of_given_id(std::string_view event_id) noexcept;
/// Texts that stand for an id, or for the hash of a request (empty for 0), and nothing else: what an export writes.
[[nodiscard]] std::string text_of_event_id(EventId id);
[[nodiscard]] std::string text_of_request(std::uint64_t hash);
/// The id of the `ordinal`-th event of the same row.
[[nodiscard]] inline EventId with_ordinal(EventId id, std::uint8_t ordinal) noexcept { return {id.high, (id.low & ~std::uint64_t{255}) | ordinal}; }

/// A set of event ids in one flat table. Cost: 16 bytes an id at a load of at most a half, 32 to 64 in all.
class EventIdSet {
public:
    explicit EventIdSet(std::size_t expected = 0);
    /// False when the id was in already.
    bool insert(EventId id);
    [[nodiscard]] bool contains(EventId id) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void reserve(std::size_t expected);
    /// Brings the place of `id` near, for an insert() some ids later: each is a cache miss otherwise.
    void prefetch(EventId id) const noexcept { __builtin_prefetch(&slots_[first_slot(id)]); }

private:
    /// Ids are hashes; only the last byte, an ordinal, is not.
    [[nodiscard]] std::size_t first_slot(EventId id) const noexcept { return (id.high + id.low) & (slots_.size() - 1); }
    [[nodiscard]] std::size_t slot_of(EventId id) const noexcept;

    std::vector<EventId> slots_;  ///< A power of two of them; the zero id marks a free one.
    std::size_t size_ = 0;
    bool has_zero_ = false;
};

}  // namespace shortlist::data
