/// Result<T> holds a value or an Error; Status holds nothing or an Error. Member names are those of std::expected,
/// so that it can take this one's place when the compilers have it.
#pragma once

#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/error.h"

namespace shortlist::base {

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// Requires has_value(); stops the process with the error's message otherwise.
    T& value() & { return ensure(), *std::get_if<0>(&state_); }
    const T& value() const& { return ensure(), *std::get_if<0>(&state_); }
    T&& value() && { return ensure(), std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    [[nodiscard]] T value_or(T other) const& { return has_value() ? value() : std::move(other); }

    /// Requires !has_value().
    const Error& error() const& { return SHORTLIST_CHECK(!has_value()), *std::get_if<1>(&state_); }
    Error&& error() && { return SHORTLIST_CHECK(!has_value()), std::move(*std::get_if<1>(&state_)); }

private:
    void ensure() const { SHORTLIST_CHECK(has_value(), std::get_if<1>(&state_)->message); }

    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), ok_(false) {}

    [[nodiscard]] bool has_value() const noexcept { return ok_; }
    explicit operator bool() const noexcept { return ok_; }
    void value() const { SHORTLIST_CHECK(ok_, error_.message); }
    const Error& error() const& { return SHORTLIST_CHECK(!ok_), error_; }
    Error&& error() && { return SHORTLIST_CHECK(!ok_), std::move(error_); }

private:
    Error error_;
    bool ok_ = true;
};

using Status = Result<void>;

}  // namespace shortlist::base

namespace shortlist {
using base::Result;
using base::Status;
}  // namespace shortlist

#define SHORTLIST_JOIN_INNER(a, b) a##b
#define SHORTLIST_JOIN(a, b) SHORTLIST_JOIN_INNER(a, b)

/// SHORTLIST_TRY(status_expression): returns its error from the enclosing function, if it holds one.
#define SHORTLIST_TRY(...)                                                                                        \
    do {                                                                                                          \
        if (auto shortlist_status = (__VA_ARGS__); !shortlist_status) return std::move(shortlist_status).error(); \
    } while (false)

/// SHORTLIST_ASSIGN(declaration, result_expression): declares a variable from the value, or returns the error.
#define SHORTLIST_ASSIGN(declaration, ...) SHORTLIST_ASSIGN_INNER(SHORTLIST_JOIN(shortlist_result_, __LINE__), declaration, __VA_ARGS__)
#define SHORTLIST_ASSIGN_INNER(name, declaration, ...) \
    auto name = (__VA_ARGS__);                         \
    if (!name) return std::move(name).error();         \
    declaration = std::move(name).value()
