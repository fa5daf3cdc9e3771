/// The k best of many scores, in a total order: higher score first, then the lower row. A score that is NaN is never kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "engine/kernels/aligned.h"

namespace shortlist::kernels {

struct Scored {
    float score;
    std::uint32_t row;
    friend bool operator==(const Scored&, const Scored&) = default;
};

/// The order of every ranked list; scores must not be NaN.
[[nodiscard]] constexpr bool better(const Scored& a, const Scored& b) noexcept { return a.score != b.score ? a.score > b.score : a.row < b.row; }

/// Collects candidates in a buffer several times k long; when it is full, nth_element keeps the k best and the worst of
/// them becomes the threshold. Costs O(1) amortised an offer, and one compare for most of them. One thread at a time;
/// memory is kept between uses.
class TopK {
public:
    /// Forgets all and keeps the k best from now on, k >= 1. Scores below `floor` are dropped.
    void start(std::size_t k, float floor = -std::numeric_limits<float>::infinity());

    void offer(Scored candidate) {
        if (!(candidate.score >= threshold_)) return;  // false for NaN, too
        buffer_[count_++] = candidate;
        if (count_ == buffer_.size()) trim();
    }

    /// Lower scores cannot be among the k best.
    [[nodiscard]] float threshold() const noexcept { return threshold_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// For kernels that write candidates themselves (no NaN): where to, and how many were written. Calls of appended()
    /// leave room for at least kRoom more.
    static constexpr std::size_t kRoom = 64;
    [[nodiscard]] std::span<Scored> room() noexcept { return std::span(buffer_).subspan(count_); }
    void appended(std::size_t count) {
        count_ += count;
        if (buffer_.size() - count_ < kRoom) trim();
    }

    /// The kept candidates in any order, at most k; they may be rescored in place. Valid until the next call.
    [[nodiscard]] std::span<Scored> best_unsorted();
    /// The same, best first.
    [[nodiscard]] std::span<Scored> best();

private:
    void trim();

    AlignedVector<Scored> buffer_;
    std::size_t k_ = 0;
    std::size_t count_ = 0;
    float threshold_ = 0;
};

}  // namespace shortlist::kernels
