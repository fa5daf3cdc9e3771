#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "engine/data/event_order_internal.h"

namespace shortlist::data {

namespace {

/// Sorts positions by key, stably: eleven bits at a time from the lowest, leaving out digits in which all keys agree.
void radix_sort(std::vector<std::pair<std::uint64_t, std::uint32_t>>& keys) {
    if (keys.empty()) return;
    constexpr unsigned kBits = 11;
    constexpr std::size_t kBuckets = std::size_t{1} << kBits;
    std::uint64_t differing = 0;
    for (const auto& key : keys) differing |= key.first ^ keys.front().first;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> other(keys.size());
    for (unsigned shift = 0; shift < 64; shift += kBits) {
        if (((differing >> shift) & (kBuckets - 1)) == 0) continue;
        std::array<std::size_t, kBuckets> begins{};
        for (const auto& key : keys) ++begins[(key.first >> shift) & (kBuckets - 1)];
        std::exclusive_scan(begins.begin(), begins.end(), begins.begin(), std::size_t{0});
        for (const auto& key : keys) other[begins[(key.first >> shift) & (kBuckets - 1)]++] = key;
        keys.swap(other);
    }
}

}  // namespace

std::vector<std::uint32_t> order_by_time(const EventTable& events, std::vector<std::uint32_t> positions) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;
    keys.reserve(positions.size());
    for (const auto position : positions) keys.emplace_back(static_cast<std::uint64_t>(events.time[position]), position);
    radix_sort(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) positions[i] = keys[i].second;
    for (std::size_t first = 0; first < keys.size();) {
        std::size_t last = first + 1;
        while (last < keys.size() && keys[last].first == keys[first].first) ++last;
        std::sort(positions.begin() + static_cast<std::ptrdiff_t>(first), positions.begin() + static_cast<std::ptrdiff_t>(last),
                  [&events](std::uint32_t a, std::uint32_t b) { return events.id[a] < events.id[b]; });
        first = last;
    }
    return positions;
}

}  // namespace shortlist::data
