#include "engine/features/leaders.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace shortlist::features {
namespace {

bool ahead(const Leaders::Leader& a, const Leaders::Leader& b) noexcept { return a.key != b.key ? a.key > b.key : a.row < b.row; }

}  // namespace

double Leaders::key_of(const StateTable& table, std::size_t slot, std::span<const double> block) noexcept {
    const double count = block[table.count_at(slot)];
    return count > 0.0 ? std::log2(count) + block[0] * table.counts[slot].decay : -std::numeric_limits<double>::infinity();
}

void Leaders::remove(std::uint32_t row, double key) {
    const auto found = std::lower_bound(best_.begin(), best_.end(), Leader{key, row}, ahead);
    if (found != best_.end() && found->row == row) best_.erase(found);
}

void Leaders::insert(std::uint32_t row, double key) {
    const Leader grown{key, row};
    if (std::isinf(key) || (best_.size() == most_ && !ahead(grown, best_.back()))) return;
    if (best_.size() == most_) best_.pop_back();
    best_.insert(std::lower_bound(best_.begin(), best_.end(), grown, ahead), grown);
}

}  // namespace shortlist::features
