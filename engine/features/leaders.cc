#include "engine/features/leaders.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace shortlist::features {
namespace {

bool ahead(const Leaders::Leader& a, const Leaders::Leader& b) noexcept { return a.key != b.key ? a.key > b.key : a.row < b.row; }

}  // namespace

void Leaders::update(std::uint32_t row, double before, double after) {
    const Leader grown{after, row};
    const auto held = std::lower_bound(best_.begin(), best_.end(), Leader{before, row}, ahead);
    if (held == best_.end() || held->row != row) return insert(grown);
    if (std::isinf(after)) {
        best_.erase(held);
    } else if (after >= before) {
        const auto place = std::lower_bound(best_.begin(), held, grown, ahead);
        std::move_backward(place, held, held + 1);
        *place = grown;
    } else {
        const auto place = std::lower_bound(held + 1, best_.end(), grown, ahead);
        *std::move(held + 1, place, held) = grown;
    }
}

void Leaders::insert(const Leader& grown) {
    if (std::isinf(grown.key) || (best_.size() == most_ && !ahead(grown, best_.back()))) return;
    if (best_.size() == most_) best_.pop_back();
    best_.insert(std::lower_bound(best_.begin(), best_.end(), grown, ahead), grown);
}

void Leaders::save(base::ByteWriter& out) const {
    out.put(std::uint64_t{best_.size()});
    for (const auto& leader : best_) {
        out.put(leader.key);
        out.put(leader.row);
    }
}

void Leaders::load(std::size_t rows, base::ByteReader& in) {
    best_.resize(in.take_count(sizeof(Leader::key) + sizeof(Leader::row)));
    for (auto& leader : best_) leader = {in.take<double>(), in.take<std::uint32_t>()};
    const bool known = std::ranges::all_of(best_, [rows](const Leader& leader) { return leader.row < rows && !std::isnan(leader.key); });
    if (!known || best_.size() > most_ || !std::ranges::is_sorted(best_, ahead)) in.fail();
    if (!in.ok()) best_.clear();
}

}  // namespace shortlist::features
