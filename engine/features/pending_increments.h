/// What the next tick will add to shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/byte_stream.h"
#include "engine/features/plan.h"
#include "engine/features/shared_state.h"
#include "engine/features/window_log.h"

namespace shortlist::features {

/// Gathers it for any set of records: whole numbers, latest times and sketches, so that sets may be gathered apart, and in any order. One
/// thread at a time.
class PendingIncrements {
public:
    explicit PendingIncrements(const FeaturePlan& plan);

    /// The pending block of a table's row and value; `code` is kNoRow except in paired tables. The span holds until the next call.
    [[nodiscard]] std::span<std::uint32_t> at(std::size_t table, std::uint32_t row, std::uint32_t code);
    /// Moves everything into `state` at the tick `second`, tells `windows`, and starts anew.
    void apply(const FeaturePlan& plan, SharedState& state, WindowLog& windows, std::uint32_t second);

    [[nodiscard]] std::size_t bytes() const noexcept;
    /// What is pending in a table: keys (row << 32 | code) in the order of first touch, and the block of key `k`.
    [[nodiscard]] std::span<const std::uint64_t> keys(std::size_t table) const noexcept { return tables_[table].keys; }
    [[nodiscard]] std::span<const std::uint32_t> block(std::size_t table, std::size_t k) const noexcept;
    /// Starts anew.
    void clear();

    /// The increments as bytes, and back into ones that are new; `rows` as for SharedState::load().
    void save(base::ByteWriter& out) const;
    void load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in);

private:
    struct Table {
        std::size_t stride = 0;
        bool paired = false;
        std::vector<std::uint32_t> places;  // plain: by row, 1 + index into keys, 0 when untouched; paired: by key, the next of its bucket
        std::vector<std::uint32_t> heads;   // paired: by bucket, 1 + index into keys
        std::vector<std::uint64_t> keys;    // row << 32 | code, in order of first touch
        std::vector<std::uint32_t> blocks;
    };
    [[nodiscard]] static std::size_t place_of(Table& table, std::uint64_t key);
    [[nodiscard]] static std::size_t paired_place_of(Table& table, std::uint64_t key);
    static void clear(Table& table);

    std::vector<Table> tables_;
};

}  // namespace shortlist::features
