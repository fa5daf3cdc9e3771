/// The fold: eats log records in order and keeps feature state. The same code trains and serves.
///
/// Users' own state is exact to the event. Shared state changes only at ticks, which the records' own times bring about, so a
/// replay of the same records gives the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/dataset.h"
#include "engine/features/gatherer.h"
#include "engine/features/plan.h"
#include "engine/features/shared_state.h"
#include "engine/features/tick_increments.h"
#include "engine/features/user_states.h"
#include "engine/features/window_log.h"

namespace shortlist::features {

/// Event time between ticks.
inline constexpr TimeUs kTickUs = kMinuteUs;
/// Where only the order of events is known a "time" is an ordinal, and this many events stand for a minute.
inline constexpr TimeUs kOrdinalTick = 1000;

/// What state takes.
struct StateBytes {
    std::size_t users = 0;         ///< Bytes of users' own state in memory.
    std::size_t users_stored = 0;  ///< Users whose state is not in memory.
    std::size_t shared = 0;        ///< Bytes of what is kept of items, categories, pairs and the whole.
};

/// One thread at a time. Plan, items and users must outlive it; rows may be added to items and users between calls.
class Fold {
public:
    /// `bound`: where users go past so much memory; without one all stay.
    Fold(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick = kTickUs, const UserBound& bound = {});

    /// Eats one record and returns the effective time it was folded at: never before its user's last event.
    TimeUs apply(const FoldEvent& event);
    /// Counts a record that this fold ate before once more for its user, of whom another state was set since.
    void apply_to_user(const FoldEvent& event);
    /// Puts a state in the place of the user's own.
    void set_user(UserRow row, UserState state);
    /// From now on ticks add these, the sum of all partitions', and not what apply() would gather. They must outlive the fold and fit the plan
    /// (check_increments()). Of a record of another partition the fold is told the time, by advance_to(): then shared state has the bits of
    /// one fold of all records.
    void share(const TickIncrements& increments) noexcept { increments_ = &increments; }
    /// Brings near what the events behind `next` will touch: where they are known, each costs cache misses otherwise.
    void prefetch(const data::EventTable& events, std::size_t next) noexcept;
    /// Lets the ticks up to `time` pass, as when no event comes.
    void advance_to(TimeUs time);

    [[nodiscard]] const SharedState& shared() const noexcept { return shared_; }
    /// A copy for readers; see SharedState::publish.
    [[nodiscard]] SharedState publish_shared() { return shared_.publish(); }
    /// The user's state; an empty one for a user without events. Requires that no bound was given.
    [[nodiscard]] const UserState& user(UserRow row) const noexcept { return states_[row]; }
    /// The same where there may be a bound: see UserStates::find().
    [[nodiscard]] Result<const UserState*> find_user(UserRow row, UserState& room) const { return states_.find(row, room); }
    [[nodiscard]] const FeaturePlan& plan() const noexcept { return plan_; }
    [[nodiscard]] std::size_t user_count() const noexcept { return states_.size(); }
    [[nodiscard]] StateBytes bytes() const noexcept;

    /// All state as bytes, equal for equal state; and back into a fold that is new, of the same plan and tick, over a catalogue with the
    /// same rows. Bytes that no such fold gives fail the reader, and leave this one fit only to be thrown away.
    void save(base::ByteWriter& out) const;
    void load(base::ByteReader& in);

private:
    void take_increments(TimeUs tick);
    void count_for(UserState& user, const FoldEvent& event, TimeUs time, std::span<const std::uint32_t> codes);

    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    TickClock clock_;
    SharedState shared_;
    Gatherer gatherer_;
    std::array<std::vector<std::uint32_t>, 8> codes_ahead_;  // of events to come, by their number modulo 8
    const TickIncrements* increments_ = nullptr;  // of all partitions; null where this fold takes every record
    std::size_t next_increment_ = 0;
    WindowLog windows_;
    DecayMoment now_;  // of the last event
    UserStates states_;
};

/// How many rows each table of shared state may have in this catalogue.
[[nodiscard]] std::vector<std::size_t> rows_by_table(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users);

/// Of changes in their order, those that came before event `event`.
[[nodiscard]] std::span<const data::Change> changes_before(std::span<const data::Change> changes, std::size_t event) noexcept;
/// Lets live records that are no events reach the fold, and the catalogue that it reads.
void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, Fold& fold);
void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, PartitionGatherer& gatherer);

/// Signals of every event, with bit kImpressionBit on the impressions.
[[nodiscard]] std::vector<SignalMask> fold_masks(const data::EventTable& events, const data::SignalSet& signals);
[[nodiscard]] SignalMask fold_mask(const data::SignalSet& signals, std::string_view type, float value) noexcept;

/// Events of a table as the fold eats them. Table and masks must outlive it. One thread at a time.
class FoldEvents {
public:
    FoldEvents(const FeaturePlan& plan, const data::EventTable& events, std::span<const SignalMask> masks)
        : events_(events), masks_(masks), context_(plan.reads_context() ? events.context.size() : 0) {}

    /// Event i; its context holds until the next call.
    [[nodiscard]] FoldEvent operator[](std::size_t i) {
        for (std::size_t field = 0; field < context_.size(); ++field) context_[field] = events_.context[field][i];
        return {events_.time[i], events_.user[i], events_.item[i], masks_[i], context_};
    }

private:
    const data::EventTable& events_;
    std::span<const SignalMask> masks_;
    std::vector<std::uint32_t> context_;
};

}  // namespace shortlist::features
