/// The ids of a log's newest events, in memory: by them an event that is posted again is known. Private to engine/data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/data/event.h"

namespace shortlist::data {

/// Remembers at least the newest `horizon` ids that it was given and at most twice as many, in two generations: when the younger one is
/// full, the older one goes. Of the 128 bits of an id 96 count: with a horizon of four million, another event is taken for a known
/// one once in 10^21 events. By one thread at a time.
/// Cost: 21 to 43 bytes an id, 43 bytes of the horizon in all once both are full; half as much again while a generation grows.
class IdHorizon {
public:
    /// `horizon` is at least 1.
    explicit IdHorizon(std::size_t horizon) : horizon_(horizon) {}

    /// The offset under which the id is remembered; else remembers it under this one, which is no less than those before, and returns nothing.
    std::optional<std::uint64_t> insert(EventId id, std::uint64_t offset);
    /// Forgets an id that was inserted just now: the write that was to bring it failed.
    void erase(EventId id) noexcept;
    /// Brings the places of `id` near, for an insert() some ids later: each is a cache miss otherwise.
    void prefetch(EventId id) const noexcept;

private:
    struct Slot {
        std::uint64_t high = 0;
        std::uint32_t low = 0;    ///< Both halves of EventId::low, one over the other.
        std::uint32_t place = 0;  ///< 1 + the offset less that of the generation's first; 0: the slot is free.
    };
    /// An open-addressed table.
    class Generation {
    public:
        [[nodiscard]] std::optional<std::uint64_t> find(const Slot& key) const noexcept;
        void insert(Slot key, std::uint64_t offset, std::size_t most);
        bool erase(const Slot& key) noexcept;
        void prefetch(const Slot& key) const noexcept;
        [[nodiscard]] bool takes(std::uint64_t offset, std::size_t most) const noexcept;
        /// Empty, in the memory that it has.
        void clear();

    private:
        [[nodiscard]] std::size_t slot_of(const Slot& key) const noexcept;
        void grow(std::size_t most);

        std::vector<Slot> slots_;
        std::size_t size_ = 0;
        std::uint64_t first_ = 0;
    };
    [[nodiscard]] static Slot key_of(EventId id) noexcept { return {id.high, static_cast<std::uint32_t>(id.low ^ (id.low >> 32U)), 0}; }

    std::size_t horizon_;
    Generation newer_;
    Generation older_;
};

}  // namespace shortlist::data
