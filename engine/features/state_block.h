/// Arithmetic on one block of state (state_table.h): the only place where counts fade and grow. A word is a whole number, the bits of a
/// real one, or seconds; what it is, the table says.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include "engine/features/half_lives.h"
#include "engine/features/sketch.h"
#include "engine/features/state_table.h"

namespace shortlist::features {

template <class Word>
using RealOf = std::conditional_t<sizeof(Word) == sizeof(float), float, double>;

template <class Word>
[[nodiscard]] double real_in(Word word) noexcept {
    return static_cast<double>(std::bit_cast<RealOf<Word>>(word));
}
template <class Word>
[[nodiscard]] Word word_of(double value) noexcept {
    return std::bit_cast<Word>(static_cast<RealOf<Word>>(value));
}
/// Whole numbers stop at the greatest one that fits.
template <class Word>
[[nodiscard]] Word add_whole(Word word, std::uint32_t count) noexcept {
    return word > std::numeric_limits<Word>::max() - count ? std::numeric_limits<Word>::max() : word + count;
}

/// Brings the block's fading counts into the epochs of `now`.
template <class Word>
void enter_epoch(const StateTable& table, const HalfLives& half_lives, std::span<Word> block, const DecayMoment& now) noexcept {
    const auto updated = static_cast<std::uint32_t>(block[0]);
    block[0] = now.second;
    if (!table.fades || updated >= now.newest_epoch || updated == 0) return;
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        const CountSlot& slot = table.counts[s];
        if (!slot.fades()) continue;
        const std::uint32_t passed = now.epoch[slot.half_life] - half_lives.epoch(slot.half_life, updated);
        Word& word = block[table.count_at(s)];
        word = word_of<Word>(real_in(word) * epoch_scale(passed));
    }
}

/// Counts one event in a block of a user's own state. `now`: a counting_moment() no earlier than the block's last one.
inline void count_event(const StateTable& table, const HalfLives& half_lives, std::span<std::uint32_t> block, SignalMask signals,
                        const DecayMoment& now) noexcept {
    if (table.tells_updates()) enter_epoch(table, half_lives, block, now);
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        const CountSlot& slot = table.counts[s];
        if ((signals >> slot.signal_bit & 1U) == 0) continue;
        std::uint32_t& word = block[table.count_at(s)];
        word = slot.fades() ? word_of<std::uint32_t>(real_in(word) + now.factor[slot.half_life]) : add_whole(word, 1);
    }
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        if ((signals >> table.recencies[s] & 1U) != 0) block[table.recency_at(s)] = now.second;
    }
}

/// Pending blocks have the same parts without the time of the last update, all whole: how often, when last, and sketches.
[[nodiscard]] inline std::size_t pending_stride(const StateTable& table) noexcept { return table.stride() - table.count_at(0); }

/// Gathers one event into a pending block.
inline void gather_event(const StateTable& table, std::span<std::uint32_t> pending, SignalMask signals, std::uint32_t second) noexcept {
    for (std::size_t s = 0; s < table.counts.size(); ++s) pending[s] += signals >> table.counts[s].signal_bit & 1U;
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        std::uint32_t& last = pending[table.counts.size() + s];
        if ((signals >> table.recencies[s] & 1U) != 0) last = std::max(last, second);
    }
}

/// Adds an id's mark to each sketch of a table whose signal an event has; `sketches` lie end to end.
inline void mark_sketches(const StateTable& table, std::span<std::uint32_t> sketches, SignalMask signals, SketchMark mark) noexcept {
    for (std::size_t s = 0; s < table.sketches.size(); ++s) {
        if ((signals >> table.sketches[s] & 1U) != 0) add_mark(sketches.subspan(s * StateTable::kSketchWords, StateTable::kSketchWords), mark);
    }
}

/// Adds what `pending` gathered since the last tick to a shared block. `now`: the counting_moment() of the tick.
template <class Word>
void apply_pending(const StateTable& table, const HalfLives& half_lives, std::span<Word> block, std::span<const std::uint32_t> pending,
                   const DecayMoment& now) noexcept {
    if (table.tells_updates()) enter_epoch(table, half_lives, block, now);
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        const CountSlot& slot = table.counts[s];
        Word& word = block[table.count_at(s)];
        word = slot.fades() ? word_of<Word>(real_in(word) + pending[s] * now.factor[slot.half_life]) : add_whole(word, pending[s]);
    }
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        Word& last = block[table.recency_at(s)];
        last = std::max<Word>(last, pending[table.counts.size() + s]);
    }
    const std::size_t sketches = table.counts.size() + table.recencies.size();
    for (std::size_t s = 0; s < table.sketches.size(); ++s) {
        merge_sketch(block.subspan(table.sketch_at(s), StateTable::kSketchWords),
                     pending.subspan(sketches + s * StateTable::kSketchWords, StateTable::kSketchWords));
    }
}

/// What a count stands at. `at`: a reading_moment() no earlier than the block's last update. An empty block counts nothing.
template <class Word>
[[nodiscard]] double count_in(const StateTable& table, const HalfLives& half_lives, std::span<const Word> block, std::size_t s,
                              const DecayMoment& at) noexcept {
    if (block.empty()) return 0;
    const CountSlot& slot = table.counts[s];
    const Word word = block[table.count_at(s)];
    if (!slot.fades()) return static_cast<double>(word);
    const auto updated = static_cast<std::uint32_t>(block[0]);
    const double sum = real_in(word) * at.factor[slot.half_life];
    if (updated >= at.newest_epoch) return sum;
    return sum * epoch_scale(at.epoch[slot.half_life] - half_lives.epoch(slot.half_life, updated));
}

/// How many doublings a count is above one event in 1970, faded to the present: within 0.09 of the base-2 logarithm, which it meets at powers
/// of two. Orders counts of any age, and stays as it is while nothing is counted. Minus infinity for a count of 0.
template <class Word>
[[nodiscard]] double key_in(const StateTable& table, const HalfLives& half_lives, std::span<const Word> block, std::size_t s) noexcept {
    const CountSlot& slot = table.counts[s];
    const Word word = block[table.count_at(s)];
    const double count = slot.fades() ? real_in(word) : static_cast<double>(word);
    if (!(count > 0.0)) return -std::numeric_limits<double>::infinity();
    // A double is 2^(exponent - 1023) x (1 + mantissa / 2^52): its logarithm, were that straight between powers of two.
    const auto bits = std::bit_cast<std::uint64_t>(count);
    const auto doublings = static_cast<double>(static_cast<std::int64_t>(bits >> 52U) - 1023);
    const double beyond = static_cast<double>(bits & ((std::uint64_t{1} << 52U) - 1)) * 0x1p-52;
    const double epochs = slot.fades() ? half_lives.epoch(slot.half_life, static_cast<std::uint32_t>(block[0])) : 0.0;
    return epochs * static_cast<double>(kEpochHalfLives) + doublings + beyond;
}

}  // namespace shortlist::features
