/// The fold: eats log records in order and keeps feature state. The same code trains and serves.
///
/// Users' own state is exact to the event. Shared state changes only at ticks, which the records' own times bring about, so a
/// replay of the same records gives the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/dataset.h"
#include "engine/features/plan.h"
#include "engine/features/shared_state.h"
#include "engine/features/user_state.h"

namespace shortlist::features {

/// One record, with its ids and signals already looked up.
struct FoldEvent {
    TimeUs time = 0;
    UserRow user = 0;
    ItemRow item = 0;
    SignalMask signals = 0;  ///< Bit kImpressionBit for an impression.
};

/// Event time between ticks.
inline constexpr TimeUs kTickUs = kMinuteUs;
/// Where only the order of events is known a "time" is an ordinal, and this many events stand for a minute.
inline constexpr TimeUs kOrdinalTick = 1000;

/// Gathers what a tick will add to shared state, for any set of records; sets may be gathered apart and merged in any order.
class PendingIncrements {
public:
    explicit PendingIncrements(std::size_t tables) : tables_(tables) {}

    [[nodiscard]] std::span<double> at(std::size_t table, std::uint32_t row, std::uint32_t code, std::size_t stride);
    /// Moves everything into `state` at the tick `time`, and starts anew.
    void apply(const FeaturePlan& plan, SharedState& state, TimeUs time);

    /// The increments as bytes, and back into ones that are new; `rows` as for SharedState::load().
    void save(base::ByteWriter& out) const;
    void load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in);

private:
    struct Table {
        std::vector<std::uint32_t> place;  // by row: 1 + index into rows, 0 when untouched; plain owners only
        std::vector<std::uint64_t> keys;   // row << 32 | code, in order of first touch
        std::vector<double> blocks;
    };
    [[nodiscard]] std::size_t paired_place(Table& table, std::uint64_t key);

    std::vector<Table> tables_;
    std::vector<std::vector<std::uint32_t>> buckets_;  // hash heads of the paired tables, by table
};

/// One thread at a time. Plan, items and users must outlive it; rows may be added to items and users between calls.
class Fold {
public:
    Fold(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick = kTickUs);

    /// Eats one record and returns the effective time it was folded at: never before its user's last event.
    TimeUs apply(const FoldEvent& event);
    /// Lets the ticks up to `time` pass, as when no event comes.
    void advance_to(TimeUs time);

    [[nodiscard]] const SharedState& shared() const noexcept { return shared_; }
    /// A copy for readers; see SharedState::publish.
    [[nodiscard]] SharedState publish_shared() { return shared_.publish(); }
    /// The user's state; an empty one for a user without events.
    [[nodiscard]] const UserState& user(UserRow row) const noexcept;
    [[nodiscard]] const FeaturePlan& plan() const noexcept { return plan_; }
    [[nodiscard]] std::size_t user_count() const noexcept { return users_states_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// All state as bytes, equal for equal state; and back into a fold that is new, of the same plan and tick, over a catalogue with the
    /// same rows. Bytes that no such fold gives fail the reader, and leave this one fit only to be thrown away.
    void save(base::ByteWriter& out) const;
    void load(base::ByteReader& in);

private:
    [[nodiscard]] std::vector<std::size_t> rows_by_table() const;
    void look_up_codes(const FoldEvent& event);

    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    TimeUs tick_;
    TimeUs next_tick_ = 0;  // 0 before the first record
    SharedState shared_;
    PendingIncrements pending_;
    std::vector<UserState> users_states_;
    std::vector<std::uint32_t> rows_;   // by table: the row of the current event, for shared owners
    std::vector<std::uint32_t> codes_;  // by table: its code
};

/// Of changes in their order, those that came before event `event`.
[[nodiscard]] std::span<const data::Change> changes_before(std::span<const data::Change> changes, std::size_t event) noexcept;
/// Lets live records that are no events reach the fold, and the catalogue that it reads.
void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, Fold& fold);

/// Event i of a table as the fold eats it.
[[nodiscard]] inline FoldEvent fold_event(const data::EventTable& events, std::span<const SignalMask> masks, std::size_t i) {
    return {events.time[i], events.user[i], events.item[i], masks[i]};
}

/// Signals of every event, with bit kImpressionBit on the impressions.
[[nodiscard]] std::vector<SignalMask> fold_masks(const data::EventTable& events, const data::SignalSet& signals);
[[nodiscard]] SignalMask fold_mask(const data::SignalSet& signals, std::string_view type, float value) noexcept;

}  // namespace shortlist::features
