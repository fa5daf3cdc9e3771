/// Arithmetic on one block of state (plan.h, StateTable): the only place where counts decay and grow. Uses + - x and our own
/// exp2, so that every CPU gives the same bits.
#pragma once

#include <algorithm>
#include <span>

#include "engine/base/exp2.h"
#include "engine/base/ids.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// What is left at `time` of a count that stood at `value` when the block was last updated, at `updated`.
[[nodiscard]] inline double decayed(double value, double decay, double updated, double time) noexcept {
    if (decay == 0.0 || value == 0.0) return value;
    return value * base::exp2((updated - time) * decay);
}

/// Brings the block to `time` and counts the signals of one event there. Requires time >= the block's last update.
inline void count_event(const StateTable& table, std::span<double> block, SignalMask signals, double time) noexcept {
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        double& value = block[table.count_at(s)];
        value = decayed(value, table.counts[s].decay, block[0], time);
        if ((signals >> table.counts[s].signal_bit & 1U) != 0) value += 1.0;
    }
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        if ((signals >> table.recencies[s] & 1U) != 0) block[table.recency_at(s)] = time;
    }
    block[0] = time;
}

/// Brings a shared block to the tick at `time` and adds what `pending`, a block of the same table, gathered since the last one:
/// whole numbers, and latest times, so that partitions may gather in any order.
inline void apply_pending(const StateTable& table, std::span<double> block, std::span<const double> pending, double time) noexcept {
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        double& value = block[table.count_at(s)];
        value = decayed(value, table.counts[s].decay, block[0], time) + pending[table.count_at(s)];
    }
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        double& last = block[table.recency_at(s)];
        last = std::max(last, pending[table.recency_at(s)]);
    }
    block[0] = time;
}

/// Gathers one event into a pending block.
inline void gather_event(const StateTable& table, std::span<double> pending, SignalMask signals, double time) noexcept {
    for (std::size_t s = 0; s < table.counts.size(); ++s) {
        if ((signals >> table.counts[s].signal_bit & 1U) != 0) pending[table.count_at(s)] += 1.0;
    }
    for (std::size_t s = 0; s < table.recencies.size(); ++s) {
        double& last = pending[table.recency_at(s)];
        if ((signals >> table.recencies[s] & 1U) != 0) last = std::max(last, time);
    }
}

}  // namespace shortlist::features
