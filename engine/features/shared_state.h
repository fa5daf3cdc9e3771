/// What the fold knows of items, their attributes and the whole: it changes only at ticks, and what a request pinned never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/features/block_list.h"
#include "engine/features/block_view.h"
#include "engine/features/leaders.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// One thread changes it; what publish() gave may be read by any number of threads. Publishing costs one pointer for every
/// kRowsPerChunk rows, and each chunk is copied at its first change thereafter.
class SharedState {
public:
    explicit SharedState(const FeaturePlan& plan);

    /// When the last tick was: counts read at this time.
    [[nodiscard]] TimeUs tick_time() const noexcept { return tick_time_; }
    /// The block of (row, code) in a shared table, or an empty one. `code` counts only in paired tables.
    [[nodiscard]] BlockView block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept;

    /// The items of greatest count of a leaderboard of the plan, best first.
    [[nodiscard]] std::span<const Leaders::Leader> leaders(std::size_t leaderboard) const noexcept { return leaders_[leaderboard].best(); }
    /// Second at which anything in a table was last counted; 0 while nothing was.
    [[nodiscard]] std::uint32_t changed(std::size_t table) const noexcept { return tables_[table].changed; }

    /// A copy that no later change reaches.
    [[nodiscard]] SharedState publish();
    /// Adds what is pending for the block of (row, code). `now`: the counting_moment() of the tick.
    void add(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::span<const std::uint32_t> pending, const DecayMoment& now);
    /// Brings near what add() will touch: first where a chunk has its blocks, and once that is there, the block.
    void prefetch_chunk(std::size_t table, std::uint64_t row_and_code) const noexcept;
    void prefetch_block(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code) const noexcept;
    /// Takes what has left its window off a count.
    void take_off(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::size_t slot, std::uint32_t count);
    void set_tick_time(TimeUs time) noexcept { tick_time_ = time; }

    /// Whether row << 32 | code can be a key of a shared table with so many rows.
    [[nodiscard]] static bool is_key(const StateTable& layout, std::uint64_t row_and_code, std::size_t rows) noexcept;
    /// The state as bytes, and back into one that is new. `rows`: by table, how many rows it can have; bytes that no such state gives
    /// fail the reader.
    void save(base::ByteWriter& out) const;
    void load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept;

    static constexpr std::size_t kRowsPerChunk = 64;
    /// Codes in paired tables lie below this: not even 2^26 - 1 values of one attribute are to be expected.
    static constexpr std::uint32_t kPairedCodesMax = ~std::uint32_t{0} / kRowsPerChunk;

private:
    struct Chunk {
        std::uint64_t version = 0;           // equal to the state's: no published copy holds this chunk
        std::vector<std::uint64_t> blocks;   // one block a row
        BlockList paired;                    // of a paired table: the blocks of all its rows, by paired_code()
    };
    struct Table {
        std::vector<std::shared_ptr<Chunk>> chunks;
        std::uint32_t changed = 0;
    };
    void load_chunk(const StateTable& layout, std::shared_ptr<Chunk>& chunk, base::ByteReader& in) const;
    [[nodiscard]] static std::uint32_t paired_code(std::uint64_t row_and_code) noexcept;
    [[nodiscard]] Chunk& chunk_for_change(const StateTable& layout, Table& table, std::uint64_t row_and_code) const;
    struct Row {
        std::uint32_t number = 0;
        std::span<std::uint64_t> block;
    };
    [[nodiscard]] static Row row_of(const StateTable& layout, Chunk& chunk, std::uint64_t row_and_code) noexcept;
    void add_to_row(const FeaturePlan& plan, std::size_t table, const Row& row, std::span<const std::uint32_t> pending, const DecayMoment& now);

    TimeUs tick_time_ = 0;
    std::uint64_t version_ = 0;
    std::vector<Table> tables_;
    std::vector<Leaders> leaders_;  // by leaderboard
};

}  // namespace shortlist::features
