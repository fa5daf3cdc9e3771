/// How one table of state is laid out: whose blocks it holds, and what the words of a block mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/signals.h"
#include "engine/features/half_lives.h"

namespace shortlist::features {

/// Signals in bits 0..30; impressions in bit 31.
using data::SignalMask;
inline constexpr std::size_t kImpressionBit = 31;

/// What of the item chooses a block: nothing, itself, or the value of one of its categories.
enum class ItemPart { None, Item, Attribute };
/// What beside the item does.
enum class OtherPart { None, User, UserAttribute, Context };

/// Whose state a table holds: what chooses the block of an event, or of a request and a candidate.
struct Owner {
    ItemPart item = ItemPart::None;
    OtherPart other = OtherPart::None;
    std::size_t item_attribute = 0;  ///< ItemPart::Attribute: index into the items' attributes.
    std::size_t other_index = 0;     ///< OtherPart::UserAttribute: into the users' attributes; Context: into the context fields.

    friend bool operator==(const Owner&, const Owner&) = default;

    /// Users' own state is kept by user and exact to the event; the rest is shared and changes at ticks.
    [[nodiscard]] constexpr bool is_shared() const noexcept { return other != OtherPart::User; }
    /// Shared, with a block for a row (of the items, or of a category's values) and a value beside it.
    [[nodiscard]] constexpr bool is_paired() const noexcept { return is_shared() && item != ItemPart::None && other != OtherPart::None; }
    [[nodiscard]] constexpr bool reads_item() const noexcept { return item != ItemPart::None; }
};

/// Where a code that chooses a block comes from.
struct CodeSource {
    enum class From { Nowhere, Zero, Item, ItemAttribute, UserAttribute, Context };

    From from = From::Nowhere;
    std::size_t index = 0;  ///< Of the attribute or context field.

    friend bool operator==(const CodeSource&, const CodeSource&) = default;
};

/// The row of a shared table that holds a block, and what beside it chooses one in a paired table; of users' own state only `code`
/// counts. Indices into FeaturePlan::sources().
struct BlockKey {
    std::size_t row = 0;
    std::size_t code = 0;
};

/// A count of one signal: of all of the past, or fading, or of a sliding window.
struct CountSlot {
    static constexpr std::size_t kForever = std::numeric_limits<std::size_t>::max();

    std::size_t signal_bit = 0;
    std::size_t half_life = kForever;  ///< Index into the plan's half-lives.
    std::uint32_t window = 0;          ///< Seconds; 0: no window. Shared tables only: users' windows are counted when they are read.

    friend bool operator==(const CountSlot&, const CountSlot&) = default;
    [[nodiscard]] constexpr bool fades() const noexcept { return half_life != kForever; }
};

/// One table of state. A block is a number of words: when it was last counted in, where something needs that, then the counts (whole numbers;
/// real ones where they fade), then the seconds of last events, then the registers of sketches. Words have 32 bits in users' own state and
/// in pairs, 64 where there is a block a row.
struct StateTable {
    Owner owner;
    BlockKey key;
    std::vector<CountSlot> counts;
    std::vector<std::size_t> recencies;  ///< Signal bits.
    std::vector<std::size_t> sketches;   ///< Signal bits: how many different users (of a user's own state: items) there were.
    SignalMask signals = 0;              ///< Union of the bits above: events without any of them leave the table alone.
    bool fades = false;                  ///< Any count does.
    bool windows = false;                ///< Any count has a window.

    /// Bytes of one sketch.
    static constexpr std::size_t kRegisters = 64;
    static constexpr std::size_t kSketchWords = kRegisters / sizeof(std::uint32_t);

    /// A user's pairs are bounded: the ones that were not touched for longest leave.
    [[nodiscard]] bool is_bounded() const noexcept { return !owner.is_shared() && owner.reads_item(); }
    [[nodiscard]] bool tells_updates() const noexcept { return fades || is_bounded(); }
    [[nodiscard]] std::size_t count_at(std::size_t slot) const noexcept { return (tells_updates() ? 1 : 0) + slot; }
    [[nodiscard]] std::size_t recency_at(std::size_t slot) const noexcept { return count_at(counts.size()) + slot; }
    [[nodiscard]] std::size_t sketch_at(std::size_t slot) const noexcept { return recency_at(recencies.size()) + slot * kSketchWords; }
    [[nodiscard]] std::size_t stride() const noexcept { return sketch_at(sketches.size()); }
};

}  // namespace shortlist::features
