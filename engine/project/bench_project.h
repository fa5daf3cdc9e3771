/// `shortlist bench`: how fast the bundle in force answers on this machine, in process, without HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/data/dataset.h"
#include "engine/project/train_project.h"

namespace shortlist::project {

struct BenchOptions {
    std::size_t requests = 2000;
    std::size_t warmup = 200;
    std::string surface;
    std::size_t k = 0;
    double newcomers = 0.05;
    std::uint32_t threads = 1;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("requests", requests, base::range(1, 1'000'000), "Requests that each thread makes and times, one after another.");
        v.field("warmup", warmup, base::range(0, 1'000'000), "Requests that each thread makes before, untimed.");
        v.field("surface", surface, base::text(0, 64), "Surface whose policy holds; the first where empty.");
        v.field("k", k, base::range(0, 1000), "How many items; 0 is what the surface says.");
        v.field("newcomers", newcomers, base::range(0, 1), "Share of the requests that come from users whom nobody knows.");
        v.field("threads", threads, base::range(1, 1024), "Threads that ask at the same time.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of the draw of users.");
    }
};

struct BenchReport {
    /// What one stage of the request path took, and what it left.
    struct Stage {
        std::string name;
        double latency_us_p50 = 0, latency_us_p99 = 0;
        double candidates_mean = 0;  ///< After the stage; see pipeline::Trace.
    };

    std::string bundle, surface, cpu;
    std::size_t threads = 0;
    std::uint64_t requests = 0;  ///< Timed, of all threads together.
    std::uint64_t degraded = 0;  ///< Those of them in whose answer a part was left out.
    std::uint64_t items = 0;     ///< Of the catalogue.
    double slate_size_mean = 0;
    double requests_per_second = 0;
    double latency_us_p50 = 0, latency_us_p90 = 0, latency_us_p99 = 0, latency_us_max = 0;
    std::vector<Stage> stages;   ///< In the order in which they run.
    std::uint64_t resident_memory_bytes = 0;  ///< Of the process, behind the last request.
};

/// Ids of `count` users who come: each a newcomer (empty) with probability `newcomers`, else the user of an event drawn from all
/// events, so that an active user comes more often. events.size() >= 1. Same generator, same users.
[[nodiscard]] std::vector<UserId> draw_visitors(const data::Dataset& data, std::size_t count, double newcomers, Rng rng);

/// Opens the project for reading as a server does and asks for lists on every thread of run.pool: first `warmup`, then `requests` timed
/// with the monotonic clock, all threads together. What is asked is the same for the same seed and number of threads.
/// Errors: FailedPrecondition (no event, no bundle), InvalidArgument (surface), DataLoss. Memory: 8 bytes a request and stage.
[[nodiscard]] Result<BenchReport> bench_project(const Project& project, const BenchOptions& options, const RunContext& run);

}  // namespace shortlist::project
