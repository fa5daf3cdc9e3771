/// A user's state as bytes that mean the same to every process of one plan. In memory, items and values are rows and codes in the order in
/// which one process met them; here they go by their names.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/data/entity_table.h"
#include "engine/features/plan.h"
#include "engine/features/user_state.h"

namespace shortlist::features {

/// Cost: that of a copy of the state, and a look-up for each item and value in it.
[[nodiscard]] std::string write_portable(const UserState& state, const FeaturePlan& plan, const data::EntityTable& items);
/// Items and values that `items` lacks are added to it. Errors: DataLoss, where the bytes are no state of this plan; then nothing is added.
[[nodiscard]] Result<UserState> read_portable(std::string_view bytes, const FeaturePlan& plan, data::EntityTable& items);

/// Equal for plans whose states of users have equal layouts.
[[nodiscard]] std::string user_layout(const FeaturePlan& plan, const data::EntityTable& items, const data::SignalSet& signals);

}  // namespace shortlist::features
