#include "engine/features/pending_increments.h"

#include <algorithm>
#include <utility>

#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

constexpr std::size_t kBuckets = 4096;  // at first
// Keys between one that is being added and those whose block, and whose chunk, are fetched meanwhile.
constexpr std::size_t kBlocksAhead = 6;
constexpr std::size_t kChunksAhead = 12;

// Of a power of two of buckets.
std::size_t bucket_of(std::uint64_t key, std::size_t buckets) noexcept { return ((key * 0x9e3779b97f4a7c15ULL) >> 32U) & (buckets - 1); }

// A minute of ten million events has about as many pairs: with the buckets of a quiet one, most of its time would go into chains.
template <class Table>
void grow(Table& table) {
    table.heads.assign(2 * table.heads.size(), 0);
    for (std::size_t k = 0; k < table.keys.size(); ++k) {
        table.places[k] = std::exchange(table.heads[bucket_of(table.keys[k], table.heads.size())], static_cast<std::uint32_t>(k + 1));
    }
}

}  // namespace

PendingIncrements::PendingIncrements(const FeaturePlan& plan) : tables_(plan.tables().size()) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        tables_[t].stride = pending_stride(plan.tables()[t]);
        tables_[t].paired = plan.tables()[t].owner.is_paired();
        if (tables_[t].paired) tables_[t].heads.resize(kBuckets);
    }
}

std::size_t PendingIncrements::paired_place_of(Table& table, std::uint64_t key) {
    if (table.keys.size() >= table.heads.size()) grow(table);
    std::uint32_t& head = table.heads[bucket_of(key, table.heads.size())];
    for (std::uint32_t at = head; at != 0; at = table.places[at - 1]) {
        if (table.keys[at - 1] == key) return at - 1;
    }
    table.places.push_back(head);
    table.keys.push_back(key);
    head = static_cast<std::uint32_t>(table.keys.size());
    return head - 1;
}

std::size_t PendingIncrements::place_of(Table& table, std::uint64_t key) {
    if (table.paired) return paired_place_of(table, key);
    const std::size_t row = key >> 32U;
    if (row >= table.places.size()) table.places.resize(std::max(row + 1, table.places.size() * 2), 0);
    if (table.places[row] == 0) {
        table.keys.push_back(key);
        table.places[row] = static_cast<std::uint32_t>(table.keys.size());
    }
    return table.places[row] - 1;
}

std::span<std::uint32_t> PendingIncrements::at(std::size_t t, std::uint32_t row, std::uint32_t code) {
    Table& table = tables_[t];
    const std::size_t place = place_of(table, std::uint64_t{row} << 32U | code);
    if (table.blocks.size() < table.keys.size() * table.stride) table.blocks.resize(table.keys.size() * table.stride, 0U);
    return std::span(table.blocks).subspan(place * table.stride, table.stride);
}

void PendingIncrements::clear(Table& table) {
    for (const std::uint64_t key : table.keys) {
        if (table.paired) {
            table.heads[bucket_of(key, table.heads.size())] = 0;
        } else {
            table.places[key >> 32U] = 0;
        }
    }
    if (table.paired) table.places.clear();
    table.keys.clear();
    table.blocks.clear();
}

std::span<const std::uint32_t> PendingIncrements::block(std::size_t t, std::size_t k) const noexcept {
    return std::span(tables_[t].blocks).subspan(k * tables_[t].stride, tables_[t].stride);
}

void PendingIncrements::clear() {
    for (Table& table : tables_) clear(table);
}

void PendingIncrements::apply(const FeaturePlan& plan, SharedState& state, WindowLog& windows, std::uint32_t second) {
    const DecayMoment now = counting_moment(plan.half_lives(), second);
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        Table& table = tables_[t];
        if (table.keys.empty()) continue;
        for (std::size_t k = 0; k < table.keys.size(); ++k) {
            if (k + kChunksAhead < table.keys.size()) state.prefetch_chunk(t, table.keys[k + kChunksAhead]);
            if (k + kBlocksAhead < table.keys.size()) state.prefetch_block(plan, t, table.keys[k + kBlocksAhead]);
            const auto pending = std::span<const std::uint32_t>(table.blocks).subspan(k * table.stride, table.stride);
            state.add(plan, t, table.keys[k], pending, now);
            if (plan.tables()[t].windows) windows.add(t, table.keys[k], pending, second);
        }
        clear(table);
    }
}

std::size_t PendingIncrements::bytes() const noexcept {
    std::size_t bytes = 0;
    for (const auto& table : tables_) {
        bytes += (table.places.capacity() + table.heads.capacity() + table.blocks.capacity()) * sizeof(std::uint32_t);
        bytes += table.keys.capacity() * sizeof(std::uint64_t);
    }
    return bytes;
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
        auto blocks = in.take_all<std::uint32_t>();
        if (blocks.size() != keys.size() * tables_[t].stride) return in.fail();
        for (const std::uint64_t key : keys) {
            if (!SharedState::is_key(plan.tables()[t], key, rows[t])) return in.fail();
            (void)place_of(tables_[t], key);
        }
        if (tables_[t].keys != keys) return in.fail();  // one of them came twice
        tables_[t].blocks = std::move(blocks);
    }
}

}  // namespace shortlist::features
