/// Intervals of means over users, by seeded bootstrap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/threads.h"

namespace shortlist::eval {

struct BootstrapConfig {
    std::uint64_t resamples = 1000;
    double level = 0.95;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("resamples", resamples, base::range(100, 100'000), "How often the users are drawn again.");
        v.field("level", level, base::range(0.5, 0.999), "Share of the resampled means that lies within the interval.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of the draws.");
    }
};

struct Interval {
    double mean = 0.0;
    double low = 0.0;
    double high = 0.0;
    std::size_t users = 0;  ///< That have a value.
};

/// Percentile interval of the mean of each column over users drawn with replacement. One draw of the users serves all columns,
/// so a column of differences gives the interval of a paired comparison.
/// values  shape (users, columns), row by row; NaN where a user has no value, who is then left out of that column.
/// The bounds are the resampled means at ranks floor(alpha (R - 1)) and ceil((1 - alpha) (R - 1)), alpha half of 1 - level.
/// A column without values gives mean, low and high 0 and users 0.
/// Same bytes with any number of threads. Cost O(resamples x users x columns) additions.
/// Source  Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
[[nodiscard]] std::vector<Interval> bootstrap_means(std::span<const double> values, std::size_t columns, const BootstrapConfig& config,
                                                    base::ThreadPool& threads);

/// bootstrap_means of one column.
[[nodiscard]] Interval bootstrap_mean(std::span<const double> values, const BootstrapConfig& config, base::ThreadPool& threads);

/// bootstrap_means of a - b, both of shape (users, columns): for each column the interval of the difference over users who have both.
[[nodiscard]] std::vector<Interval> paired_differences(std::span<const double> a, std::span<const double> b, std::size_t columns,
                                                       const BootstrapConfig& config, base::ThreadPool& threads);

}  // namespace shortlist::eval
