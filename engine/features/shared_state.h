/// What the fold knows of items, their attributes and the whole: it changes only at ticks, and what a request pinned never changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/features/code_table.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// One thread changes it; what publish() gave may be read by any number of threads. Publishing costs one pointer for every
/// 256 rows, and each chunk is copied at its first change thereafter.
class SharedState {
public:
    explicit SharedState(const FeaturePlan& plan) : tables_(plan.tables().size()) {}

    /// When the last tick was: counts read at this time.
    [[nodiscard]] TimeUs tick_time() const noexcept { return tick_time_; }
    /// The block of (row, code) in a shared table, or an empty span. `code` counts only for Owner::ItemByUserAttribute.
    [[nodiscard]] std::span<const double> block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept;

    /// Calls use(row, block) for each row below `rows` that has a block in a shared table of one block a row, in ascending order.
    template <class Use>
    void for_each_block(const FeaturePlan& plan, std::size_t table, std::size_t rows, Use use) const;

    /// A copy that no later change reaches.
    [[nodiscard]] SharedState publish();
    /// The block to change at a tick.
    [[nodiscard]] std::span<double> change(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code);
    void set_tick_time(TimeUs time) noexcept { tick_time_ = time; }
    [[nodiscard]] std::size_t bytes() const noexcept;

    static constexpr std::size_t kRowsPerChunk = 256;

private:
    struct Chunk {
        std::uint64_t version = 0;      // equal to the state's: no published copy holds this chunk
        std::vector<double> blocks;     // plain owners: one block a row
        std::vector<CodeTable> tables;  // Owner::ItemByUserAttribute: one table a row
    };
    using Chunks = std::vector<std::shared_ptr<Chunk>>;

    TimeUs tick_time_ = 0;
    std::uint64_t version_ = 0;
    std::vector<Chunks> tables_;
};

template <class Use>
void SharedState::for_each_block(const FeaturePlan& plan, std::size_t table, std::size_t rows, Use use) const {
    const Chunks& chunks = tables_[table];
    const std::size_t stride = plan.tables()[table].stride();
    for (std::size_t at = 0; at < chunks.size() && at * kRowsPerChunk < rows; ++at) {
        if (!chunks[at]) continue;
        const std::span<const double> blocks = chunks[at]->blocks;
        const std::size_t count = std::min(kRowsPerChunk, rows - at * kRowsPerChunk);
        for (std::size_t r = 0; r < count; ++r) use(static_cast<std::uint32_t>(at * kRowsPerChunk + r), blocks.subspan(r * stride, stride));
    }
}

}  // namespace shortlist::features
