#include "engine/kernels/top_k.h"

#include <algorithm>

#include "engine/base/check.h"

namespace shortlist::kernels {

void TopK::start(std::size_t k, float floor) {
    SHORTLIST_CHECK(k >= 1);
    k_ = k;
    count_ = 0;
    threshold_ = floor;
    // Measured on 1M x 64, k 600: 2k + 1024 trims a few times a scan; a longer buffer leaves the first-level cache.
    buffer_.resize(2 * k + 1024);
}

void TopK::trim() {
    if (count_ <= k_) return;
    const auto kth = buffer_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(buffer_.begin(), kth, buffer_.begin() + static_cast<std::ptrdiff_t>(count_), better);
    count_ = k_;
    threshold_ = std::max(threshold_, kth->score);
}

std::span<Scored> TopK::best_unsorted() {
    trim();
    return std::span(buffer_).first(count_);
}

std::span<Scored> TopK::best() {
    const auto kept = best_unsorted();
    std::sort(kept.begin(), kept.end(), better);
    return kept;
}

}  // namespace shortlist::kernels
