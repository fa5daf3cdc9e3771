// Any text either is refused as a forest or scores every row to a finite number, alone as among others.

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto forest = shortlist::models::Forest::parse(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!forest || forest->feature_count() > kFeaturesMax) return 0;
    std::vector<double> contributions(forest->feature_count());
    for (const float value : kValues) {
        const std::vector<float> row(forest->feature_count(), value);
        double score = 0.0;
        forest->score(row, std::span(&score, 1));
        SHORTLIST_CHECK(std::isfinite(score), score, value);
        const double base = forest->explain(row, contributions);
        SHORTLIST_CHECK(std::isfinite(std::accumulate(contributions.begin(), contributions.end(), base)), value);
    }
    return 0;
}
