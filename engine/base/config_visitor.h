/// What `describe(visitor)` may contain, and which C++ types a field may have. The visitors themselves are in
/// config_reader.h (fills a struct), config_writer.h (turns it back into a tree) and config_shape.h (names, types, bounds, help).
///
/// A field is bool, an integer, float or double, std::string, Duration, an enum (rule one_of), std::optional of one of them,
/// a described struct, or:
///   std::vector<T>            a list; where T is a scalar, one value may stand for a list of one
///   Named<T>, std::map        keys that the user chooses
///   std::variant<A, B, ...>   structs chosen by the key `kind`; each has `static constexpr std::string_view kKind`
/// The rule of a field holds for each element of a list, a map or an optional.
///
/// A struct may also take a short form, by members that it has beside or instead of describe():
///   static Result<T> from_text(std::string_view text)   a scalar in place of the map, such as `time: time_ms`
///   std::optional<std::string> to_text() const          the scalar that says this value, or nothing when only the longer form can
///   std::vector<E>& list_form()                         a list in place of the map, such as `features: [...]`
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"

namespace shortlist::base {

/// What is said of a field beside its name, type and rule.
struct FieldNotes {
    std::string_view help;
    bool required = false;
    bool secret = false;  ///< Printed as ***.
};

/// Gives a visitor the calls that describe() makes; `Derived` has visit(name, member, rule, notes).
template <class Derived>
class FieldVisitor {
public:
    template <class Member, class Rule>
    void field(std::string_view name, Member& member, const Rule& rule, std::string_view help) {
        self().visit(name, member, rule, FieldNotes{help});
    }
    template <class Member>
    void field(std::string_view name, Member& member, std::string_view help) {
        self().visit(name, member, Any{}, FieldNotes{help});
    }
    template <class Member, class Rule>
    void required_field(std::string_view name, Member& member, const Rule& rule, std::string_view help) {
        self().visit(name, member, rule, FieldNotes{help, /*required=*/true});
    }
    template <class Member>
    void required_field(std::string_view name, Member& member, std::string_view help) {
        self().visit(name, member, Any{}, FieldNotes{help, /*required=*/true});
    }
    template <class Member, class Rule>
    void secret_field(std::string_view name, Member& member, const Rule& rule, std::string_view help) {
        self().visit(name, member, rule, FieldNotes{help, /*required=*/false, /*secret=*/true});
    }

private:
    Derived& self() { return static_cast<Derived&>(*this); }
};

namespace config_internal {

struct AnyVisitor : FieldVisitor<AnyVisitor> {
    template <class Member, class Rule>
    void visit(std::string_view, Member&, const Rule&, const FieldNotes&) {}
};

template <class T>
struct NamedValue {};
template <class T>
struct NamedValue<std::vector<std::pair<std::string, T>>> {
    using type = T;
};
template <class T, class Less>
struct NamedValue<std::map<std::string, T, Less>> {
    using type = T;
};

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

}  // namespace config_internal

template <class T>
concept Described = requires(T& value, config_internal::AnyVisitor& visitor) { value.describe(visitor); };
template <class T>
concept TextFormed = requires(std::string_view text) {
    { T::from_text(text) } -> std::same_as<Result<T>>;
};
template <class T>
concept PrintsAsText = requires(const T& value) {
    { value.to_text() } -> std::same_as<std::optional<std::string>>;
};
template <class T>
concept ListFormed = requires(T& value) { value.list_form(); };
/// A struct with at least one of the forms above.
template <class T>
concept ConfigStruct = Described<T> || TextFormed<T> || ListFormed<T>;

template <class T>
concept ConfigNamed = requires { typename config_internal::NamedValue<T>::type; };
template <class T>
concept ConfigList = config_internal::is_vector<T> && !ConfigNamed<T>;
template <class T>
concept ConfigInteger = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept ConfigEnum = std::is_enum_v<T>;
template <class T>
concept ConfigScalar = std::is_arithmetic_v<T> || std::same_as<T, std::string> || std::same_as<T, Duration> || ConfigEnum<T>;

}  // namespace shortlist::base
