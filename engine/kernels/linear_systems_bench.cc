#include "engine/kernels/linear_systems.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <numeric>

#include "engine/kernels/aligned.h"
#include "engine/kernels/testing_internal.h"

namespace shortlist::kernels {
namespace {

bool skip(benchmark::State& state) {
    const bool missing = static_cast<CpuLevel>(state.range(0)) > detected_cpu_level();
    if (missing) state.SkipWithError("not on this processor");
    return missing;
}

void outer_products_of_58_rows(benchmark::State& state) {
    if (skip(state)) return;
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto width = static_cast<std::size_t>(state.range(1));
    Rng rng(1);
    const auto matrix = random_floats(rng, 58 * width);
    std::vector<std::uint32_t> rows(58);
    std::iota(rows.begin(), rows.end(), 0U);
    AlignedVector<float> a(width * width);
    AlignedVector<float> b(width);
    AlignedVector<float> packed(gather_size(width));
    for (auto _ : state) {
        add_outer_products({matrix, width, rows, {}}, a, b, packed, level);
        benchmark::DoNotOptimize(a.data());
    }
}
BENCHMARK(outer_products_of_58_rows)->ArgNames({"level", "width"})->ArgsProduct({{0, 1, 2}, {64, 128, 256}})->Unit(benchmark::kMicrosecond);

void system_solved(benchmark::State& state) {
    if (skip(state)) return;
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto width = static_cast<std::size_t>(state.range(1));
    AlignedVector<float> matrix(width * width, 0.01F);
    for (std::size_t i = 0; i < width; ++i) matrix[i * (width + 1)] = 10.0F;
    AlignedVector<float> a(width * width);
    AlignedVector<float> b(width);
    for (auto _ : state) {
        std::copy(matrix.begin(), matrix.end(), a.begin());
        std::fill(b.begin(), b.end(), 1.0F);
        solve_systems(a, b, b.size(), level);
        benchmark::DoNotOptimize(b.data());
    }
}
BENCHMARK(system_solved)->ArgNames({"level", "width"})->ArgsProduct({{0, 1, 2}, {64, 128, 256}})->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace shortlist::kernels
