// Any text either is refused as a forest or scores every row to the finite number that walking its trees adds up to.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/models/forest.h"

namespace {

using Limits = std::numeric_limits<float>;
/// Rows of one value each, ordinary and not.
constexpr float kValues[] = {0.0F, 1.0F, -1.5F, 33.0F, 1e-36F, 3e38F, 5e9F, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};

/// A header may name very many features; rows that wide would only test the allocator.
constexpr std::size_t kFeaturesMax = 4096;

double walked(const shortlist::models::Forest& forest, std::span<const float> row) {
    double sum = 0.0;
    for (const auto& tree : forest.trees().trees) sum += forest.trees().leaf_values[forest.trees().leaf_of_row(tree, row.data())];
    return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto forest = shortlist::models::Forest::parse(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!forest || forest->feature_count() > kFeaturesMax) return 0;
    const std::size_t width = forest->feature_count();
    std::vector<float> rows;
    for (const float value : kValues) rows.insert(rows.end(), width, value);
    std::vector<double> scores(std::size(kValues));
    shortlist::models::ForestScratch scratch;
    forest->score(rows, scores, scratch);
    std::vector<double> contributions(width);
    for (std::size_t r = 0; r < scores.size(); ++r) {
        const auto row = std::span(rows).subspan(r * width, width);
        SHORTLIST_CHECK(std::isfinite(scores[r]) && scores[r] == walked(*forest, row), scores[r], kValues[r]);
        const double base = forest->explain(row, contributions);
        SHORTLIST_CHECK(std::isfinite(std::accumulate(contributions.begin(), contributions.end(), base)), kValues[r]);
    }
    return 0;
}
