#include "engine/features/user_state.h"

#include <algorithm>

#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

// How far back the events of one showing may lie: a page of impressions comes before its first outcome.
constexpr std::size_t kSameShowing = 32;

}  // namespace

void UserState::apply(const FeaturePlan& plan, std::span<const std::uint32_t> codes, ItemRow item, SignalMask signals, TimeUs time) {
    last_time_ = time;
    const auto& tables = plan.tables();
    tables_.resize(tables.size());
    for (std::size_t t = 0; t < tables.size(); ++t) {
        if (is_shared(tables[t].owner) || (tables[t].signals & signals) == 0 || codes[t] == kNoRow) continue;
        count_event(tables[t], tables_[t].find_or_add(codes[t], tables[t].stride()), signals, static_cast<double>(time));
    }
    if (signals != 0) remember(item, signals, time);
}

void UserState::remember(ItemRow item, SignalMask signals, TimeUs time) {
    const bool shown_again = (signals >> kImpressionBit & 1U) != 0;
    const std::size_t reach = std::min(kSameShowing, history_.size());
    for (std::size_t back = 1; back <= reach && !shown_again; ++back) {
        HistoryEntry& entry = history_[history_.size() - back];
        if (entry.item != item) continue;
        entry.signals |= signals;
        entry.time = time;
        return;
    }
    // A quarter goes at once, so that a long history costs one move in 256 events.
    if (history_.size() == kHistoryMax) history_.erase(history_.begin(), history_.begin() + kHistoryMax / 4);
    history_.push_back({time, item, signals});
}

std::span<const double> UserState::block(const FeaturePlan& plan, std::size_t table, std::uint32_t code) const noexcept {
    if (table >= tables_.size()) return {};
    return tables_[table].find(code, plan.tables()[table].stride());
}

void UserState::save(const FeaturePlan& plan, base::ByteWriter& out) const {
    out.put(last_time_);
    out.put_all(history_);
    out.put(static_cast<std::uint8_t>(tables_.empty() ? 0 : 1));
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        if (!is_shared(plan.tables()[t].owner)) tables_[t].save(out);
    }
}

UserState UserState::load(const FeaturePlan& plan, std::size_t items, base::ByteReader& in) {
    UserState state;
    state.last_time_ = in.take<TimeUs>();
    state.history_ = in.take_all<HistoryEntry>();
    const auto is_sound = [items](const HistoryEntry& entry) { return entry.item < items && entry.time >= 0 && entry.time <= kTimeMax; };
    if (!std::ranges::all_of(state.history_, is_sound) || state.history_.size() > kHistoryMax) in.fail();
    if (state.last_time_ < 0 || state.last_time_ > kTimeMax) in.fail();
    if (in.take<std::uint8_t>() == 0) return state;
    state.tables_.resize(plan.tables().size());
    for (std::size_t t = 0; t < state.tables_.size() && in.ok(); ++t) {
        if (!is_shared(plan.tables()[t].owner)) state.tables_[t] = CodeTable::load(plan.tables()[t].stride(), in);
    }
    return state;
}

std::size_t UserState::bytes() const noexcept {
    std::size_t bytes = sizeof(*this) + history_.capacity() * sizeof(HistoryEntry);
    for (const auto& table : tables_) bytes += sizeof(table) + table.bytes();
    return bytes;
}

}  // namespace shortlist::features
