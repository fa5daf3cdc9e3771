#include "engine/eval/list_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/check.h"

namespace shortlist::eval {
namespace {

double pairs(double count) { return 0.5 * count * (count - 1.0); }

}  // namespace

// The sum of all cosines is the squared length of the sum of unit vectors: pairs need not be visited one by one.
double intra_list_distance(std::span<const float> embeddings, std::size_t width) {
    SHORTLIST_CHECK(width > 0 && embeddings.size() % width == 0, embeddings.size(), width);
    const std::size_t count = embeddings.size() / width;
    if (count < 2) return 0.0;
    std::vector<double> sum(width, 0.0);
    double units = 0.0;
    for (std::size_t row = 0; row < count; ++row) {
        const auto embedding = embeddings.subspan(row * width, width);
        double squares = 0.0;
        for (const float value : embedding) squares += static_cast<double>(value) * value;
        if (squares == 0.0) continue;
        units += 1.0;
        for (std::size_t d = 0; d < width; ++d) sum[d] += embedding[d] / std::sqrt(squares);
    }
    const double squared = std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0);
    return 1.0 - 0.5 * (squared - units) / pairs(static_cast<double>(count));
}

double intra_list_mismatch(std::span<const std::uint32_t> categories) {
    if (categories.size() < 2) return 0.0;
    std::vector<std::uint32_t> sorted(categories.begin(), categories.end());
    std::sort(sorted.begin(), sorted.end());
    double same = 0.0;
    for (auto begin = sorted.begin(); begin != sorted.end();) {
        const auto end = std::upper_bound(begin, sorted.end(), *begin);
        same += pairs(static_cast<double>(end - begin));
        begin = end;
    }
    return 1.0 - same / pairs(static_cast<double>(sorted.size()));
}

std::vector<double> self_information(std::span<const double> counts) {
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0) + static_cast<double>(counts.size());
    std::vector<double> bits;
    bits.reserve(counts.size());
    for (const double count : counts) bits.push_back(-std::log2((count + 1.0) / total));
    return bits;
}

double novelty(std::span<const ItemRow> served, std::span<const double> bits) {
    if (served.empty()) return 0.0;
    double sum = 0.0;
    for (const ItemRow item : served) sum += bits[item];
    return sum / static_cast<double>(served.size());
}

std::vector<std::uint8_t> popular_head(std::span<const double> counts, double fraction) {
    std::vector<ItemRow> order(counts.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](ItemRow a, ItemRow b) { return counts[a] > counts[b]; });
    const auto size = static_cast<std::size_t>(std::floor(fraction * static_cast<double>(counts.size())));
    std::vector<std::uint8_t> head(counts.size(), 0);
    for (std::size_t rank = 0; rank < std::min(std::max<std::size_t>(size, 1), order.size()); ++rank) head[order[rank]] = 1;
    return head;
}

double popularity_share(std::span<const ItemRow> served, std::span<const std::uint8_t> head) {
    if (served.empty()) return 0.0;
    const auto popular = std::count_if(served.begin(), served.end(), [&](ItemRow item) { return head[item] != 0; });
    return static_cast<double>(popular) / static_cast<double>(served.size());
}

}  // namespace shortlist::eval
