/// Which events models may learn from, and which they are judged on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/data/event.h"

namespace shortlist::eval {

enum class SplitBy { Time, LeaveOneOut, Given, Random };

/// `split:` in the project file.
struct SplitConfig {
    SplitBy by = SplitBy::Time;
    base::Duration test{kDayUs};
    base::Duration validation{kDayUs};
    double ranking = 0.3;
    double test_share = 0.2;
    double validation_share = 0.1;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("by", by,
                base::one_of<SplitBy>(
                    {{"time", SplitBy::Time}, {"leave_one_out", SplitBy::LeaveOneOut}, {"given", SplitBy::Given}, {"random", SplitBy::Random}}),
                "What decides: the time, the last events of each user, a file of their own, or chance.");
        v.field("test", test, base::range(kSecondUs, 3650 * kDayUs), "Length of the held-out end; for time.");
        v.field("validation", validation, base::range(kSecondUs, 3650 * kDayUs), "Length of what lies before it, for early stopping; for time.");
        v.field("ranking", ranking, base::range(0, 0.9), "Share of the rest, its end, that the ranker learns from and retrievers do not see.");
        v.field("test_share", test_share, base::range(0.001, 0.9), "Share of the events held out; for random.");
        v.field("validation_share", validation_share, base::range(0, 0.5), "Share of the rest for early stopping; for random and given.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of random shares.");
    }
};

enum class Part : std::uint8_t { Fit, Rank, Validation, Test };

/// The part of every event, in log order.
struct Split {
    std::vector<Part> parts;
    /// By time, parts are ranges of offsets: Fit [0, rank_begin), Rank, Validation, Test. For the others nothing.
    struct Bounds {
        std::size_t rank_begin = 0;
        std::size_t validation_begin = 0;
        std::size_t test_begin = 0;
    };
    std::optional<Bounds> bounds;

    [[nodiscard]] std::size_t count(Part part) const noexcept;
};

/// What only the caller knows of a log.
struct SplitInput {
    const data::EventTable& events;
    /// Leave-one-out: a 0 or 1 for each event, whether it can be the one left out (it carries the signal that is
    /// predicted); empty for all. The others fall to the part in which they lie.
    std::span<const std::uint8_t> eligible{};
    /// Given: events of the held-out files, a 0 or 1 for each.
    std::span<const std::uint8_t> given_test{};
};

/// time           The last `test` of the log's time is Test, `validation` before it Validation; `ranking` of the events before, their
///                end, is Rank. An event later in the log than one of a later part belongs to that part (late arrivals).
/// leave_one_out  Per user: the last eligible event and all behind it is Test, from the one before it Validation, from the last
///                floor(ranking x n) of the n others Rank. A user with one eligible event is Fit only, with two has no Validation.
/// given          given_test is Test; of the others, validation_share and then `ranking` of the rest by a hash of (event id, seed).
/// random         The same with test_share for Test. The hash makes parts independent of the order and of other events.
/// Errors: InvalidArgument (nothing is left for Fit or for Test; a mask of another length). Cost O(events).
[[nodiscard]] Result<Split> make_split(const SplitInput& input, const SplitConfig& config);

}  // namespace shortlist::eval
