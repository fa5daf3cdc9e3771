#include "engine/kernels/dot.h"

#include <benchmark/benchmark.h>

#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

void dot_of_rows(benchmark::State& state) {
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto columns = static_cast<std::size_t>(state.range(1));
    if (level > detected_cpu_level()) return state.SkipWithError("not on this processor");
    Rng rng(1);
    const auto matrix = random_floats(rng, 500 * columns);
    const auto query = random_floats(rng, columns);
    std::vector<float> out(500);
    for (auto _ : state) {
        dot_rows(matrix, query, out, level);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations() * 500);
}
BENCHMARK(dot_of_rows)->ArgNames({"level", "dimension"})->ArgsProduct({{0, 1, 2}, {64, 256}});

}  // namespace
}  // namespace shortlist::kernels
