#include "engine/features/user_state.h"

#include <algorithm>
#include <bit>

#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

// How far back the events of one showing may lie: a page of impressions comes before its first outcome.
constexpr std::size_t kSameShowing = 32;

// A quarter goes at once, so that a full list costs one move in a quarter of its length.
template <class Entry>
void make_room(std::vector<Entry>& entries, std::size_t most) {
    if (entries.size() == most) entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(most / 4));
}

bool is_sound(std::span<const HistoryEntry> history, std::size_t items) {
    const auto sound = [items](const HistoryEntry& entry) { return entry.item < items && entry.time >= 0 && entry.time <= kTimeMax; };
    return history.size() <= kHistoryMax && std::ranges::all_of(history, sound);
}

bool is_sound(std::span<const RecentEvent> recent, std::size_t items) {
    return recent.size() <= kRecentMax && std::ranges::all_of(recent, [items](const RecentEvent& event) { return event.item < items; });
}

}  // namespace

void UserState::apply(const FeaturePlan& plan, const UserEvent& event, const DecayMoment& now) {
    last_time_ = event.time;
    const auto own = plan.user_tables();
    if (tables_.size() < own.size()) tables_.resize(own.size());
    for (std::size_t o = 0; o < own.size(); ++o) {
        const StateTable& table = plan.tables()[own[o]];
        if ((table.signals & event.signals) == 0) continue;
        BlockList& list = tables_[o];
        const std::uint32_t code = event.codes[table.key.code];
        if (list.size() == kUserPairsMax && list.find(code).empty()) list.drop_least(kUserPairsMax / 4);
        const auto block = list.find_or_add(code, table.stride());
        count_event(table, plan.half_lives(), block, event.signals, now);
        mark_sketches(table, block.subspan(table.sketch_at(0)), event.signals, event.item_mark);
    }
    if (event.signals != 0) remember(event.item, event.signals, event.time);
    if ((event.signals & plan.recent_signals()) != 0) remember_recent(plan, event, now.second);
}

void UserState::prefetch_lists() const noexcept {
    __builtin_prefetch(tables_.data(), 1);
    // The entries that the next event is compared with lie at the end, four to a line.
    constexpr std::size_t kEntries = 12;
    for (std::size_t back = 1; back <= std::min(kEntries, history_.size()); back += 4) __builtin_prefetch(&history_[history_.size() - back], 1);
}

void UserState::prefetch_codes(const FeaturePlan& plan, std::span<const std::uint32_t> codes) const noexcept {
    for (std::size_t own = 0; own < tables_.size(); ++own) tables_[own].prefetch(codes[plan.tables()[plan.user_tables()[own]].key.code]);
}

void UserState::prefetch_blocks(const FeaturePlan& plan, std::span<const std::uint32_t> codes) const noexcept {
    for (std::size_t own = 0; own < tables_.size(); ++own) tables_[own].prefetch_block(codes[plan.tables()[plan.user_tables()[own]].key.code]);
}

void UserState::remember(ItemRow item, SignalMask signals, TimeUs time) {
    const bool shown_again = (signals >> kImpressionBit & 1U) != 0;
    const std::size_t reach = shown_again ? 0 : std::min(kSameShowing, history_.size());
    for (std::size_t back = 1; back <= reach; ++back) {
        HistoryEntry& entry = history_[history_.size() - back];
        if (entry.item != item) continue;
        entry.signals |= signals;
        entry.time = time;
        return;
    }
    make_room(history_, kHistoryMax);
    history_.push_back({time, item, signals});
}

void UserState::remember_recent(const FeaturePlan& plan, const UserEvent& event, std::uint32_t second) {
    make_room(recent_, kRecentMax);
    // When, depends on the events alone: equal pasts are equal states.
    if (recent_.size() >= 8 && std::has_single_bit(recent_.size())) {
        const auto is_past = [&](const RecentEvent& one) { return std::uint64_t{one.second} + plan.recent_seconds() <= second; };
        recent_.erase(recent_.begin(), std::ranges::find_if_not(recent_, is_past));
    }
    recent_.push_back({second, event.item, event.signals & plan.recent_signals()});
}

BlockView UserState::block(const FeaturePlan& plan, std::size_t table, std::uint32_t code) const noexcept {
    const std::size_t own = plan.user_table(table);
    if (own >= tables_.size()) return {};
    return tables_[own].find(code);
}

void UserState::rename(const FeaturePlan& plan, const Rename& renamed) {
    constexpr CodeSource kItems{CodeSource::From::Item, 0};
    for (auto& entry : history_) entry.item = renamed(kItems, entry.item);
    for (auto& event : recent_) event.item = renamed(kItems, event.item);
    for (std::size_t own = 0; own < tables_.size(); ++own) {
        const CodeSource& source = plan.sources()[plan.tables()[plan.user_tables()[own]].key.code];
        tables_[own].rename([&](std::uint32_t code) { return renamed(source, code); });
    }
}

void UserState::save(base::ByteWriter& out) const {
    out.put(last_time_);
    out.put_all(history_);
    out.put_all(recent_);
    out.put(static_cast<std::uint8_t>(tables_.empty() ? 0 : 1));
    for (const auto& table : tables_) table.save(out);
}

UserState UserState::load(const FeaturePlan& plan, std::size_t items, base::ByteReader& in) {
    UserState state;
    state.last_time_ = in.take<TimeUs>();
    state.history_ = in.take_all<HistoryEntry>();
    state.recent_ = in.take_all<RecentEvent>();
    if (!is_sound(state.history_, items) || !is_sound(state.recent_, items)) in.fail();
    if (state.last_time_ < 0 || state.last_time_ > kTimeMax) in.fail();
    const auto has_tables = in.take<std::uint8_t>();
    if (has_tables > (plan.user_tables().empty() ? 0 : 1)) in.fail();
    if (has_tables == 0) return state;
    for (const std::size_t table : plan.user_tables()) {
        if (in.ok()) state.tables_.push_back(BlockList::load(plan.tables()[table].stride(), in));
        if (in.ok() && state.tables_.back().size() > kUserPairsMax) in.fail();
    }
    return state;
}

std::size_t UserState::bytes() const noexcept {
    std::size_t bytes = sizeof(*this) + history_.capacity() * sizeof(HistoryEntry) + recent_.capacity() * sizeof(RecentEvent);
    for (const auto& table : tables_) bytes += sizeof(table) + table.bytes();
    return bytes;
}

}  // namespace shortlist::features
