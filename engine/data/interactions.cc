#include "engine/data/interactions.h"

#include <algorithm>

namespace shortlist::data {

namespace {

// Appends each of the sorted row once, and how often it stands there as its weight.
void append_distinct(std::span<const ItemRow> row, float weight_max, Interactions& out) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == 0 || row[i] != row[i - 1]) {
            out.items.push_back(row[i]);
            out.weights.push_back(1.0F);
        } else {
            out.weights.back() = std::min(out.weights.back() + 1.0F, weight_max);
        }
    }
    out.offsets.push_back(out.items.size());
}

}  // namespace

Interactions collect_interactions(const MarkedEvents& log, std::size_t signal, std::size_t users, std::size_t items, float weight_max) {
    const auto counts = [&log, wanted = SignalMask{1} << signal](std::size_t event) { return (log.masks[event] & wanted) != 0; };
    std::vector<std::uint64_t> starts(users + 1, 0);
    for (std::size_t i = log.begin; i < log.end; ++i) {
        if (counts(i)) ++starts[log.events.user[i] + 1];
    }
    for (std::size_t u = 0; u < users; ++u) starts[u + 1] += starts[u];
    std::vector<ItemRow> chosen(starts[users]);
    std::vector<std::uint64_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = log.begin; i < log.end; ++i) {
        if (counts(i)) chosen[next[log.events.user[i]]++] = log.events.item[i];
    }
    Interactions out;
    out.users = users;
    out.item_count = items;
    out.offsets.reserve(users + 1);
    for (std::size_t u = 0; u < users; ++u) {
        const std::span<ItemRow> row(chosen.data() + starts[u], starts[u + 1] - starts[u]);
        std::sort(row.begin(), row.end());
        append_distinct(row, weight_max, out);
    }
    return out;
}

Interactions transpose(const Interactions& interactions) {
    Interactions out;
    out.users = interactions.item_count;
    out.item_count = interactions.users;
    out.offsets.assign(out.users + 1, 0);
    for (const ItemRow item : interactions.items) ++out.offsets[item + 1];
    for (std::size_t i = 0; i < out.users; ++i) out.offsets[i + 1] += out.offsets[i];
    out.items.resize(interactions.items.size());
    out.weights.resize(interactions.items.size());
    std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
    for (std::size_t u = 0; u < interactions.users; ++u) {
        for (std::uint64_t k = interactions.offsets[u]; k < interactions.offsets[u + 1]; ++k) {
            const std::uint64_t at = next[interactions.items[k]]++;
            out.items[at] = static_cast<ItemRow>(u);
            out.weights[at] = interactions.weights[k];
        }
    }
    return out;
}

}  // namespace shortlist::data
