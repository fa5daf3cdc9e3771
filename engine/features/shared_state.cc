#include "engine/features/shared_state.h"

#include "engine/base/check.h"
#include "engine/features/state_block.h"

namespace shortlist::features {

SharedState::SharedState(const FeaturePlan& plan) : tables_(plan.tables().size()) {
    for (const auto& board : plan.leaderboards()) leaders_.emplace_back(board.most);
}

std::uint32_t SharedState::paired_code(std::uint32_t row, std::uint32_t code) noexcept {
    constexpr auto kRows = static_cast<std::uint32_t>(kRowsPerChunk);
    SHORTLIST_CHECK(code < kPairedCodesMax, code);
    return code * kRows + row % kRows;
}

std::span<const double> SharedState::block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept {
    const auto& chunks = tables_[table].chunks;
    const std::size_t at = row / kRowsPerChunk;
    if (at >= chunks.size() || !chunks[at]) return {};
    const StateTable& layout = plan.tables()[table];
    if (layout.owner == Owner::ItemByUserAttribute) return chunks[at]->paired.find(paired_code(row, code), layout.stride());
    return std::span<const double>(chunks[at]->blocks).subspan(row % kRowsPerChunk * layout.stride(), layout.stride());
}

SharedState SharedState::publish() {
    SharedState copy = *this;
    ++version_;
    return copy;
}

void SharedState::add(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::span<const double> pending, TimeUs time) {
    const StateTable& layout = plan.tables()[table];
    const auto row = static_cast<std::uint32_t>(row_and_code >> 32);
    const std::span<double> block = change(layout, tables_[table], row, static_cast<std::uint32_t>(row_and_code));
    const auto& boards = plan.leaderboards();
    for (std::size_t b = 0; b < boards.size(); ++b) {
        if (boards[b].table == table) leaders_[b].remove(row, Leaders::key_of(layout, boards[b].slot, block));
    }
    apply_pending(layout, block, pending, static_cast<double>(time));
    for (std::size_t b = 0; b < boards.size(); ++b) {
        if (boards[b].table == table) leaders_[b].insert(row, Leaders::key_of(layout, boards[b].slot, block));
    }
    tables_[table].changed = static_cast<double>(time);
}

std::span<double> SharedState::change(const StateTable& layout, Table& table, std::uint32_t row, std::uint32_t code) {
    auto& chunks = table.chunks;
    const std::size_t at = row / kRowsPerChunk;
    if (at >= chunks.size()) chunks.resize(at + 1);
    auto& chunk = chunks[at];
    const bool paired = layout.owner == Owner::ItemByUserAttribute;
    if (!chunk) {
        chunk = std::make_shared<Chunk>();
        if (!paired) chunk->blocks.resize(kRowsPerChunk * layout.stride());
        chunk->version = version_;
    } else if (chunk->version != version_) {
        chunk = std::make_shared<Chunk>(*chunk);
        chunk->version = version_;
    }
    if (paired) return chunk->paired.find_or_add(paired_code(row, code), layout.stride());
    return std::span(chunk->blocks).subspan(row % kRowsPerChunk * layout.stride(), layout.stride());
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
        tables_[t].changed = in.take<double>();
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
    chunk->blocks = in.take_all<double>();
    chunk->paired = CodeTable::load(layout.stride(), in);
    const bool paired = layout.owner == Owner::ItemByUserAttribute;
    if (chunk->blocks.size() != (paired ? 0 : kRowsPerChunk * layout.stride())) in.fail();
    if (!in.ok()) chunk.reset();
}

std::size_t SharedState::bytes() const noexcept {
    std::size_t bytes = sizeof(*this);
    for (const auto& leaders : leaders_) bytes += sizeof(leaders) + leaders.bytes();
    for (const auto& table : tables_) {
        bytes += sizeof(table) + table.chunks.capacity() * sizeof(table.chunks[0]);
        for (const auto& chunk : table.chunks) {
            if (!chunk) continue;
            bytes += sizeof(Chunk) + chunk->blocks.capacity() * sizeof(double) + chunk->paired.bytes();
        }
    }
    return bytes;
}

}  // namespace shortlist::features
