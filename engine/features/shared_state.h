/// What the fold knows of items, their attributes and the whole: it changes only at ticks, and what a request pinned never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/features/code_table.h"
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
    /// The block of (row, code) in a shared table, or an empty span. `code` counts only for Owner::ItemByUserAttribute.
    [[nodiscard]] std::span<const double> block(const FeaturePlan& plan, std::size_t table, std::uint32_t row, std::uint32_t code) const noexcept;

    /// The items of greatest count of a leaderboard of the plan, best first.
    [[nodiscard]] std::span<const Leaders::Leader> leaders(std::size_t leaderboard) const noexcept { return leaders_[leaderboard].best(); }
    /// When anything in a table last changed, in microseconds; 0 while nothing has.
    [[nodiscard]] double changed(std::size_t table) const noexcept { return tables_[table].changed; }

    /// A copy that no later change reaches.
    [[nodiscard]] SharedState publish();
    /// Brings the block of (row, code) to the tick at `time` and adds what is pending for it.
    void add(const FeaturePlan& plan, std::size_t table, std::uint64_t row_and_code, std::span<const double> pending, TimeUs time);
    void set_tick_time(TimeUs time) noexcept { tick_time_ = time; }

    /// The state as bytes, and back into one that is new. `rows`: by table, how many rows it can have; bytes that no such state gives
    /// fail the reader.
    void save(base::ByteWriter& out) const;
    void load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept;

    static constexpr std::size_t kRowsPerChunk = 64;
    /// Codes of Owner::ItemByUserAttribute lie below this: not even 2^26 - 1 values of one attribute of the users are to be expected.
    static constexpr std::uint32_t kPairedCodesMax = ~std::uint32_t{0} / kRowsPerChunk;

private:
    struct Chunk {
        std::uint64_t version = 0;      // equal to the state's: no published copy holds this chunk
        std::vector<double> blocks;  // plain owners: one block a row
        CodeTable paired;            // Owner::ItemByUserAttribute: the blocks of all its rows, by paired_code()
    };
    struct Table {
        std::vector<std::shared_ptr<Chunk>> chunks;
        double changed = 0;
    };
    void load_chunk(const StateTable& layout, std::shared_ptr<Chunk>& chunk, base::ByteReader& in) const;
    [[nodiscard]] static std::uint32_t paired_code(std::uint32_t row, std::uint32_t code) noexcept;
    [[nodiscard]] std::span<double> change(const StateTable& layout, Table& table, std::uint32_t row, std::uint32_t code);

    TimeUs tick_time_ = 0;
    std::uint64_t version_ = 0;
    std::vector<Table> tables_;
    std::vector<Leaders> leaders_;  // by leaderboard
};

}  // namespace shortlist::features
