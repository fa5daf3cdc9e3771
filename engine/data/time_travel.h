/// The log as it was at an earlier time.
#pragma once

#include "engine/data/dataset.h"

namespace shortlist::data {

/// Cuts the data set off before its first record of later than `time`: what arrived behind that record is gone with it, also late events. Items
/// and users are as the changes before the cut left them; a row that only later records mention stays, as one that nothing happened to.
/// What was imported of items and users has no time, and stays as it is.
void cut_behind(TimeUs time, Dataset& data);

/// Keeps the first `records` events and the changes before them.
void cut_at(std::size_t records, Dataset& data);
/// Keeps the first `events` events and the first `changes` changes: the log as it was read before, when it had so many. Requires that it has them.
void cut_at(std::size_t events, std::size_t changes, Dataset& data);

}  // namespace shortlist::data
