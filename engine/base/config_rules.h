/// What a field of a component's options may hold: the vocabulary of `describe(visitor)`. See config.h for the visitors.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::base {

/// A length of time in the project file: `12h`, `7d`, `90s`.
struct Duration {
    TimeUs us = 0;
    friend bool operator==(const Duration&, const Duration&) = default;
};

/// A number between two bounds, both allowed. For a Duration the bounds are microseconds.
struct Range {
    double low;
    double high;
};
template <class Low, class High>
[[nodiscard]] constexpr Range range(Low low, High high) {
    return {static_cast<double>(low), static_cast<double>(high)};
}

/// Any value of the field's type.
struct Any {};
template <class T>
[[nodiscard]] constexpr Any any() {
    return {};
}

/// An enumeration, and how its values are spelled.
template <class Enum>
struct OneOf {
    std::vector<std::pair<std::string, Enum>> names;
};
template <class Enum>
[[nodiscard]] OneOf<Enum> one_of(std::initializer_list<std::pair<std::string_view, Enum>> names) {
    OneOf<Enum> rule;
    for (const auto& [name, value] : names) rule.names.emplace_back(std::string(name), value);
    return rule;
}

/// Text of `low` to `high` bytes of UTF-8.
struct Text {
    std::size_t low;
    std::size_t high;
    bool keeps_references = false;  ///< ${NAME} stays as it is.
};
[[nodiscard]] constexpr Text text(std::size_t low = 0, std::size_t high = 4096) { return {low, high}; }

/// Where a secret is: a path, or ${NAME} for an environment variable, which whoever needs the secret reads. Empty: nowhere.
[[nodiscard]] constexpr Text secret_place() { return {0, 4096, true}; }

/// A map whose keys the user chooses, in the order of the file; each key once.
template <class T>
using Named = std::vector<std::pair<std::string, T>>;

}  // namespace shortlist::base
