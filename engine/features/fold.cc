#include "engine/features/fold.h"

#include <algorithm>

#include "engine/data/catalogue.h"
#include "engine/features/sketch.h"

namespace shortlist::features {

Fold::Fold(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick, const UserBound& bound)
    : plan_(plan),
      items_(items),
      users_(users),
      clock_(tick),
      shared_(plan),
      gatherer_(plan, items, users),
      windows_(plan),
      now_(counting_moment(plan.half_lives(), 0)),
      states_(plan, items, users, bound) {}

void Fold::prefetch(const data::EventTable& events, std::size_t next) noexcept {
    // A state, then what it points to, then what that holds: each step wants the one before it to have arrived.
    constexpr std::size_t kStateAhead = 18;
    constexpr std::size_t kListsAhead = 12;
    constexpr std::size_t kCodesAhead = 7;
    constexpr std::size_t kBlocksAhead = 3;
    const auto state_of = [&](std::size_t event) { return states_.place_of(events.user[event]); };
    if (next + kStateAhead >= events.size()) return;
    __builtin_prefetch(state_of(next + kStateAhead), 1);
    if (const UserState* user = state_of(next + kListsAhead)) user->prefetch_lists();
    const auto codes_of = [&](std::size_t event) -> std::vector<std::uint32_t>& { return codes_ahead_[event % codes_ahead_.size()]; };
    if (const std::size_t event = next + kCodesAhead; const UserState* user = state_of(event)) {
        const auto codes = gatherer_.look_up_codes({.user = events.user[event], .item = events.item[event]});
        codes_of(event).assign(codes.begin(), codes.end());
        user->prefetch_codes(plan_, codes);
    }
    const std::size_t nearest = next + kBlocksAhead;
    const UserState* user = state_of(nearest);
    if (user != nullptr && !codes_of(nearest).empty()) user->prefetch_blocks(plan_, codes_of(nearest));
}

void Fold::advance_to(TimeUs time) {
    if (!clock_.is_over(time)) return;
    const TimeUs ended = clock_.end();
    clock_.begin(time);
    const TimeUs latest = clock_.end() - clock_.length();
    if (ended != 0) {
        // What was gathered belongs to the minute that ended; those after it were empty.
        if (increments_ != nullptr) take_increments(ended);
        gatherer_.pending().apply(plan_, shared_, windows_, second_of(ended));
        windows_.expire(plan_, shared_, second_of(latest));
    }
    shared_.set_tick_time(latest);
}

void Fold::take_increments(TimeUs tick) {
    const TickIncrements& all = *increments_;
    for (; next_increment_ < all.size() && all.tick[next_increment_] <= tick; ++next_increment_) {
        if (all.tick[next_increment_] < tick) continue;
        const auto keys = all.keys[next_increment_];
        const auto words = all.words[next_increment_];
        for (std::size_t k = 0; k < keys.size(); ++k) {
            const auto block =
                gatherer_.pending().at(all.table[next_increment_], static_cast<std::uint32_t>(keys[k] >> 32U), static_cast<std::uint32_t>(keys[k]));
            std::ranges::copy(words.subspan(k * block.size(), block.size()), block.begin());
        }
    }
}

TimeUs Fold::apply(const FoldEvent& event) {
    UserState& user = states_.change(event.user);
    const TimeUs time = std::max(event.time, user.last_time());
    advance_to(time);
    const auto codes = gatherer_.look_up_codes(event);
    if (increments_ == nullptr) gatherer_.gather(event, second_of(time));
    count_for(user, event, time, codes);
    states_.changed(event.user);
    return time;
}

void Fold::apply_to_user(const FoldEvent& event) {
    UserState& user = states_.change(event.user);
    count_for(user, event, std::max(event.time, user.last_time()), gatherer_.look_up_codes(event));
    states_.changed(event.user);
}

void Fold::set_user(UserRow row, UserState state) {
    states_.change(row) = std::move(state);
    states_.changed(row);
}

void Fold::count_for(UserState& user, const FoldEvent& event, TimeUs time, std::span<const std::uint32_t> codes) {
    const std::uint32_t second = second_of(time);
    if (now_.second != second) now_ = counting_moment(plan_.half_lives(), second);
    const SketchMark mark = plan_.has_user_sketches() ? sketch_mark(items_.ids[event.item]) : SketchMark{};
    user.apply(plan_, {event.item, event.signals, time, codes, mark}, now_);
}

std::vector<std::size_t> rows_by_table(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users) {
    std::vector<std::size_t> rows;
    for (const auto& table : plan.tables()) {
        const Owner& owner = table.owner;
        if (owner.item == ItemPart::Item) {
            rows.push_back(items.size());
        } else if (owner.item == ItemPart::Attribute) {
            rows.push_back(items.attributes[owner.item_attribute].values.size());
        } else if (owner.other == OtherPart::UserAttribute) {
            rows.push_back(users.attributes[owner.other_index].values.size());
        } else {
            rows.push_back(owner.other == OtherPart::Context ? SharedState::kPairedCodesMax : 1);
        }
    }
    return rows;
}

void Fold::save(base::ByteWriter& out) const {
    out.put(clock_.length());
    out.put(clock_.end());
    shared_.save(out);
    gatherer_.pending().save(out);
    windows_.save(out);
    states_.save(out);
}

void Fold::load(base::ByteReader& in) {
    if (in.take<TimeUs>() != clock_.length()) in.fail();
    const auto end = in.take<TimeUs>();
    if (end < 0 || end > kTimeMax) in.fail();
    clock_.set_end(end);
    const auto rows = rows_by_table(plan_, items_, users_);
    shared_.load(plan_, rows, in);
    gatherer_.pending().load(plan_, rows, in);
    windows_.load(plan_, rows, in);
    states_.load(in);
}

StateBytes Fold::bytes() const noexcept {
    return {states_.bytes(), states_.stored(), shared_.bytes() + windows_.bytes() + gatherer_.pending().bytes()};
}

std::span<const data::Change> changes_before(std::span<const data::Change> changes, std::size_t event) noexcept {
    std::size_t due = 0;
    while (due < changes.size() && changes[due].before <= event) ++due;
    return changes.first(due);
}

namespace {

template <class Folding>
void take_all(std::span<const data::Change> changes, data::Catalogue& catalogue, Folding& folding) {
    data::CatalogueEditor editor(catalogue.items, catalogue.users);
    for (const auto& change : changes) {
        editor.apply(change.record);
        if (const auto* tick = std::get_if<data::Tick>(&change.record)) folding.advance_to(tick->time);
    }
}

}  // namespace

void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, Fold& fold) { take_all(changes, catalogue, fold); }
void take_changes(std::span<const data::Change> changes, data::Catalogue& catalogue, PartitionGatherer& gatherer) {
    take_all(changes, catalogue, gatherer);
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
