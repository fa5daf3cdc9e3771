/// Whether the part of a log that models are judged on is fit to judge them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/training/periods.h"

namespace shortlist::training {

/// Fewer users are too few in any case: with so many, the 95 % interval of a hit rate of a half is 2 x 1.96 x sqrt(0.25 / 100) = 0.2 wide.
inline constexpr std::size_t kJudgedUsersMin = 100;
/// A smaller share of the relevant events is no more than a splinter of the log ...
inline constexpr double kTestShareMin = 0.001;
/// ... unless at least so many users are judged, as on a long log of many.
inline constexpr std::size_t kJudgedUsersEnough = 1000;

/// What is odd about the test part, a sentence each with its numbers and what to do; empty where nothing is. A single event that was
/// posted onto a log that ended long ago becomes the whole test part of a split by time, and is both: too small, and behind a gap.
/// relevant: as training::relevance_of. users: those of the test part who chose anything.
[[nodiscard]] std::vector<std::string> held_out_warnings(const data::EventTable& events, const Periods& periods,
                                                         std::span<const std::uint8_t> relevant, std::size_t users, const eval::SplitConfig& split);

}  // namespace shortlist::training
