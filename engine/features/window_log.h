/// Sliding windows of shared counts, exact to the tick: what each tick added is remembered until it has left the longest window, and is
/// taken off a count again when it leaves that count's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/base/byte_stream.h"
#include "engine/features/plan.h"
#include "engine/features/shared_state.h"

namespace shortlist::features {

/// Cost: 8 + 4 x windows bytes for each row that a tick counts in, for as long as the longest window. One thread at a time.
class WindowLog {
public:
    explicit WindowLog(const FeaturePlan& plan);

    /// A tick at `second` added `pending` (see PendingIncrements) to a row of `table`. Ticks come in their order.
    void add(std::size_t table, std::uint64_t row_and_code, std::span<const std::uint32_t> pending, std::uint32_t second);
    /// Takes off what is, at the tick `second`, no longer within a window: what was added at a tick of at least a window before.
    void expire(const FeaturePlan& plan, SharedState& state, std::uint32_t second);

    /// The log as bytes, and back into one that is new; `rows` as for SharedState::load().
    void save(base::ByteWriter& out) const;
    void load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in);
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    struct Batch {
        std::uint32_t second = 0;
        std::vector<std::uint64_t> keys;
        std::vector<std::uint32_t> counts;  // of each key, by window
    };
    struct Window {
        std::size_t slot = 0;
        std::uint32_t seconds = 0;
        std::uint64_t next = 0;  // sequence of the first batch that it still holds
    };
    struct Table {
        std::vector<Window> windows;
        std::deque<Batch> batches;
        std::uint64_t first = 0;  // sequence of the first batch
    };
    static void load_table(const StateTable& layout, std::size_t rows, Table& table, base::ByteReader& in);
    void take_off(const FeaturePlan& plan, SharedState& state, std::size_t table, const Batch& batch, std::size_t window) const;

    std::vector<Table> tables_;
};

}  // namespace shortlist::features
