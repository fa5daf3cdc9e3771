#include "engine/base/config_shape.h"

#include <array>
#include <cmath>

#include "engine/base/text.h"

namespace shortlist::base {

namespace {

using Kind = ConfigShape::Kind;

constexpr double kEndless = 1e18;

template <class T>
std::string shortest(T number) {
    std::array<char, 64> out{};
    const auto [end, code] = std::to_chars(out.data(), out.data() + out.size(), number);
    return {out.data(), end};
}

// A bound as a person writes it: 1000000 rather than 1e+06.
std::string bound(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15) return std::to_string(static_cast<std::int64_t>(number));
    return format_number(number);
}

}  // namespace

std::string format_number(double number) { return shortest(number); }
std::string format_number(float number) { return shortest(number); }

std::string format_bounds(double low, double high) {
    if (low <= -kEndless && high >= kEndless) return "any";
    if (high >= kEndless) return "at least " + bound(low);
    if (low <= -kEndless) return "at most " + bound(high);
    return bound(low) + " to " + bound(high);
}

std::string format_duration_bounds(const Range& bounds) {
    const std::string low = format_duration(static_cast<TimeUs>(bounds.low));
    if (bounds.high >= kEndless) return "at least " + low;
    return low + " to " + format_duration(static_cast<TimeUs>(bounds.high));
}

std::string type_of(const ConfigShape& shape) {
    switch (shape.kind) {
        case Kind::Boolean: return "true or false";
        case Kind::Integer: return "whole number";
        case Kind::Number: return "number";
        case Kind::Text: return "text";
        case Kind::Duration: return "duration";
        case Kind::Choice: return "choice";
        case Kind::List: return "list of " + type_of(shape.fields.front());
        case Kind::Map: return "map of " + type_of(shape.fields.front());
        case Kind::Struct: return shape.fields.empty() ? "text" : "map";
        case Kind::Variant: return "map by kind";
    }
    return "";
}

std::string allowed_in(const ConfigShape& shape) {
    switch (shape.kind) {
        case Kind::Integer:
        case Kind::Number: return format_bounds(shape.low, shape.high);
        case Kind::Text: return format_bounds(shape.low, shape.high) + " bytes";
        case Kind::Duration: return format_duration_bounds({shape.low, shape.high});
        case Kind::Choice: return join(shape.choices);
        case Kind::List: return allowed_in(shape.fields.front());
        case Kind::Variant: {
            std::vector<std::string> kinds;
            for (const auto& alternative : shape.fields) kinds.push_back(alternative.name);
            return "kind: " + join(kinds);
        }
        default: return "";
    }
}

}  // namespace shortlist::base
