#include "engine/ranking/mmr.h"

#include <benchmark/benchmark.h>

#include <vector>

#include "engine/base/random.h"

namespace shortlist::ranking {
namespace {

/// 20 and 50 of 500 candidates.
void choose(benchmark::State& state) {
    const auto dimension = static_cast<std::size_t>(state.range(0));
    Rng rng(1);
    std::vector<float> relevance(500);
    std::vector<float> embeddings(500 * dimension);
    for (float& value : relevance) value = static_cast<float>(rng.uniform());
    for (float& value : embeddings) value = static_cast<float>(rng.normal());
    MmrScratch scratch;
    std::vector<std::uint32_t> picks(static_cast<std::size_t>(state.range(1)));
    for (auto _ : state) {
        mmr(relevance, embeddings, 0.3F, scratch, picks);
        benchmark::DoNotOptimize(picks.data());
    }
}
BENCHMARK(choose)->ArgNames({"dimension", "picks"})->ArgsProduct({{64, 128}, {20, 50}})->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace shortlist::ranking
