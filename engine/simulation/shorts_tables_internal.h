/// The columns of a world of shorts.
#pragma once

#include "engine/data/column_batch.h"
#include "engine/simulation/shorts_behaviour_internal.h"

namespace shortlist::simulation {

/// `shown` in order of time.
[[nodiscard]] data::ColumnBatch make_event_table(const ShortsPopulation& world, const std::vector<Shown>& shown);
/// Draws the titles.
[[nodiscard]] data::ColumnBatch make_video_table(const ShortsConfig& config, const ShortsPopulation& world);
[[nodiscard]] data::ColumnBatch make_user_table(const ShortsPopulation& world);

}  // namespace shortlist::simulation
