#include "engine/features/window_log.h"

#include <algorithm>
#include <utility>

namespace shortlist::features {

WindowLog::WindowLog(const FeaturePlan& plan) : tables_(plan.tables().size()) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        const auto& counts = plan.tables()[t].counts;
        for (std::size_t s = 0; s < counts.size(); ++s) {
            if (counts[s].window > 0) tables_[t].windows.push_back({s, counts[s].window, 0});
        }
    }
}

void WindowLog::add(std::size_t t, std::uint64_t row_and_code, std::span<const std::uint32_t> pending, std::uint32_t second) {
    Table& table = tables_[t];
    const bool counted = std::ranges::any_of(table.windows, [&](const Window& window) { return pending[window.slot] > 0; });
    if (!counted) return;
    if (table.batches.empty() || table.batches.back().second != second) table.batches.push_back({second, {}, {}});
    Batch& batch = table.batches.back();
    batch.keys.push_back(row_and_code);
    for (const Window& window : table.windows) batch.counts.push_back(pending[window.slot]);
}

void WindowLog::take_off(const FeaturePlan& plan, SharedState& state, std::size_t t, const Batch& batch, std::size_t window) const {
    const Table& log = tables_[t];
    const std::size_t windows = log.windows.size();
    for (std::size_t k = 0; k < batch.keys.size(); ++k) {
        const std::uint32_t count = batch.counts[k * windows + window];
        if (count > 0) state.take_off(plan, t, batch.keys[k], log.windows[window].slot, count);
    }
}

void WindowLog::expire(const FeaturePlan& plan, SharedState& state, std::uint32_t second) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        Table& table = tables_[t];
        std::uint64_t held = table.first + table.batches.size();
        for (std::size_t w = 0; w < table.windows.size(); ++w) {
            Window& window = table.windows[w];
            for (; window.next < table.first + table.batches.size(); ++window.next) {
                const Batch& batch = table.batches[window.next - table.first];
                if (std::uint64_t{batch.second} + window.seconds > second) break;
                take_off(plan, state, t, batch, w);
            }
            held = std::min(held, window.next);
        }
        for (; table.first < held; ++table.first) table.batches.pop_front();
    }
}

// How far each window has come is told by what is left, so that equal logs give equal bytes.
void WindowLog::save(base::ByteWriter& out) const {
    for (const auto& table : tables_) {
        out.put(std::uint64_t{table.batches.size()});
        for (const auto& window : table.windows) out.put(window.next - table.first);
        for (const auto& batch : table.batches) {
            out.put(batch.second);
            out.put_all(batch.keys);
            out.put_all(batch.counts);
        }
    }
}

void WindowLog::load(const FeaturePlan& plan, std::span<const std::size_t> rows, base::ByteReader& in) {
    for (std::size_t t = 0; t < tables_.size() && in.ok(); ++t) load_table(plan.tables()[t], rows[t], tables_[t], in);
}

void WindowLog::load_table(const StateTable& layout, std::size_t rows, Table& table, base::ByteReader& in) {
    constexpr std::size_t kLeastBytes = 20;  // of a batch: a second and two counts
    const std::size_t batches = in.take_count(kLeastBytes);
    for (auto& window : table.windows) {
        window.next = in.take<std::uint64_t>();
        if (window.next > batches) in.fail();
    }
    if (table.windows.empty() && batches > 0) in.fail();
    const auto known = [&](std::uint64_t key) { return SharedState::is_key(layout, key, rows); };
    for (std::size_t b = 0; b < batches && in.ok(); ++b) {
        Batch batch{in.take<std::uint32_t>(), in.take_all<std::uint64_t>(), in.take_all<std::uint32_t>()};
        if (batch.counts.size() != batch.keys.size() * table.windows.size() || !std::ranges::all_of(batch.keys, known)) in.fail();
        table.batches.push_back(std::move(batch));
    }
}

std::size_t WindowLog::bytes() const noexcept {
    std::size_t bytes = sizeof(*this);
    for (const auto& table : tables_) {
        bytes += sizeof(table);
        for (const auto& batch : table.batches) {
            bytes += sizeof(batch) + batch.keys.capacity() * sizeof(std::uint64_t) + batch.counts.capacity() * sizeof(std::uint32_t);
        }
    }
    return bytes;
}

}  // namespace shortlist::features
