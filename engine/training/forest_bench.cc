// Scoring of 500 candidates of 30 features by 300 trees of 31 leaves on one thread: models::Forest beside LightGBM's own prediction.
// The two are compared for equality before they are timed.

#include <benchmark/benchmark.h>

#include <cmath>

#include "engine/models/forest.h"
#include "engine/training/lightgbm.h"
#include "engine/training/lightgbm_testing_internal.h"

namespace shortlist::training {
namespace {

constexpr std::size_t kFeatures = 30;
constexpr std::size_t kRows = 500;

struct Workload {
    std::string text;
    std::vector<float> rows;
};

Workload make_workload() {
    LightGbmConfig config;
    config.objective = ForestObjective::Binary;
    const RankingRows train = generated_rows(1000, kFeatures, true, 1);
    // Validated on the training rows, whose loss falls to the end, so that no tree is cut off.
    auto forest = train_lightgbm(train, train, config, {});
    return {std::move(forest).value().model_text, generated_rows(kRows / 20, kFeatures, true, 2).values};
}

const Workload& workload() {
    static const Workload made = [] {
        Workload fresh = make_workload();
        const auto forest = models::Forest::parse(fresh.text).value();
        SHORTLIST_CHECK(forest.tree_count() == 300, forest.tree_count());
        const auto expected = LightGbmModel(fresh.text).score(fresh.rows, kFeatures);
        std::vector<double> scores(kRows);
        models::ForestScratch scratch;
        forest.score(fresh.rows, scores, scratch);
        for (std::size_t row = 0; row < kRows; ++row) SHORTLIST_CHECK(std::abs(scores[row] - expected[row]) < 1e-6, row);
        return fresh;
    }();
    return made;
}

void forest_score(benchmark::State& state) {
    const auto forest = models::Forest::parse(workload().text).value();
    std::vector<double> scores(kRows);
    models::ForestScratch scratch;
    for (auto _ : state) {
        forest.score(workload().rows, scores, scratch);
        benchmark::DoNotOptimize(scores.data());
    }
}
BENCHMARK(forest_score)->Unit(benchmark::kMicrosecond);

void lightgbm_score(benchmark::State& state) {
    const LightGbmModel model(workload().text);
    for (auto _ : state) benchmark::DoNotOptimize(model.score(workload().rows, kFeatures));
}
BENCHMARK(lightgbm_score)->Unit(benchmark::kMicrosecond);

void forest_explain_one_row(benchmark::State& state) {
    const auto forest = models::Forest::parse(workload().text).value();
    std::vector<double> contributions(kFeatures);
    const std::span<const float> row = std::span(workload().rows).first(kFeatures);
    for (auto _ : state) benchmark::DoNotOptimize(forest.explain(row, contributions));
}
BENCHMARK(forest_explain_one_row)->Unit(benchmark::kMicrosecond);

void forest_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(models::Forest::parse(workload().text));
}
BENCHMARK(forest_parse)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace shortlist::training
