#include "engine/training/cut_log.h"

#include <utility>

#include "engine/features/fold.h"

namespace shortlist::training {

Result<CutLog> CutLog::create(const data::Dataset& data, const data::SignalSet& signals, const eval::SplitConfig& split) {
    auto masks = features::fold_masks(data.events, signals);
    auto grades = grades_of(signals);
    auto relevant = relevance_of(grades, masks);
    SHORTLIST_ASSIGN(auto periods, Periods::create(data, relevant, split));
    return CutLog{data, std::move(masks), std::move(grades), std::move(relevant), std::move(periods)};
}

std::vector<Visit> CutLog::visits(eval::Part part) const { return periods.visits(data.events, masks, grades, part); }

Exposures CutLog::exposures(eval::Part part) const {
    const auto [begin, end] = periods.range(part);
    return collect_exposures({data.events, masks, begin, end}, grades);
}

}  // namespace shortlist::training
