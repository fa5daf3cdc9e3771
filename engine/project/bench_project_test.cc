#include "engine/project/bench_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/pipeline/live_project.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const SmallProject& trained() {
    static SmallProject project;
    static const bool kTrained = project.train("one").has_value();
    EXPECT_TRUE(kTrained);
    return project;
}

BenchOptions small_bench() {
    BenchOptions options;
    options.requests = 60;
    options.warmup = 10;
    return options;
}

Result<BenchReport> bench(const BenchOptions& options, std::size_t threads = 1) {
    ThreadPool pool(threads);
    return bench_project(trained().project(), options, {trained().clock, pool, {}});
}

std::vector<std::string> names_of(const BenchReport& report) {
    std::vector<std::string> names;
    for (const auto& stage : report.stages) names.push_back(stage.name);
    return names;
}

TEST(BenchProject, says_what_it_asked_and_how_long_the_answers_took) {
    const auto report = bench(small_bench(), 3).value();
    EXPECT_EQ(report.bundle, "one");
    EXPECT_EQ(report.surface, "home");
    EXPECT_EQ(report.threads, 3U);
    EXPECT_EQ(report.requests, 3U * 60U);
    EXPECT_EQ(report.degraded, 0U);
    EXPECT_EQ(report.items, kSmallItems);
    EXPECT_GT(report.resident_memory_bytes, std::uint64_t{1} << 20);
    EXPECT_THAT(names_of(report), ElementsAre("retrieve", "blend", "gather", "rank", "compose"));
    EXPECT_GT(report.requests_per_second, 0.0);
    // The stages are parts of a request: the quickest half of the requests cannot all be quicker than any one of their parts.
    for (const auto& stage : report.stages) {
        EXPECT_GT(stage.latency_us_p50, 0.0) << stage.name;
        EXPECT_LE(stage.latency_us_p50, report.latency_us_p50) << stage.name;
        EXPECT_LE(stage.latency_us_p50, stage.latency_us_p99) << stage.name;
        EXPECT_LE(stage.latency_us_p99, report.latency_us_max) << stage.name;
    }
    EXPECT_LE(report.latency_us_p50, report.latency_us_p90);
    EXPECT_LE(report.latency_us_p90, report.latency_us_p99);
    EXPECT_LE(report.latency_us_p99, report.latency_us_max);
}

// One thread asks for one list after the other, so that the requests alone take at least half of them times the median.
TEST(BenchProject, counts_requests_over_the_time_that_they_took) {
    const auto report = bench(small_bench()).value();
    EXPECT_LE(report.requests_per_second, 1e6 / (0.5 * report.latency_us_p50));
    EXPECT_GE(report.requests_per_second, 1e6 / report.latency_us_max / 100);
}

TEST(BenchProject, measures_a_project_beside_the_process_that_writes_it) {
    const TestFolder folder(trained().folder.path());
    const auto writer = pipeline::LiveProject::open(folder.path(), trained().clock, {}).value();
    ThreadPool pool(1);
    const auto report = bench_project(load_project(folder.path()).value(), small_bench(), {trained().clock, pool, {}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->requests, 60U);
}

// 120 requests are more than the fifty steps in which the progress is told: every third is told, once it is answered.
TEST(BenchProject, tells_how_far_it_is) {
    std::vector<std::string> steps;
    std::vector<double> asked;
    const auto progress = [&](std::string_view step, double done) {
        if (steps.empty() || steps.back() != step) steps.emplace_back(step);
        if (step == "ask") asked.push_back(done);
    };
    auto options = small_bench();
    options.requests = 120;
    ThreadPool pool(2);
    ASSERT_TRUE(bench_project(trained().project(), options, {trained().clock, pool, progress}));
    EXPECT_THAT(steps, ElementsAre("open", "ask"));
    ASSERT_EQ(asked.size(), 40U);
    for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(asked[i], static_cast<double>(3 * i) / 120);
}

// Newcomers all get the same list: what is left after each stage is, on average, what is left for one of them.
TEST(BenchProject, counts_the_candidates_that_a_live_project_has) {
    auto options = small_bench();
    options.newcomers = 1;
    options.k = 7;
    const auto report = bench(options, 2).value();
    const auto live = pipeline::LiveProject::open(trained().folder.path(), trained().clock, {.read_only = true}).value();
    pipeline::LiveRequest newcomer;
    newcomer.size = 7;
    const auto slate = live->recommend(newcomer).value();
    ASSERT_EQ(report.stages.size(), slate.stages.size());
    for (std::size_t s = 0; s < slate.stages.size(); ++s) {
        EXPECT_EQ(report.stages[s].candidates_mean, static_cast<double>(slate.stages[s].candidates)) << slate.stages[s].name;
    }
    EXPECT_EQ(report.slate_size_mean, 7.0);
    EXPECT_GT(report.stages[0].candidates_mean, 7.0);
    // Users who are known have lists of the other retrievers, too.
    options.newcomers = 0;
    EXPECT_GT(bench(options).value().stages[0].candidates_mean, report.stages[0].candidates_mean);
}

TEST(BenchProject, says_what_is_missing) {
    auto options = small_bench();
    options.surface = "hmoe";
    const auto unknown = bench(options);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(unknown.error().message, HasSubstr("there are home"));

    const TestFolder empty;
    empty.write("shortlist.yaml", kSmallProject);
    ThreadPool pool(1);
    const auto no_events = bench_project(load_project(empty.path()).value(), {}, {trained().clock, pool, {}});
    ASSERT_FALSE(no_events);
    EXPECT_EQ(no_events.error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(no_events.error().message, HasSubstr("shortlist import"));
    const SmallProject untrained;
    const auto no_bundle = bench_project(untrained.project(), {}, {untrained.clock, pool, {}});
    ASSERT_FALSE(no_bundle);
    EXPECT_EQ(no_bundle.error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(no_bundle.error().message, HasSubstr("shortlist train"));
}

// Of four events three are the busy user's. 20,000 draws: the standard deviation of a share p is sqrt(p (1 - p) / 20,000) < 0.0036.
TEST(DrawVisitors, draws_users_as_events_are_and_newcomers_in_their_share) {
    data::Dataset data;
    for (const auto* user : {"busy", "rare", "busy", "busy"}) {
        data::Event event;
        event.user = user;
        event.item = "i";
        event.type = "watch";
        data::append_event(event, data);
    }
    constexpr double kDraws = 20'000;
    const auto visitors = draw_visitors(data, static_cast<std::size_t>(kDraws), 0.2, Rng(5));
    const auto share_of = [&](const char* user) { return static_cast<double>(std::count(visitors.begin(), visitors.end(), user)) / kDraws; };
    EXPECT_NEAR(share_of(""), 0.2, 0.015);
    EXPECT_NEAR(share_of("busy"), 0.8 * 0.75, 0.015);
    EXPECT_NEAR(share_of("rare"), 0.8 * 0.25, 0.015);
    EXPECT_EQ(visitors, draw_visitors(data, static_cast<std::size_t>(kDraws), 0.2, Rng(5)));
    EXPECT_NE(visitors, draw_visitors(data, static_cast<std::size_t>(kDraws), 0.2, Rng(6)));
}

}  // namespace
}  // namespace shortlist::project
