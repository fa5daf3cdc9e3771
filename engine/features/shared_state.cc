#include "engine/features/shared_state.h"

namespace shortlist::features {

std::span<const double> SharedState::block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept {
    const Chunks& chunks = tables_[table];
    const std::size_t at = row / kRowsPerChunk;
    if (at >= chunks.size() || !chunks[at]) return {};
    const StateTable& layout = plan.tables()[table];
    const std::size_t within = row % kRowsPerChunk;
    if (layout.owner == Owner::ItemByUserAttribute) return chunks[at]->tables[within].find(code, layout.stride());
    return std::span<const double>(chunks[at]->blocks).subspan(within * layout.stride(), layout.stride());
}

SharedState SharedState::publish() {
    SharedState copy = *this;
    ++version_;
    return copy;
}

std::span<double> SharedState::change(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) {
    Chunks& chunks = tables_[table];
    const std::size_t at = row / kRowsPerChunk;
    if (at >= chunks.size()) chunks.resize(at + 1);
    auto& chunk = chunks[at];
    const StateTable& layout = plan.tables()[table];
    const bool paired = layout.owner == Owner::ItemByUserAttribute;
    if (!chunk) {
        chunk = std::make_shared<Chunk>();
        if (paired) {
            chunk->tables.resize(kRowsPerChunk);
        } else {
            chunk->blocks.resize(kRowsPerChunk * layout.stride());
        }
        chunk->version = version_;
    } else if (chunk->version != version_) {
        chunk = std::make_shared<Chunk>(*chunk);
        chunk->version = version_;
    }
    const std::size_t within = row % kRowsPerChunk;
    if (paired) return chunk->tables[within].find_or_add(code, layout.stride());
    return std::span(chunk->blocks).subspan(within * layout.stride(), layout.stride());
}

std::size_t SharedState::bytes() const noexcept {
    std::size_t bytes = sizeof(*this);
    for (const auto& chunks : tables_) {
        bytes += chunks.capacity() * sizeof(chunks[0]);
        for (const auto& chunk : chunks) {
            if (!chunk) continue;
            bytes += sizeof(Chunk) + chunk->blocks.capacity() * sizeof(double);
            for (const auto& table : chunk->tables) bytes += sizeof(table) + table.bytes();
        }
    }
    return bytes;
}

}  // namespace shortlist::features
