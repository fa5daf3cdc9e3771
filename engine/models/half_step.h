/// The least-squares problem behind implicit-feedback factorisation: one user's vector given the items', or the reverse.
/// Training solves it for everyone, serving for the user who asks, with this one code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/threads.h"
#include "engine/kernels/aligned.h"

namespace shortlist::models {

/// A vector x with n observed partners among N solves
///     (sum over observed of w y y^T  +  unobserved_weight * Y^T Y  +  penalty(n, N) * I) x = sum over observed of w y
///     penalty(n, N) = regularization * max(n, 1) ^ frequency_exponent, or with count_unobserved
///     penalty(n, N) = regularization * (n + unobserved_weight * N) ^ frequency_exponent
/// where y are the partners' vectors and w the weights of the interactions.
/// Source  The first is the weighted regularisation of Zhou, Wilkinson, Schreiber and Pan, AAIM 2008; the second that of Rendle,
///         Krichene, Zhang and Koren, "Revisiting the performance of iALS on item recommendation benchmarks", RecSys 2022.
struct FactorizationRule {
    double unobserved_weight = 0.03;
    double regularization = 0.05;
    double frequency_exponent = 1.0;
    bool count_unobserved = false;

    [[nodiscard]] double penalty(std::size_t observed, std::size_t partners) const noexcept;
    friend bool operator==(const FactorizationRule&, const FactorizationRule&) = default;
};

/// Those on the other side of the problem: what they are, and weight * Y^T Y of them (scaled_gram). Both must live on.
struct Partners {
    std::span<const float> vectors;  ///< Shape (count, dimension), row-major.
    std::span<const float> gram;     ///< Shape (W, W), W = kernels::padded_width(dimension).
    std::size_t dimension = 0;

    [[nodiscard]] std::size_t count() const noexcept { return vectors.size() / dimension; }
};

/// What was observed of one x.
struct Observed {
    std::span<const std::uint32_t> rows;        ///< Partners, each below Partners::count().
    std::span<const float> weights;             ///< One for each of `rows`, positive; empty means 1.
    std::span<const std::uint32_t> upcoming{};  ///< Rows that the next build will want, a hint to the caches.
};

/// Builds the system of one x, and keeps the memory for it. One thread at a time.
class HalfStep {
public:
    /// Writes the left side, shape (W, W), upper half, and the right side, shape (W,), as kernels::solve_systems takes them.
    /// Cost O(observed.rows x W^2 / 2).
    void build(const Partners& partners, const FactorizationRule& rule, const Observed& observed, std::span<float> left, std::span<float> right);

private:
    kernels::AlignedVector<float> packed_;
};

/// weight * Y^T Y of `vectors`, shape (rows, dimension): shape (W, W), upper half, zeros where it is padded. Equal bits for any
/// number of threads: the rows are cut into a fixed number of parts, which are added in order.
/// Cost O(rows x W^2 / 2) time, 64 W^2 floats.
[[nodiscard]] kernels::AlignedVector<float> scaled_gram(std::span<const float> vectors, std::size_t dimension, double weight, ThreadPool& pool);

}  // namespace shortlist::models
