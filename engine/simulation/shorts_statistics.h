/// A world of shorts in figures, beside those of real short videos.
#pragma once

#include <string>
#include <vector>

#include "engine/simulation/shorts.h"

namespace shortlist::simulation {

/// One line of `generate shorts --describe`.
struct ShortsStatistic {
    std::string name;
    double generated = 0.0;
    double kuairand = 0.0;   ///< Of the KuaiRand-Pure slice, as tools/datasets/kuairand_statistics.py measures it.
    std::string meaning;
};

/// Measures the world's tables as that tool measures the slice. Cost: about 1 us an event.
[[nodiscard]] std::vector<ShortsStatistic> describe_shorts(const ShortsWorld& world);

/// Minus the slope of ln(count) on ln(rank) by least squares, over the ranks from a thousandth to a tenth of the positive counts.
[[nodiscard]] double zipf_slope(std::vector<double> counts);

}  // namespace shortlist::simulation
