#include "engine/features/fold.h"

#include <algorithm>

#include "engine/data/catalogue.h"
#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

constexpr std::size_t kBuckets = 4096;

std::uint32_t category_code(const data::EntityTable& table, std::size_t attribute, std::uint32_t row) {
    return table.attributes[attribute].codes[row];
}

}  // namespace

std::size_t PendingIncrements::paired_place(Table& table, std::uint64_t key) {
    const std::size_t t = static_cast<std::size_t>(&table - tables_.data());
    buckets_.resize(tables_.size());
    auto& heads = buckets_[t];
    heads.resize(kBuckets);
    // `place` chains the keys of a bucket: 1 + the next one's index.
    std::uint32_t& head = heads[((key * 0x9e3779b97f4a7c15ULL) >> 32) % kBuckets];
    for (std::uint32_t at = head; at != 0; at = table.place[at - 1]) {
        if (table.keys[at - 1] == key) return at - 1;
    }
    table.keys.push_back(key);
    table.place.push_back(head);
    head = static_cast<std::uint32_t>(table.keys.size());
    return head - 1;
}

std::span<double> PendingIncrements::at(std::size_t t, std::uint32_t row, std::uint32_t code, std::size_t stride) {
    Table& table = tables_[t];
    std::size_t place = 0;
    if (code != kNoRow) {
        place = paired_place(table, std::uint64_t{row} << 32 | code);
    } else {
        if (row >= table.place.size()) table.place.resize(std::max<std::size_t>(row + 1, table.place.size() * 2), 0);
        if (table.place[row] == 0) {
            table.keys.push_back(std::uint64_t{row} << 32 | code);
            table.place[row] = static_cast<std::uint32_t>(table.keys.size());
        }
        place = table.place[row] - 1;
    }
    if (table.blocks.size() < table.keys.size() * stride) table.blocks.resize(table.keys.size() * stride, 0.0);
    return std::span(table.blocks).subspan(place * stride, stride);
}

void PendingIncrements::apply(const FeaturePlan& plan, SharedState& state, TimeUs time) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        Table& table = tables_[t];
        if (table.keys.empty()) continue;
        const StateTable& layout = plan.tables()[t];
        const bool paired = layout.owner == Owner::ItemByUserAttribute;
        for (std::size_t k = 0; k < table.keys.size(); ++k) {
            state.add(plan, t, table.keys[k], std::span<const double>(table.blocks).subspan(k * layout.stride(), layout.stride()), time);
            if (!paired) table.place[table.keys[k] >> 32] = 0;
        }
        if (paired) {
            table.place.clear();
            std::fill(buckets_[t].begin(), buckets_[t].end(), 0U);
        }
        table.keys.clear();
        table.blocks.clear();
    }
}

void PendingIncrements::save(base::ByteWriter& out) const {
    for (const auto& table : tables_) {
        out.put_all(table.keys);
        out.put_all(table.blocks);
    }
}

void PendingIncrements::load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        const auto keys = in.take_all<std::uint64_t>();
        auto blocks = in.take_all<double>();
        const StateTable& layout = plan.tables()[t];
        const bool paired = layout.owner == Owner::ItemByUserAttribute;
        for (const std::uint64_t key : keys) {
            const auto row = static_cast<std::uint32_t>(key >> 32);
            const auto code = static_cast<std::uint32_t>(key);
            const bool known = paired ? code < SharedState::kPairedCodesMax : code == kNoRow;
            if (row >= rows[t] || !known) return in.fail();
            (void)at(t, row, code, layout.stride());  // gives the key its place
        }
        if (tables_[t].keys != keys || blocks.size() != keys.size() * layout.stride()) return in.fail();
        tables_[t].blocks = std::move(blocks);
    }
}

Fold::Fold(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick)
    : plan_(plan),
      items_(items),
      users_(users),
      tick_(tick),
      shared_(plan),
      pending_(plan.tables().size()),
      rows_(plan.tables().size(), kNoRow),
      codes_(plan.tables().size(), kNoRow) {}

void Fold::look_up_codes(const FoldEvent& event) {
    const auto& tables = plan_.tables();
    for (std::size_t t = 0; t < tables.size(); ++t) {
        std::uint32_t row = kNoRow;
        std::uint32_t code = kNoRow;
        switch (tables[t].owner) {
            case Owner::Global: row = 0; break;
            case Owner::Item: row = event.item; break;
            case Owner::ItemAttribute: row = category_code(items_, tables[t].attribute, event.item); break;
            case Owner::ItemByUserAttribute:
                row = event.item;
                code = category_code(users_, tables[t].attribute, event.user);
                break;
            case Owner::User: code = 0; break;
            case Owner::UserByItem: code = event.item; break;
            case Owner::UserByItemAttribute: code = category_code(items_, tables[t].attribute, event.item); break;
        }
        rows_[t] = row;
        codes_[t] = code;
    }
}

void Fold::advance_to(TimeUs time) {
    if (next_tick_ == 0) {
        next_tick_ = (time / tick_ + 1) * tick_;
        shared_.set_tick_time(next_tick_ - tick_);
        return;
    }
    if (time < next_tick_) return;
    // What was gathered belongs to the minute that ends at next_tick_; the minutes after it were empty, and decay is closed.
    pending_.apply(plan_, shared_, next_tick_);
    const TimeUs latest = time / tick_ * tick_;
    shared_.set_tick_time(latest);
    next_tick_ = latest + tick_;
}

TimeUs Fold::apply(const FoldEvent& event) {
    if (event.user >= users_states_.size()) users_states_.resize(std::max<std::size_t>(event.user + std::size_t{1}, users_.size()));
    UserState& user = users_states_[event.user];
    const TimeUs time = std::max(event.time, user.last_time());
    advance_to(time);
    look_up_codes(event);
    const auto& tables = plan_.tables();
    for (std::size_t t = 0; t < tables.size(); ++t) {
        if (!is_shared(tables[t].owner) || (tables[t].signals & event.signals) == 0) continue;
        gather_event(tables[t], pending_.at(t, rows_[t], codes_[t], tables[t].stride()), event.signals, static_cast<double>(time));
    }
    user.apply(plan_, codes_, event.item, event.signals, time);
    return time;
}

const UserState& Fold::user(UserRow row) const noexcept {
    static const UserState kNewcomer;
    return row < users_states_.size() ? users_states_[row] : kNewcomer;
}

// How many rows a table of shared state may have in this catalogue.
std::vector<std::size_t> Fold::rows_by_table() const {
    std::vector<std::size_t> rows;
    for (const auto& table : plan_.tables()) {
        switch (table.owner) {
            case Owner::Global: rows.push_back(1); break;
            case Owner::ItemAttribute: rows.push_back(items_.attributes[table.attribute].values.size()); break;
            case Owner::Item:
            case Owner::ItemByUserAttribute: rows.push_back(items_.size()); break;
            default: rows.push_back(0);
        }
    }
    return rows;
}

// States behind the last user who did anything are not written: how many of them there are depends on when the catalogue grew.
void Fold::save(base::ByteWriter& out) const {
    out.put(tick_);
    out.put(next_tick_);
    shared_.save(out);
    pending_.save(out);
    std::size_t users = users_states_.size();
    const auto did_nothing = [](const UserState& user) { return user.last_time() == 0 && user.history().empty(); };
    while (users > 0 && did_nothing(users_states_[users - 1])) --users;
    out.put(std::uint64_t{users});
    for (std::size_t user = 0; user < users; ++user) users_states_[user].save(plan_, out);
}

void Fold::load(base::ByteReader& in) {
    if (in.take<TimeUs>() != tick_) in.fail();
    next_tick_ = in.take<TimeUs>();
    if (next_tick_ < 0 || next_tick_ > kTimeMax) in.fail();
    const auto rows = rows_by_table();
    shared_.load(plan_, rows, in);
    pending_.load(plan_, rows, in);
    constexpr std::size_t kLeastBytes = 17;  // of a user: a time, a count and a flag
    const std::size_t users = in.take_count(kLeastBytes);
    if (users > users_.size()) in.fail();
    if (!in.ok()) return;
    users_states_.resize(users);
    for (auto& user : users_states_) user = UserState::load(plan_, items_.size(), in);
}

std::size_t Fold::bytes() const noexcept {
    std::size_t bytes = sizeof(*this) + shared_.bytes();
    for (const auto& user : users_states_) bytes += user.bytes();
    return bytes;
}

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
