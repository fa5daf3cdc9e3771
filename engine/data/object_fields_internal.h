/// How the free-form part of another engine's record becomes columns. Private to engine/data.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace shortlist::data {

/// `name`, or `prefix` and `name` where it is one of the columns that the table has anyway.
[[nodiscard]] inline std::string free_name(std::string_view name, std::string_view prefix, const std::vector<std::string>& columns) {
    for (const auto& column : columns) {
        if (column == name) return std::string(prefix) + std::string(name);
    }
    return std::string(name);
}

/// Sets a column to a text, number, boolean or a list of them; what is nested deeper fits no attribute and is left out.
inline void put_field(std::string_view name, const boost::json::value& value, boost::json::object& row) {
    const auto is_nested = [](const boost::json::value& part) { return part.is_object() || part.is_array(); };
    if (value.is_object() || value.is_null()) return;
    if (value.is_array() && std::any_of(value.get_array().begin(), value.get_array().end(), is_nested)) return;
    row[{name.data(), name.size()}] = value;
}

}  // namespace shortlist::data
