/// How a log is cut for honest rows: retrievers are fitted on the first part, ranker rows come from the second, validation
/// and test are the third.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/eval/splits.h"
#include "engine/training/outcomes.h"

namespace shortlist::training {

/// A cut log. By time the parts follow one another and lists are computed when a user comes; otherwise they interleave, and
/// lists are computed once, after everything that may be known.
class Periods {
public:
    /// relevant: a 0 or 1 for each event, whether it makes an item relevant.
    /// Errors: as eval::make_split, and FailedPrecondition where the data cannot be cut so.
    static Result<Periods> create(const data::Dataset& data, std::span<const std::uint8_t> relevant, const eval::SplitConfig& config);

    /// True when events of `part` lie behind those of the part before it.
    [[nodiscard]] bool by_time() const noexcept { return by_time_; }
    /// 1 for each event that belongs to a part before `part`: what may be known when `part` is judged.
    [[nodiscard]] std::vector<std::uint8_t> before(eval::Part part) const;
    /// Moments of `part` and what is chosen in them; see collect_visits. Where parts interleave, one for each user, behind the whole log.
    [[nodiscard]] std::vector<Visit> visits(const data::EventTable& events, std::span<const data::SignalMask> masks,
                                            std::span<const std::uint8_t> grades, eval::Part part) const;
    /// Which events happen in a replay that judges `part`: all of them by time, else those before it.
    [[nodiscard]] std::vector<std::uint8_t> happens(eval::Part part) const;
    /// By time: the offsets of `part`, [first, second).
    [[nodiscard]] std::pair<std::size_t, std::size_t> range(eval::Part part) const;
    [[nodiscard]] std::size_t count(eval::Part part) const;
    [[nodiscard]] std::span<const eval::Part> parts() const noexcept { return parts_; }

private:
    bool by_time_ = true;
    TimeUs window_ = 0;
    std::vector<eval::Part> parts_;
};

}  // namespace shortlist::training
