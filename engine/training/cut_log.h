/// A log with what its events are worth and how it is cut: what training, evaluation and replay all begin with.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/training/outcomes.h"
#include "engine/training/periods.h"
#include "engine/training/replay.h"

namespace shortlist::training {

/// The data set must outlive it.
struct CutLog {
    const data::Dataset& data;
    std::vector<data::SignalMask> masks;   ///< As features::fold_masks.
    std::vector<std::uint8_t> grades;      ///< As training::grades_of.
    std::vector<std::uint8_t> relevant;    ///< As training::relevance_of.
    Periods periods;

    /// Errors: as Periods::create. Cost: one pass over the events.
    static Result<CutLog> create(const data::Dataset& data, const data::SignalSet& signals, const eval::SplitConfig& split);

    /// Moments of `part` and what is chosen in them; see Periods::visits.
    [[nodiscard]] std::vector<Visit> visits(eval::Part part) const;
    /// What was shown in `part` of a log that is cut by time; see collect_exposures.
    [[nodiscard]] Exposures exposures(eval::Part part) const;
};

}  // namespace shortlist::training
