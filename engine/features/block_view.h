/// A block of state to be read, of whichever width.
#pragma once

#include <cstdint>
#include <span>

#include "engine/features/state_block.h"

namespace shortlist::features {

/// Empty where nothing was counted: then every count is 0 and no event the last.
class BlockView {
public:
    BlockView() = default;
    BlockView(std::span<const std::uint32_t> narrow) noexcept
        : narrow_(narrow.data()), empty_(narrow.empty()) {}  // NOLINT(google-explicit-constructor)
    BlockView(std::span<const std::uint64_t> wide) noexcept : wide_(wide.data()), empty_(wide.empty()) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool empty() const noexcept { return empty_; }
    /// `at`: a reading_moment() no earlier than the block's last update.
    [[nodiscard]] double count(const StateTable& table, const HalfLives& half_lives, std::size_t slot, const DecayMoment& at) const noexcept {
        return read(table, 0.0, [&](auto block) { return count_in(table, half_lives, block, slot, at); });
    }
    /// Second of the last event of a recency slot; 0 where there was none.
    [[nodiscard]] std::uint32_t last(const StateTable& table, std::size_t slot) const noexcept {
        return read(table, 0U, [&](auto block) { return static_cast<std::uint32_t>(block[table.recency_at(slot)]); });
    }
    /// How many different ones there were, by a sketch slot.
    [[nodiscard]] double distinct(const StateTable& table, std::size_t slot) const noexcept {
        return read(table, 0.0, [&](auto block) { return features::distinct(block.subspan(table.sketch_at(slot), StateTable::kSketchWords)); });
    }

    /// See key_in(): orders counts of any age.
    [[nodiscard]] double key(const StateTable& table, const HalfLives& half_lives, std::size_t slot) const noexcept {
        return read(table, -std::numeric_limits<double>::infinity(), [&](auto block) { return key_in(table, half_lives, block, slot); });
    }

private:
    template <class Value, class Read>
    [[nodiscard]] Value read(const StateTable& table, Value nothing, const Read& read) const noexcept {
        if (empty_) return nothing;
        return narrow_ != nullptr ? read(std::span(narrow_, table.stride())) : read(std::span(wide_, table.stride()));
    }

    const std::uint32_t* narrow_ = nullptr;
    const std::uint64_t* wide_ = nullptr;
    bool empty_ = true;
};

}  // namespace shortlist::features
