/// Broken invariants: our own bugs. The process stops and prints the expression, the place and the values.
#pragma once

#include <sstream>
#include <string>

namespace shortlist::base {

/// Prints the failed check to standard error and aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line, const std::string& values);

template <class... Values>
std::string describe_values(const Values&... values) {
    std::ostringstream out;
    ((out << ' ' << values), ...);
    return out.str();
}

}  // namespace shortlist::base

/// Always on. Arguments after the condition are values to print.
#define SHORTLIST_CHECK(condition, ...) \
    ((condition) ? static_cast<void>(0) \
                 : ::shortlist::base::check_failed(#condition, __FILE__, __LINE__, ::shortlist::base::describe_values(__VA_ARGS__)))

/// On only without NDEBUG: for checks that a hot loop cannot afford.
#ifdef NDEBUG
#define SHORTLIST_DCHECK(condition, ...) static_cast<void>(0)
#else
#define SHORTLIST_DCHECK(condition, ...) SHORTLIST_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif
