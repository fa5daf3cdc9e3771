#include "engine/kernels/int4_scan.h"

#include <benchmark/benchmark.h>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

void scan(benchmark::State& state) {
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto dimension = static_cast<std::size_t>(state.range(1));
    if (level > detected_cpu_level()) return state.SkipWithError("not on this processor");
    Rng rng(1);
    const std::size_t rows = 100'000;
    const auto blocks = quantise_rows(random_floats(rng, rows * dimension), dimension);
    Int8Query query;
    quantise_query(random_floats(rng, dimension), query);
    TopK best;
    for (auto _ : state) {
        best.start(600);
        scan_blocks({blocks, query, {}}, 0, blocks.blocks(), best, level);
        benchmark::DoNotOptimize(best.best_unsorted().data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rows * dimension / 2));
}
BENCHMARK(scan)->ArgNames({"level", "dimension"})->ArgsProduct({{0, 1, 2}, {64, 256}})->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace shortlist::kernels
