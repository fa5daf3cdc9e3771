/// A matrix factorisation as it is served: one vector an item, and what it takes to solve a user's vector from what they
/// chose. Users are not stored: a click counts at the next request, and a new user is no special case.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/kernels/aligned.h"
#include "engine/models/half_step.h"

namespace shortlist::models {

/// Immutable; any number of threads may call, each with a scratch of its own. Memory: 4 bytes a value of item_factors().
class Factorization {
public:
    static constexpr std::size_t kEmbeddingSizeMax = 512;

    struct Scratch {
        HalfStep half_step;
        kernels::AlignedVector<float> left, right;
    };

    /// item_factors: shape (items, embedding_size), row-major. gram: scaled_gram() of them with rule.unobserved_weight.
    /// Errors: InvalidArgument for an embedding size outside [1, 512], sizes that do not fit, values that are not finite, or a rule
    /// whose penalty is not positive.
    static Result<Factorization> create(kernels::AlignedVector<float> item_factors, std::size_t embedding_size, kernels::AlignedVector<float> gram,
                                        FactorizationRule rule);

    [[nodiscard]] std::size_t items() const noexcept { return item_factors_.size() / embedding_size_; }
    [[nodiscard]] std::size_t embedding_size() const noexcept { return embedding_size_; }
    [[nodiscard]] const FactorizationRule& rule() const noexcept { return rule_; }
    /// Shape (items(), embedding_size()), row-major.
    [[nodiscard]] std::span<const float> item_factors() const noexcept { return item_factors_; }
    /// Requires item < items().
    [[nodiscard]] std::span<const float> item_factor(ItemRow item) const noexcept {
        return item_factors().subspan(item * embedding_size_, embedding_size_);
    }

    /// Solves the vector of a user who chose `items` (each below items(), distinct) with `weights` (positive): bit for bit what a
    /// half step of training gives for them in the same order. Zeros without items. Returns false, and gives zeros, where fp32
    /// cannot solve the system. The score of an item is kernels::dot of the two vectors. user_vector: shape (embedding_size(),).
    /// Cost O(items x d^2 / 2 + d^3 / 6); at d = 64 and 50 items some 10 us on AVX-512. No allocation after the first calls.
    bool fold_in(std::span<const ItemRow> items, std::span<const float> weights, Scratch& scratch, std::span<float> user_vector) const;

    /// One file: "SLFACTOR", version 1 (uint32), embedding size (uint32), items (uint64), the rule (three float64: unobserved weight,
    /// regularization, frequency exponent; count_unobserved as uint32 0 or 1), the item factors and the upper half of the Gram matrix,
    /// row by row (float32). Little-endian.
    /// Errors: Unavailable.
    [[nodiscard]] Status save(const std::filesystem::path& path) const;
    /// Errors: NotFound; DataLoss for a damaged file; FailedPrecondition for a newer version.
    static Result<Factorization> load(const std::filesystem::path& path);
    /// load() of the bytes of a file; `name` stands in errors. Hostile until checked: every count is bounded by the bytes there are.
    static Result<Factorization> parse(std::string bytes, std::string name);

private:
    Factorization() = default;

    kernels::AlignedVector<float> item_factors_;
    kernels::AlignedVector<float> gram_;  // shape (W, W), zeros where it is padded
    std::size_t embedding_size_ = 1;
    FactorizationRule rule_;
};

}  // namespace shortlist::models
