#include "engine/eval/splits.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/random.h"
#include "engine/base/text.h"

namespace shortlist::eval {
namespace {

using data::EventTable;

/// First offset from which on, or before which, an event of at least `time` has arrived.
std::size_t first_at(const EventTable& events, TimeUs time) {
    const auto found = std::find_if(events.time.begin(), events.time.end(), [&](TimeUs event) { return event >= time; });
    return static_cast<std::size_t>(found - events.time.begin());
}

Result<Split> split_by_time(const EventTable& events, const SplitConfig& config) {
    const auto [first, last] = std::minmax_element(events.time.begin(), events.time.end());
    const TimeUs test_time = *last - config.test.us + 1;
    const TimeUs validation_time = test_time - config.validation.us;
    Split::Bounds bounds;
    bounds.test_begin = first_at(events, test_time);
    bounds.validation_begin = first_at(events, validation_time);
    bounds.rank_begin = bounds.validation_begin - static_cast<std::size_t>(std::floor(config.ranking * static_cast<double>(bounds.validation_begin)));
    if (bounds.rank_begin == 0) {
        return base::invalid_argument("split: test " + base::format_duration(config.test.us) + " and validation " +
                                      base::format_duration(config.validation.us) + " leave nothing to learn from; the log spans from " +
                                      base::format_time(*first) + " to " + base::format_time(*last));
    }
    Split split;
    split.bounds = bounds;
    split.parts.assign(events.size(), Part::Test);
    const auto fill = [&](std::size_t begin, std::size_t end, Part part) {
        std::fill(split.parts.begin() + static_cast<std::ptrdiff_t>(begin), split.parts.begin() + static_cast<std::ptrdiff_t>(end), part);
    };
    fill(0, bounds.rank_begin, Part::Fit);
    fill(bounds.rank_begin, bounds.validation_begin, Part::Rank);
    fill(bounds.validation_begin, bounds.test_begin, Part::Validation);
    return split;
}

/// The eligible event of a user with which each part begins, counted from the user's first.
struct Turns {
    std::uint32_t eligible = 0;
    std::uint32_t passed = 0;

    [[nodiscard]] Part part(double ranking) const noexcept {
        // `passed` counts the event at hand; what lies behind the n-th eligible event belongs with it.
        if (eligible < 2) return Part::Fit;
        if (passed == eligible) return Part::Test;
        if (eligible < 3) return Part::Fit;
        if (passed + 1 == eligible) return Part::Validation;
        const std::uint32_t others = eligible - 2;
        const auto ranked = static_cast<std::uint32_t>(std::floor(ranking * others));
        return passed > others - ranked ? Part::Rank : Part::Fit;
    }
};

Split split_leaving_one_out(const SplitInput& input, const SplitConfig& config) {
    const EventTable& events = input.events;
    const auto is_eligible = [&](std::size_t event) { return input.eligible.empty() || input.eligible[event] != 0; };
    std::vector<Turns> turns(events.user.empty() ? 0 : *std::max_element(events.user.begin(), events.user.end()) + std::size_t{1});
    for (std::size_t event = 0; event < events.size(); ++event) turns[events.user[event]].eligible += is_eligible(event) ? 1 : 0;
    Split split;
    split.parts.reserve(events.size());
    for (std::size_t event = 0; event < events.size(); ++event) {
        Turns& user = turns[events.user[event]];
        user.passed += is_eligible(event) ? 1 : 0;
        split.parts.push_back(user.part(config.ranking));
    }
    return split;
}

// What a hash decides, each by one of its own.
enum class Purpose : std::uint64_t { Test, Validation, Rank };

/// Uniform in [0, 1) by event, seed and purpose.
double hashed(const data::EventId& id, std::uint64_t seed, Purpose purpose) {
    const std::uint64_t hash = base::mix64(base::mix64(id.high ^ base::mix64(seed)) ^ base::mix64(id.low + static_cast<std::uint64_t>(purpose)));
    return static_cast<double>(hash >> 11U) * 0x1.0p-53;
}

Split split_by_hash(const SplitInput& input, const SplitConfig& config) {
    Split split;
    split.parts.reserve(input.events.size());
    for (std::size_t event = 0; event < input.events.size(); ++event) {
        const data::EventId& id = input.events.id[event];
        const bool test = config.by == SplitBy::Given ? input.given_test[event] != 0 : hashed(id, config.seed, Purpose::Test) < config.test_share;
        const bool validation = hashed(id, config.seed, Purpose::Validation) < config.validation_share;
        const bool rank = hashed(id, config.seed, Purpose::Rank) < config.ranking;
        split.parts.push_back(test ? Part::Test : validation ? Part::Validation : rank ? Part::Rank : Part::Fit);
    }
    return split;
}

Status check_masks(const SplitInput& input, const SplitConfig& config) {
    const auto fits = [&](std::span<const std::uint8_t> mask) { return mask.size() == input.events.size(); };
    if (!input.eligible.empty() && !fits(input.eligible)) return base::invalid_argument("split: `eligible` must have an entry for each event");
    if (config.by == SplitBy::Given && !fits(input.given_test)) {
        return base::invalid_argument("split: by given needs the held-out events marked, an entry for each event");
    }
    return {};
}

Result<Split> split_events(const SplitInput& input, const SplitConfig& config) {
    switch (config.by) {
        case SplitBy::Time: return split_by_time(input.events, config);
        case SplitBy::LeaveOneOut: return split_leaving_one_out(input, config);
        case SplitBy::Given:
        case SplitBy::Random: return split_by_hash(input, config);
    }
    return base::internal_error("split: unknown kind");
}

}  // namespace

std::size_t Split::count(Part part) const noexcept { return static_cast<std::size_t>(std::count(parts.begin(), parts.end(), part)); }

Result<Split> make_split(const SplitInput& input, const SplitConfig& config) {
    if (input.events.size() == 0) return base::invalid_argument("split: the log is empty");
    SHORTLIST_TRY(check_masks(input, config));
    SHORTLIST_ASSIGN(Split split, split_events(input, config));
    if (split.count(Part::Fit) == 0) return base::invalid_argument("split: nothing is left to learn from");
    if (split.count(Part::Test) == 0) return base::invalid_argument("split: nothing is held out for the test");
    return split;
}

}  // namespace shortlist::eval
