#include "engine/features/shared_state.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace shortlist::features {

SharedState::SharedState(const FeaturePlan& plan) : tables_(plan.tables().size()) {
    for (const auto& board : plan.leaderboards()) leaders_.emplace_back(board.most);
}

bool SharedState::is_key(const StateTable& layout, std::uint64_t row_and_code, std::size_t rows) noexcept {
    const auto code = static_cast<std::uint32_t>(row_and_code);
    return row_and_code >> 32U < rows && (layout.owner.is_paired() ? code < kPairedCodesMax : code == kNoRow);
}

std::uint32_t SharedState::paired_code(std::uint64_t row_and_code) noexcept {
    constexpr auto kRows = static_cast<std::uint32_t>(kRowsPerChunk);
    const auto code = static_cast<std::uint32_t>(row_and_code);
    SHORTLIST_CHECK(code < kPairedCodesMax, code);
    return code * kRows + static_cast<std::uint32_t>(row_and_code >> 32U) % kRows;
}

BlockView SharedState::block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept {
    const auto& chunks = tables_[table].chunks;
    const std::size_t at = row / kRowsPerChunk;
    if (at >= chunks.size() || !chunks[at]) return {};
    const StateTable& layout = plan.tables()[table];
    if (layout.owner.is_paired()) return chunks[at]->paired.find(paired_code(std::uint64_t{row} << 32U | code));
    return std::span<const std::uint64_t>(chunks[at]->blocks).subspan(row % kRowsPerChunk * layout.stride(), layout.stride());
}

SharedState SharedState::publish() {
    SharedState copy = *this;
    ++version_;
    return copy;
}

SharedState::Chunk& SharedState::chunk_for_change(const StateTable& layout, Table& table, std::uint64_t row_and_code) const {
    auto& chunks = table.chunks;
    const std::size_t at = (row_and_code >> 32U) / kRowsPerChunk;
    if (at >= chunks.size()) chunks.resize(at + 1);
    auto& chunk = chunks[at];
    if (!chunk) {
        chunk = std::make_shared<Chunk>();
        if (!layout.owner.is_paired()) chunk->blocks.resize(kRowsPerChunk * layout.stride());
        chunk->version = version_;
    } else if (chunk->version != version_) {
        chunk = std::make_shared<Chunk>(*chunk);
        chunk->version = version_;
    }
    return *chunk;
}

void SharedState::prefetch_chunk(std::size_t table, std::uint64_t row_and_code) const noexcept {
    const auto& chunks = tables_[table].chunks;
    if (const std::size_t at = (row_and_code >> 32U) / kRowsPerChunk; at < chunks.size()) __builtin_prefetch(chunks[at].get(), 1);
}

void SharedState::prefetch_block(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code) const noexcept {
    const auto& chunks = tables_[table].chunks;
    const std::uint64_t row = row_and_code >> 32U;
    if (row / kRowsPerChunk >= chunks.size() || !chunks[row / kRowsPerChunk]) return;
    const Chunk& chunk = *chunks[row / kRowsPerChunk];
    if (plan.tables()[table].owner.is_paired()) return chunk.paired.prefetch(paired_code(row_and_code));
    if (!chunk.blocks.empty()) __builtin_prefetch(&chunk.blocks[row % kRowsPerChunk * plan.tables()[table].stride()], 1);
}

SharedState::Row SharedState::row_of(const StateTable& layout, Chunk& chunk, std::uint64_t row_and_code) noexcept {
    const auto number = static_cast<std::uint32_t>(row_and_code >> 32U);
    return {number, std::span(chunk.blocks).subspan(number % kRowsPerChunk * layout.stride(), layout.stride())};
}

void SharedState::add(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::span<const std::uint32_t> pending,
                      const DecayMoment& now) {
    const StateTable& layout = plan.tables()[table];
    Chunk& chunk = chunk_for_change(layout, tables_[table], row_and_code);
    if (layout.owner.is_paired()) {
        apply_pending(layout, plan.half_lives(), chunk.paired.find_or_add(paired_code(row_and_code), layout.stride()), pending, now);
    } else {
        add_to_row(plan, table, row_of(layout, chunk, row_and_code), pending, now);
    }
    tables_[table].changed = now.second;
}

void SharedState::add_to_row(const FeaturePlan& plan, std::size_t table, const Row& row, std::span<const std::uint32_t> pending,
                             const DecayMoment& now) {
    const auto block = row.block;
    const StateTable& layout = plan.tables()[table];
    const auto& boards = plan.leaderboards();
    const bool new_epoch = layout.fades && static_cast<std::uint32_t>(block[0]) < now.newest_epoch;  // nothing may be left of a count
    std::array<double, kLeaderboardsMax> before{};
    const auto for_boards = [&](const auto& visit) {
        for (std::size_t b = 0; b < boards.size(); ++b) {
            if (boards[b].table != table || (pending[boards[b].slot] == 0 && !new_epoch)) continue;
            visit(b, key_in(layout, plan.half_lives(), std::span<const std::uint64_t>(block), boards[b].slot));
        }
    };
    for_boards([&](std::size_t b, double key) { before[b] = key; });
    apply_pending(layout, plan.half_lives(), block, pending, now);
    for_boards([&](std::size_t b, double key) { leaders_[b].update(row.number, before[b], key); });
}

void SharedState::take_off(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::size_t slot, std::uint32_t count) {
    const StateTable& layout = plan.tables()[table];
    Chunk& chunk = chunk_for_change(layout, tables_[table], row_and_code);
    const auto reduce = [&](auto block) {
        auto& word = block[layout.count_at(slot)];
        word -= std::min<std::remove_reference_t<decltype(word)>>(word, count);
    };
    if (layout.owner.is_paired()) return reduce(chunk.paired.find_or_add(paired_code(row_and_code), layout.stride()));
    reduce(row_of(layout, chunk, row_and_code).block);
}

void SharedState::save(base::ByteWriter& out) const {
    out.put(tick_time_);
    for (const auto& table : tables_) {
        out.put(table.changed);
        out.put(std::uint64_t{table.chunks.size()});
        for (const auto& chunk : table.chunks) {
            out.put(static_cast<std::uint8_t>(chunk ? 1 : 0));
            if (!chunk) continue;
            out.put_all(chunk->blocks);
            chunk->paired.save(out);
        }
    }
    for (const auto& leaders : leaders_) leaders.save(out);
}

void SharedState::load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in) {
    tick_time_ = in.take<TimeUs>();
    if (tick_time_ < 0 || tick_time_ > kTimeMax) in.fail();
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        tables_[t].changed = in.take<std::uint32_t>();
        auto& chunks = tables_[t].chunks;
        const std::size_t count = in.take_count(/*least_bytes=*/1);
        if (count > (rows[t] + kRowsPerChunk - 1) / kRowsPerChunk) in.fail();
        if (!in.ok()) return;
        chunks.resize(count);
        for (auto& chunk : chunks) load_chunk(plan.tables()[t], chunk, in);
    }
    for (std::size_t b = 0; b < leaders_.size(); ++b) leaders_[b].load(rows[plan.leaderboards()[b].table], in);
}

void SharedState::load_chunk(const StateTable& layout, std::shared_ptr<Chunk>& chunk, base::ByteReader& in) const {
    if (in.take<std::uint8_t>() == 0) return;
    chunk = std::make_shared<Chunk>();
    chunk->version = version_;
    chunk->blocks = in.take_all<std::uint64_t>();
    chunk->paired = BlockList::load(layout.stride(), in);
    if (chunk->blocks.size() != (layout.owner.is_paired() ? 0 : kRowsPerChunk * layout.stride())) in.fail();
    if (!in.ok()) chunk.reset();
}

std::size_t SharedState::bytes() const noexcept {
    std::size_t bytes = sizeof(*this);
    for (const auto& leaders : leaders_) bytes += sizeof(leaders) + leaders.bytes();
    for (const auto& table : tables_) {
        bytes += sizeof(table) + table.chunks.capacity() * sizeof(table.chunks[0]);
        for (const auto& chunk : table.chunks) {
            if (chunk) bytes += sizeof(Chunk) + chunk->blocks.capacity() * sizeof(std::uint64_t) + chunk->paired.bytes();
        }
    }
    return bytes;
}

}  // namespace shortlist::features
