#include <benchmark/benchmark.h>

#include <vector>

#include "engine/base/random.h"
#include "engine/index/exact_index.h"
#include "engine/index/flat_index.h"

namespace shortlist::index {
namespace {

kernels::AlignedVector<float> random_matrix(std::size_t values) {
    Rng rng(1);
    kernels::AlignedVector<float> out(values);
    for (float& value : out) value = static_cast<float>(rng.uniform(-1, 1));
    return out;
}

/// Top 500 of a million rows of 64.
template <class Index>
void search(benchmark::State& state) {
    const auto matrix = random_matrix(64'000'000);
    const auto index = Index::build(matrix, 64).value();
    const auto queries = random_matrix(100 * 64);
    SearchScratch scratch;
    std::vector<Scored> out(500);
    std::size_t q = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(index.search(std::span(queries).subspan(q % 100 * 64, 64), 500, {}, scratch, out));
        ++q;
    }
}
BENCHMARK(search<ExactIndex>)->Unit(benchmark::kMillisecond);
BENCHMARK(search<FlatIndex>)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace shortlist::index
