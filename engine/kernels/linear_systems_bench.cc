#include "engine/kernels/linear_systems.h"

#include <benchmark/benchmark.h>

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

AlignedVector<float> sixteen_systems(std::size_t width) {
    AlignedVector<float> matrices(16 * width * width, 0.01F);
    for (std::size_t l = 0; l < 16; ++l) {
        for (std::size_t i = 0; i < width; ++i) matrices[l * width * width + i * (width + 1)] = 10.0F;
    }
    return matrices;
}

void sixteen_systems_interleaved_and_solved(benchmark::State& state) {
    if (skip(state)) return;
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto width = static_cast<std::size_t>(state.range(1));
    const auto matrices = sixteen_systems(width);
    AlignedVector<float> a(matrices.size());
    AlignedVector<float> b(16 * width);
    for (auto _ : state) {
        std::fill(b.begin(), b.end(), 1.0F);
        interleave_systems(matrices, a, level);
        solve_systems(a, b, level);
        benchmark::DoNotOptimize(b.data());
    }
}
BENCHMARK(sixteen_systems_interleaved_and_solved)->ArgNames({"level", "width"})->ArgsProduct({{0, 1, 2}, {64, 128, 256}})->Unit(benchmark::kMicrosecond);

void one_system_solved(benchmark::State& state) {
    if (skip(state)) return;
    const auto level = static_cast<CpuLevel>(state.range(0));
    const auto width = static_cast<std::size_t>(state.range(1));
    const auto matrices = sixteen_systems(width);
    AlignedVector<float> a(width * width);
    AlignedVector<float> b(width);
    for (auto _ : state) {
        std::copy_n(matrices.begin(), a.size(), a.begin());
        std::fill(b.begin(), b.end(), 1.0F);
        solve_system(a, b, level);
        benchmark::DoNotOptimize(b.data());
    }
}
BENCHMARK(one_system_solved)->ArgNames({"level", "width"})->ArgsProduct({{0, 1, 2}, {64, 128, 256}})->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace shortlist::kernels
