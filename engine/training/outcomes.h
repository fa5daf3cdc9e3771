/// What came of what: which choices followed a showing or a moment, and how much they are worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/event.h"
#include "engine/data/signals.h"

namespace shortlist::training {

/// Grade of relevance by signal: its weight, rounded, within [0, 31]. A signal of weight 0 or less makes nothing relevant.
[[nodiscard]] std::vector<std::uint8_t> grades_of(const data::SignalSet& signals);
/// The highest grade among the signals of `mask`.
[[nodiscard]] std::uint8_t grade_of(std::span<const std::uint8_t> grades, data::SignalMask mask) noexcept;

/// 1 for each event that makes its item relevant.
[[nodiscard]] std::vector<std::uint8_t> relevance_of(std::span<const std::uint8_t> grades, std::span<const data::SignalMask> masks);

/// One item shown, and the best grade of what its user then did with it.
struct Exposure {
    std::size_t offset = 0;  ///< Of the impression.
    UserRow user = 0;
    ItemRow item = 0;
    std::uint8_t grade = 0;
};

/// Outcomes count until the item is shown to the user again, at most this long after.
inline constexpr TimeUs kOutcomeHorizonUs = kDayUs;
/// Without request ids, impressions of one user closer than this belong to one request.
inline constexpr TimeUs kSameRequestUs = 30 * kMinuteUs;

/// Exposures of one request, consecutive in `exposures`.
struct ExposureGroup {
    UserRow user = 0;
    std::size_t begin = 0, end = 0;
};

struct Exposures {
    std::vector<Exposure> exposures;
    std::vector<ExposureGroup> groups;  ///< By offset of their first exposure.
};

/// Impressions among the events of `log`, with outcomes from anywhere behind them. Its masks: as features::fold_masks.
/// Cost: a sort of the impressions and choices by pair of user and item.
[[nodiscard]] Exposures collect_exposures(const data::MarkedEvents& log, std::span<const std::uint8_t> grades);

/// An item with its grade.
struct Choice {
    ItemRow item = 0;
    std::uint8_t grade = 0;
};

/// Sorts by item and keeps each once, with its best grade.
void keep_best_grades(std::vector<Choice>& choices);

/// A moment at which a user comes, and what they choose from then to the end of the window.
struct Visit {
    std::size_t offset = 0;  ///< Of the user's first event in the window: state as it stood before it.
    UserRow user = 0;
    TimeUs time = 0;
    std::vector<Choice> choices;  ///< Distinct items, ascending, each with its best grade.
};

/// One visit for each user with a choice and for each window of length `window` that the events of `log` reach into, ordered by offset.
/// A window of 0 is one window.
[[nodiscard]] std::vector<Visit> collect_visits(const data::MarkedEvents& log, std::span<const std::uint8_t> grades, TimeUs window);

}  // namespace shortlist::training
