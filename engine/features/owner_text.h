/// Owners of state as the project file writes them: "item", "user x item.category", "item x context.device".
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/features/plan.h"

namespace shortlist::features {

/// Errors: InvalidArgument naming the attribute or field and the nearest, or all that is allowed.
[[nodiscard]] Result<Owner> parse_owner(std::string_view of, const PlanInputs& inputs);

/// The index of a row's attribute. Errors: InvalidArgument naming the nearest. `whose`: item or user.
[[nodiscard]] Result<std::size_t> find_attribute(const data::EntityTable& table, std::string_view name, std::string_view whose);
/// The index of a context field. Errors: as above.
[[nodiscard]] Result<std::size_t> find_context_field(const data::EventTable& events, std::string_view name);

/// `message`, and what there is, and which of it is nearest to `word`.
[[nodiscard]] std::string with_nearest(const std::string& message, std::string_view word, std::span<const std::string> options);

}  // namespace shortlist::features
