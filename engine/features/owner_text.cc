#include "engine/features/owner_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/text.h"

namespace shortlist::features {

namespace {

std::string quoted(std::string_view text) { return "'" + base::printable(text) + "'"; }

Result<std::size_t> find_category(const data::EntityTable& table, std::string_view name, std::string_view whose) {
    SHORTLIST_ASSIGN(const std::size_t attribute, find_attribute(table, name, whose));
    if (table.attributes[attribute].type == data::AttributeType::Category) return attribute;
    return base::invalid_argument("`of`: attribute " + quoted(name) + " must be a category");
}

// One side of a pair, or the whole.
Result<std::optional<Owner>> parse_part(std::string_view part, const PlanInputs& inputs) {
    constexpr std::string_view kItem = "item.";
    constexpr std::string_view kUser = "user.";
    constexpr std::string_view kContext = "context.";
    Owner owner;
    if (part == "item") {
        owner.item = ItemPart::Item;
    } else if (part == "user") {
        owner.other = OtherPart::User;
    } else if (part.starts_with(kItem)) {
        owner.item = ItemPart::Attribute;
        SHORTLIST_ASSIGN(owner.item_attribute, find_category(inputs.items, part.substr(kItem.size()), "item"));
    } else if (part.starts_with(kUser)) {
        owner.other = OtherPart::UserAttribute;
        SHORTLIST_ASSIGN(owner.other_index, find_category(inputs.users, part.substr(kUser.size()), "user"));
    } else if (part.starts_with(kContext)) {
        owner.other = OtherPart::Context;
        SHORTLIST_ASSIGN(owner.other_index, find_context_field(inputs.events, part.substr(kContext.size())));
    } else {
        return std::optional<Owner>();
    }
    return std::optional(owner);
}

}  // namespace

std::string with_nearest(const std::string& message, std::string_view word, std::span<const std::string> options) {
    const std::string near = base::nearest(word, options);
    return message + "; there are " + (options.empty() ? "none" : base::join(options)) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?");
}

Result<std::size_t> find_attribute(const data::EntityTable& table, std::string_view name, std::string_view whose) {
    std::vector<std::string> names;
    for (const auto& attribute : table.attributes) names.push_back(attribute.name);
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    return base::invalid_argument(with_nearest("no " + std::string(whose) + " attribute is called " + quoted(name), name, names));
}

Result<std::size_t> find_context_field(const data::EventTable& events, std::string_view name) {
    const auto& fields = events.context_names;
    const auto found = std::ranges::find(fields, name);
    if (found != fields.end()) return static_cast<std::size_t>(found - fields.begin());
    return base::invalid_argument(with_nearest("no context field is called " + quoted(name), name, fields));
}

Result<Owner> parse_owner(std::string_view of, const PlanInputs& inputs) {
    constexpr std::string_view kCross = " x ";
    const auto refuse = [of] {
        return base::invalid_argument(
            "`of` must be global, user, item, user.ATTRIBUTE, item.ATTRIBUTE, context.FIELD, or a pair of what an item has (item, item.ATTRIBUTE) "
            "and "
            "another (user, user.ATTRIBUTE, context.FIELD) with ' x ' between them; got " +
            quoted(of));
    };
    if (of == "global") return Owner{};
    const std::size_t cross = of.find(kCross);
    SHORTLIST_ASSIGN(const auto first, parse_part(of.substr(0, cross), inputs));
    if (!first) return refuse();
    if (cross == std::string_view::npos) return *first;
    SHORTLIST_ASSIGN(const auto second, parse_part(of.substr(cross + kCross.size()), inputs));
    if (!second || first->reads_item() == second->reads_item()) return refuse();
    Owner owner = first->reads_item() ? *first : *second;
    const Owner& other = first->reads_item() ? *second : *first;
    owner.other = other.other;
    owner.other_index = other.other_index;
    return owner;
}

}  // namespace shortlist::features
