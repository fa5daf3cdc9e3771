#include "engine/ranking/mmr.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/base/check.h"
#include "engine/kernels/diversity.h"
#include "engine/kernels/dot.h"

namespace shortlist::ranking {

namespace {

constexpr std::size_t kLanes = 16;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// 1 / length, or 0 where there is no direction.
float inverse_length(std::span<const float> row) {
    const float square = kernels::dot(row, row);
    return std::isfinite(square) && square >= std::numeric_limits<float>::min() ? 1.0F / std::sqrt(square) : 0.0F;
}

// Sixteen rows at a time: they stay in the first-level cache, and what is written lies side by side.
void lay_out_columns(std::span<const float> embeddings, std::size_t rows, MmrScratch& scratch) {
    const std::size_t dimension = embeddings.size() / rows;
    const std::size_t stride = scratch.base.size();
    scratch.columns.assign(dimension * stride, 0.0F);
    scratch.chosen.resize(dimension);
    for (std::size_t first = 0; first < rows; first += kLanes) {
        const std::size_t count = std::min(kLanes, rows - first);
        std::array<float, kLanes> scales;
        for (std::size_t r = 0; r < count; ++r) scales[r] = inverse_length(embeddings.subspan((first + r) * dimension, dimension));
        for (std::size_t d = 0; d < dimension; ++d) {
            float* column = scratch.columns.data() + d * stride + first;
            for (std::size_t r = 0; r < count; ++r) {
                if (scales[r] != 0.0F) column[r] = embeddings[(first + r) * dimension + d] * scales[r];
            }
        }
    }
}

void measure_similarity(std::size_t pick, MmrScratch& scratch) {
    const std::size_t stride = scratch.base.size();
    for (std::size_t d = 0; d < scratch.chosen.size(); ++d) scratch.chosen[d] = scratch.columns[d * stride + pick];
    kernels::dot_columns(scratch.columns, scratch.chosen, scratch.similarity);
}

}  // namespace

void mmr(std::span<const float> relevance, std::span<const float> embeddings, float weight, MmrScratch& scratch, std::span<std::uint32_t> picks) {
    const std::size_t count = relevance.size();
    SHORTLIST_CHECK(picks.size() <= count && weight >= 0 && weight <= 1, picks.size(), count, weight);
    if (picks.empty()) return;
    SHORTLIST_CHECK(embeddings.size() % count == 0, embeddings.size(), count);
    const std::size_t padded = (count + kLanes - 1) / kLanes * kLanes;
    scratch.base.assign(padded, -kInfinity);  // what is padding, or chosen, is never the greatest
    scratch.similarity.assign(padded, 0.0F);
    scratch.largest.assign(padded, -kInfinity);
    for (std::size_t i = 0; i < count; ++i) scratch.base[i] = (1.0F - weight) * relevance[i];
    lay_out_columns(embeddings, count, scratch);

    auto pick = static_cast<std::size_t>(std::max_element(relevance.begin(), relevance.end()) - relevance.begin());
    for (std::size_t k = 0; k < picks.size(); ++k) {
        if (k > 0) pick = kernels::pick_least_similar(scratch.base, scratch.similarity, scratch.largest, weight);
        picks[k] = static_cast<std::uint32_t>(pick);
        scratch.base[pick] = -kInfinity;
        measure_similarity(pick, scratch);
    }
}

}  // namespace shortlist::ranking
