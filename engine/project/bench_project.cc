#include "engine/project/bench_project.h"

#include <algorithm>
#include <latch>
#include <span>
#include <utility>

#include "engine/base/process_memory.h"
#include "engine/base/quantile.h"
#include "engine/kernels/cpu.h"
#include "engine/pipeline/live_project.h"
#include "engine/project/project_data.h"

namespace shortlist::project {

namespace {

constexpr double kUsPerSecond = 1e6;
constexpr std::size_t kProgressSteps = 50;

// What was measured: by one thread, or by several together.
struct Measured {
    struct Stage {
        std::vector<double> seconds;
        std::uint64_t candidates = 0;
    };

    std::vector<double> seconds;
    std::vector<Stage> stages;
    std::uint64_t slate_items = 0, degraded = 0;

    Measured(std::size_t requests, std::size_t stage_count) : stages(stage_count) {
        seconds.reserve(requests);
        for (auto& stage : stages) stage.seconds.reserve(requests);
    }

    void add(double request_seconds, const pipeline::LiveSlate& slate) {
        seconds.push_back(request_seconds);
        for (std::size_t s = 0; s < stages.size(); ++s) {
            stages[s].seconds.push_back(slate.stages[s].seconds);
            stages[s].candidates += slate.stages[s].candidates;
        }
        slate_items += slate.items.size();
        degraded += slate.degraded.empty() ? 0 : 1;
    }

    void add(const Measured& other) {
        seconds.insert(seconds.end(), other.seconds.begin(), other.seconds.end());
        for (std::size_t s = 0; s < stages.size(); ++s) {
            stages[s].seconds.insert(stages[s].seconds.end(), other.stages[s].seconds.begin(), other.stages[s].seconds.end());
            stages[s].candidates += other.stages[s].candidates;
        }
        slate_items += other.slate_items;
        degraded += other.degraded;
    }
};

pipeline::LiveRequest question_of(const BenchOptions& options, const UserId& user) {
    pipeline::LiveRequest question;
    question.user = user;
    question.surface = options.surface;
    question.size = options.k;
    return question;
}

// Asks for a list for one visitor after the other. No request fails: the surface is all that it could be refused for, and the first
// request of all has found it.
Measured ask(pipeline::LiveProject& live, const BenchOptions& options, std::span<const UserId> visitors, std::size_t stages,
             const training::StepProgress& progress) {
    Measured measured(visitors.size(), stages);
    const std::size_t step = visitors.size() / kProgressSteps + 1;
    for (std::size_t i = 0; i < visitors.size(); ++i) {
        const auto question = question_of(options, visitors[i]);
        const double started = base::monotonic_seconds();
        const auto slate = live.recommend(question);
        const double seconds = base::monotonic_seconds() - started;
        measured.add(seconds, slate.value());
        if (progress && i % step == 0) progress("ask", static_cast<double>(i) / static_cast<double>(visitors.size()));
    }
    return measured;
}

void fill_figures(const Measured& all, BenchReport& report) {
    const auto requests = static_cast<double>(all.seconds.size());
    const auto latency_us = [](const std::vector<double>& seconds, double q) { return base::quantile(seconds, q) * kUsPerSecond; };
    report.requests = all.seconds.size();
    report.degraded = all.degraded;
    report.slate_size_mean = static_cast<double>(all.slate_items) / requests;
    report.latency_us_p50 = latency_us(all.seconds, 0.5);
    report.latency_us_p90 = latency_us(all.seconds, 0.9);
    report.latency_us_p99 = latency_us(all.seconds, 0.99);
    report.latency_us_max = latency_us(all.seconds, 1.0);
    for (std::size_t s = 0; s < report.stages.size(); ++s) {
        const auto& stage = all.stages[s];
        report.stages[s].latency_us_p50 = latency_us(stage.seconds, 0.5);
        report.stages[s].latency_us_p99 = latency_us(stage.seconds, 0.99);
        report.stages[s].candidates_mean = static_cast<double>(stage.candidates) / requests;
    }
}

Result<std::vector<std::vector<UserId>>> draw_for_threads(const Project& project, const BenchOptions& options, std::size_t threads) {
    SHORTLIST_ASSIGN(const auto data, load_project_data(project));
    std::vector<std::vector<UserId>> visitors;
    for (std::size_t t = 0; t < threads; ++t) {
        visitors.push_back(draw_visitors(data, options.warmup + options.requests, options.newcomers, Rng(options.seed).fork(t)));
    }
    return visitors;
}

}  // namespace

std::vector<UserId> draw_visitors(const data::Dataset& data, std::size_t count, double newcomers, Rng rng) {
    std::vector<UserId> visitors(count);
    for (auto& visitor : visitors) {
        if (!rng.chance(newcomers)) visitor = data.users.ids[data.events.user[rng.below(data.events.size())]];
    }
    return visitors;
}

Result<BenchReport> bench_project(const Project& project, const BenchOptions& options, const RunContext& run) {
    if (run.progress) run.progress("open", 0.0);
    const std::size_t threads = run.pool.size();
    SHORTLIST_ASSIGN(const auto visitors, draw_for_threads(project, options, threads));
    pipeline::LiveOptions reading;
    reading.read_only = true;
    SHORTLIST_ASSIGN(const auto live, pipeline::LiveProject::open(project.folder, run.clock, reading));
    SHORTLIST_ASSIGN(const auto first, live->recommend(question_of(options, "")));
    BenchReport report;
    report.bundle = first.bundle;
    const auto facts = live->facts();
    report.surface = options.surface.empty() ? facts.surface : options.surface;
    report.cpu = kernels::name_of(kernels::active_cpu_level());
    report.threads = threads;
    report.items = facts.items;
    for (const auto& stage : first.stages) report.stages.push_back({stage.name, 0, 0, 0});

    const std::size_t stages = report.stages.size();
    std::vector<Measured> measured(threads, Measured(0, stages));
    std::vector<double> began(threads);
    std::vector<double> ended(threads);
    // Nobody is timed before all are warm; the pool has a thread for each, so that none waits for one that never comes.
    std::latch warm(static_cast<std::ptrdiff_t>(threads));
    run.pool.parallel_for(threads, 1, [&](std::size_t thread, std::size_t, std::size_t) {
        const std::span<const UserId> mine(visitors[thread]);
        ask(*live, options, mine.first(options.warmup), stages, {});
        warm.arrive_and_wait();
        began[thread] = base::monotonic_seconds();
        measured[thread] = ask(*live, options, mine.subspan(options.warmup), stages, thread == 0 ? run.progress : training::StepProgress{});
        ended[thread] = base::monotonic_seconds();
    });
    for (std::size_t t = 1; t < threads; ++t) measured[0].add(measured[t]);
    fill_figures(measured[0], report);
    const double seconds = *std::max_element(ended.begin(), ended.end()) - *std::min_element(began.begin(), began.end());
    report.requests_per_second = static_cast<double>(report.requests) / seconds;
    report.resident_memory_bytes = base::resident_memory_bytes();
    return report;
}

}  // namespace shortlist::project
