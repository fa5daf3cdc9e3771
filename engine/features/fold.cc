#include "engine/features/fold.h"

#include <algorithm>

#include "engine/data/catalogue.h"
#include "engine/features/sketch.h"
#include "engine/features/state_block.h"

namespace shortlist::features {

Fold::Fold(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick, const UserBound& bound)
    : plan_(plan),
      items_(items),
      users_(users),
      tick_(tick),
      shared_(plan),
      pending_(plan),
      windows_(plan),
      now_(counting_moment(plan.half_lives(), 0)),
      states_(plan, items, users, bound),
      codes_(plan.sources().size(), kNoRow) {}

void Fold::prefetch(const data::EventTable& events, std::size_t next) noexcept {
    // A state, then what it points to, then what that holds: each step wants the one before it to have arrived.
    constexpr std::size_t kStateAhead = 18;
    constexpr std::size_t kListsAhead = 12;
    constexpr std::size_t kBlocksAhead = 6;
    const auto state_of = [&](std::size_t event) { return states_.place_of(events.user[event]); };
    if (next + kStateAhead >= events.size()) return;
    __builtin_prefetch(state_of(next + kStateAhead), 1);
    if (const UserState* user = state_of(next + kListsAhead)) user->prefetch_lists();
    const std::size_t near = next + kBlocksAhead;
    if (const UserState* user = state_of(near)) {
        look_up_codes({.user = events.user[near], .item = events.item[near]});
        user->prefetch_blocks(plan_, codes_);
    }
}

void Fold::look_up_codes(const FoldEvent& event) noexcept {
    const CodeInputs inputs{items_, users_, event.item, event.user, event.context};
    for (std::size_t s = 0; s < codes_.size(); ++s) codes_[s] = code_from(plan_.sources()[s], inputs);
}

void Fold::advance_to(TimeUs time) {
    if (next_tick_ == 0) {
        next_tick_ = (time / tick_ + 1) * tick_;
        shared_.set_tick_time(next_tick_ - tick_);
        return;
    }
    if (time < next_tick_) return;
    // What was gathered belongs to the minute that ends at next_tick_; the minutes after it were empty.
    pending_.apply(plan_, shared_, windows_, second_of(next_tick_));
    const TimeUs latest = time / tick_ * tick_;
    windows_.expire(plan_, shared_, second_of(latest));
    shared_.set_tick_time(latest);
    next_tick_ = latest + tick_;
}

void Fold::gather(const FoldEvent& event, std::uint32_t second) {
    for (const std::size_t t : plan_.shared_tables()) {
        const StateTable& table = plan_.tables()[t];
        if ((table.signals & event.signals) == 0) continue;
        const auto pending = pending_.at(t, codes_[table.key.row], codes_[table.key.code]);
        gather_event(table, pending, event.signals, second);
        if (table.sketches.empty()) continue;
        mark_sketches(table, pending.subspan(table.counts.size() + table.recencies.size()), event.signals, sketch_mark(users_.ids[event.user]));
    }
}

TimeUs Fold::apply(const FoldEvent& event) {
    UserState& user = states_.change(event.user);
    const TimeUs time = std::max(event.time, user.last_time());
    advance_to(time);
    look_up_codes(event);
    gather(event, second_of(time));
    count_for(user, event, time);
    states_.changed(event.user);
    return time;
}

void Fold::apply_to_user(const FoldEvent& event) {
    UserState& user = states_.change(event.user);
    look_up_codes(event);
    count_for(user, event, std::max(event.time, user.last_time()));
    states_.changed(event.user);
}

void Fold::set_user(UserRow row, UserState state) {
    states_.change(row) = std::move(state);
    states_.changed(row);
}

void Fold::count_for(UserState& user, const FoldEvent& event, TimeUs time) {
    const std::uint32_t second = second_of(time);
    if (now_.second != second) now_ = counting_moment(plan_.half_lives(), second);
    const SketchMark mark = plan_.has_user_sketches() ? sketch_mark(items_.ids[event.item]) : SketchMark{};
    user.apply(plan_, {event.item, event.signals, time, codes_, mark}, now_);
}

// How many rows a table of shared state may have in this catalogue.
std::vector<std::size_t> Fold::rows_by_table() const {
    std::vector<std::size_t> rows;
    for (const auto& table : plan_.tables()) {
        const Owner& owner = table.owner;
        if (owner.item == ItemPart::Item) {
            rows.push_back(items_.size());
        } else if (owner.item == ItemPart::Attribute) {
            rows.push_back(items_.attributes[owner.item_attribute].values.size());
        } else if (owner.other == OtherPart::UserAttribute) {
            rows.push_back(users_.attributes[owner.other_index].values.size());
        } else {
            rows.push_back(owner.other == OtherPart::Context ? SharedState::kPairedCodesMax : 1);
        }
    }
    return rows;
}

void Fold::save(base::ByteWriter& out) const {
    out.put(tick_);
    out.put(next_tick_);
    shared_.save(out);
    pending_.save(out);
    windows_.save(out);
    states_.save(out);
}

void Fold::load(base::ByteReader& in) {
    if (in.take<TimeUs>() != tick_) in.fail();
    next_tick_ = in.take<TimeUs>();
    if (next_tick_ < 0 || next_tick_ > kTimeMax) in.fail();
    const auto rows = rows_by_table();
    shared_.load(plan_, rows, in);
    pending_.load(plan_, rows, in);
    windows_.load(plan_, rows, in);
    states_.load(in);
}

StateBytes Fold::bytes() const noexcept { return {states_.bytes(), states_.stored(), shared_.bytes() + windows_.bytes() + pending_.bytes()}; }

std::span<const data::Change> changes_before(std::span<const data::Change> changes, std::size_t event) noexcept {
    std::size_t due = 0;
    while (due < changes.size() && changes[due].before <= event) ++due;
    return changes.first(due);
}

void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, Fold& fold) {
    data::CatalogueEditor editor(catalogue.items, catalogue.users);
    for (const auto& change : changes) {
        editor.apply(change.record);
        if (const auto* tick = std::get_if<data::Tick>(&change.record)) fold.advance_to(tick->time);
    }
}

SignalMask fold_mask(const data::SignalSet& signals, std::string_view type, float value) noexcept {
    return signals.match(type, value) | (type == data::kImpressionType ? SignalMask{1} << kImpressionBit : 0U);
}

std::vector<SignalMask> fold_masks(const data::EventTable& events, const data::SignalSet& signals) {
    auto masks = signals.match(events);
    const std::uint32_t impression = events.types.find(data::kImpressionType);
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (events.type[i] == impression) masks[i] |= SignalMask{1} << kImpressionBit;
    }
    return masks;
}

}  // namespace shortlist::features
