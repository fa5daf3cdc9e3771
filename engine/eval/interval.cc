#include "engine/eval/interval.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace shortlist::eval {
namespace {

/// For each user a row of sums: the values with 0 for what is missing, then, where anything is missing, 1 for each that is there.
struct Table {
    std::vector<double> cells;
    std::size_t users = 0;
    std::size_t columns = 0;
    std::size_t width = 0;  ///< columns, or twice that with the counts.
};

Table make_table(std::span<const double> values, std::size_t columns) {
    Table table;
    table.users = values.size() / columns;
    table.columns = columns;
    const bool complete = std::none_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
    table.width = complete ? columns : 2 * columns;
    table.cells.assign(table.users * table.width, 0.0);
    for (std::size_t user = 0; user < table.users; ++user) {
        for (std::size_t column = 0; column < columns; ++column) {
            const double value = values[user * columns + column];
            if (std::isnan(value)) continue;
            table.cells[user * table.width + column] = value;
            if (!complete) table.cells[user * table.width + columns + column] = 1.0;
        }
    }
    return table;
}

/// Means of the columns from a row of sums over `users` users; NaN for a column that none of them has.
void means_of(const Table& table, std::span<const double> sums, std::span<double> means) {
    for (std::size_t column = 0; column < table.columns; ++column) {
        const double count = table.width > table.columns ? sums[table.columns + column] : static_cast<double>(table.users);
        means[column] = sums[column] / count;
    }
}

/// Resamples whose sums are taken side by side: a user's row is read once for so many.
constexpr std::size_t kTogether = 16;

/// How often each of resamples [first, first + count) drew each user: shape (users, kTogether).
std::vector<std::uint16_t> draw_users(std::size_t users, std::size_t first, std::size_t count, std::uint64_t seed) {
    std::vector<std::uint16_t> drawn(users * kTogether, 0);
    for (std::size_t lane = 0; lane < count; ++lane) {
        Rng rng = Rng(seed).fork(first + lane);
        for (std::size_t draw = 0; draw < users; ++draw) ++drawn[rng.below(users) * kTogether + lane];
    }
    return drawn;
}

/// Shape (resamples, columns). Each resample has a generator of its own, so threads do not matter.
std::vector<double> resampled_means(const Table& table, const BootstrapConfig& config, base::ThreadPool& threads) {
    std::vector<double> means(config.resamples * table.columns);
    threads.parallel_for(config.resamples, kTogether, [&](std::size_t begin, std::size_t end, std::size_t) {
        const std::vector<std::uint16_t> drawn = draw_users(table.users, begin, end - begin, config.seed);
        std::vector<double> sums(table.width * kTogether, 0.0);
        for (std::size_t user = 0; user < table.users; ++user) {
            std::array<double, kTogether> weights;
            std::copy_n(drawn.begin() + static_cast<std::ptrdiff_t>(user * kTogether), kTogether, weights.begin());
            const double* row = table.cells.data() + user * table.width;
            for (std::size_t i = 0; i < table.width; ++i) {
                for (std::size_t lane = 0; lane < kTogether; ++lane) sums[i * kTogether + lane] += weights[lane] * row[i];
            }
        }
        std::vector<double> of_one(table.width);
        for (std::size_t resample = begin; resample < end; ++resample) {
            for (std::size_t i = 0; i < table.width; ++i) of_one[i] = sums[i * kTogether + resample - begin];
            means_of(table, of_one, std::span(means).subspan(resample * table.columns, table.columns));
        }
    });
    return means;
}

std::vector<double> sums_of(const Table& table) {
    std::vector<double> sums(table.width, 0.0);
    for (std::size_t user = 0; user < table.users; ++user) {
        for (std::size_t i = 0; i < table.width; ++i) sums[i] += table.cells[user * table.width + i];
    }
    return sums;
}

}  // namespace

std::vector<Interval> bootstrap_means(std::span<const double> values, std::size_t columns, const BootstrapConfig& config, base::ThreadPool& threads) {
    SHORTLIST_CHECK(columns > 0 && values.size() % columns == 0, values.size(), columns);
    const Table table = make_table(values, columns);
    std::vector<Interval> intervals(columns);
    if (table.users == 0) return intervals;
    const std::vector<double> sums = sums_of(table);
    std::vector<double> whole(columns);
    means_of(table, sums, whole);

    const std::vector<double> means = resampled_means(table, config, threads);
    const double tail = 0.5 * (1.0 - config.level);
    std::vector<double> sorted;
    for (std::size_t column = 0; column < columns; ++column) {
        Interval& interval = intervals[column];
        interval.users = table.width > columns ? static_cast<std::size_t>(sums[columns + column]) : table.users;
        if (interval.users == 0) continue;
        sorted.clear();
        for (std::size_t resample = 0; resample < config.resamples; ++resample) {
            const double mean = means[resample * columns + column];
            if (!std::isnan(mean)) sorted.push_back(mean);  // a resample may hold none of the few users that have a value
        }
        std::sort(sorted.begin(), sorted.end());
        interval.mean = whole[column];
        if (sorted.empty()) sorted.push_back(interval.mean);
        const auto last = static_cast<double>(sorted.size() - 1);
        interval.low = sorted[static_cast<std::size_t>(std::floor(tail * last))];
        interval.high = sorted[static_cast<std::size_t>(std::ceil((1.0 - tail) * last))];
    }
    return intervals;
}

Interval bootstrap_mean(std::span<const double> values, const BootstrapConfig& config, base::ThreadPool& threads) {
    return bootstrap_means(values, 1, config, threads).front();
}

std::vector<Interval> paired_differences(std::span<const double> a, std::span<const double> b, std::size_t columns, const BootstrapConfig& config,
                                         base::ThreadPool& threads) {
    SHORTLIST_CHECK(a.size() == b.size(), a.size(), b.size());
    std::vector<double> differences(a.size());
    std::transform(a.begin(), a.end(), b.begin(), differences.begin(), std::minus<>());
    return bootstrap_means(differences, columns, config, threads);
}

}  // namespace shortlist::eval
