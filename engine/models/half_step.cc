#include "engine/models/half_step.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/kernels/linear_systems.h"

namespace shortlist::models {

namespace {

constexpr std::size_t kGramParts = 64;

void add_gram_of_rows(std::span<const float> vectors, std::size_t dimension, std::size_t begin, std::size_t end, std::span<float> out) {
    const std::size_t width = kernels::padded_width(dimension);
    std::vector<std::uint32_t> rows(end - begin);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
    kernels::AlignedVector<float> unused_right(width);
    kernels::AlignedVector<float> packed(kernels::gather_size(width));
    kernels::add_outer_products({vectors, dimension, rows, {}}, out, unused_right, packed);
}

}  // namespace

double FactorizationRule::penalty(std::size_t observed, std::size_t partners) const noexcept {
    const double frequency = count_unobserved ? static_cast<double>(observed) + unobserved_weight * static_cast<double>(partners)
                                              : static_cast<double>(std::max<std::size_t>(observed, 1));
    return regularization * std::pow(frequency, frequency_exponent);
}

void HalfStep::build(const Partners& partners, const FactorizationRule& rule, const Observed& observed, std::span<float> left,
                     std::span<float> right) {
    const std::size_t width = kernels::padded_width(partners.dimension);
    std::fill(right.begin(), right.end(), 0.0F);
    packed_.resize(kernels::gather_size(width));
    std::copy(partners.gram.begin(), partners.gram.end(), left.begin());
    const auto penalty = static_cast<float>(rule.penalty(observed.rows.size(), partners.count()));
    for (std::size_t i = 0; i < width; ++i) left[i * width + i] += penalty;
    kernels::add_outer_products({partners.vectors, partners.dimension, observed.rows, observed.weights, observed.upcoming}, left, right, packed_);
}

kernels::AlignedVector<float> scaled_gram(std::span<const float> vectors, std::size_t dimension, double weight, ThreadPool& pool) {
    const std::size_t width = kernels::padded_width(dimension);
    const std::size_t rows = vectors.size() / dimension;
    kernels::AlignedVector<float> parts(kGramParts * width * width, 0.0F);
    pool.parallel_for(kGramParts, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t part = begin; part < end; ++part) {
            const auto out = std::span(parts).subspan(part * width * width, width * width);
            add_gram_of_rows(vectors, dimension, part * rows / kGramParts, (part + 1) * rows / kGramParts, out);
        }
    });
    kernels::AlignedVector<float> gram(width * width);
    for (std::size_t i = 0; i < gram.size(); ++i) {
        double sum = 0;
        for (std::size_t part = 0; part < kGramParts; ++part) sum += parts[part * gram.size() + i];
        gram[i] = static_cast<float>(weight * sum);
    }
    return gram;
}

}  // namespace shortlist::models
