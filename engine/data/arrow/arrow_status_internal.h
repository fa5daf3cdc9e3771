/// From Arrow's status to ours. Private to engine/data/arrow.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <string_view>

#include "engine/base/result.h"

namespace shortlist::data {

/// The error that stands for a failed `status` of work on `path`.
[[nodiscard]] Error arrow_error(const arrow::Status& status, std::string_view path);

}  // namespace shortlist::data

/// SHORTLIST_ARROW(path, status_expression): returns our error from the enclosing function, if Arrow's status is one.
#define SHORTLIST_ARROW(path, ...)                                                    \
    do {                                                                              \
        if (const ::arrow::Status arrow_status = (__VA_ARGS__); !arrow_status.ok()) { \
            return ::shortlist::data::arrow_error(arrow_status, path);                \
        }                                                                             \
    } while (false)

/// SHORTLIST_ARROW_ASSIGN(path, declaration, result_expression): declares a variable from the value, or returns our error.
#define SHORTLIST_ARROW_ASSIGN(path, declaration, ...) \
    SHORTLIST_ARROW_ASSIGN_INNER(SHORTLIST_JOIN(arrow_result_, __LINE__), path, declaration, __VA_ARGS__)
#define SHORTLIST_ARROW_ASSIGN_INNER(name, path, declaration, ...)              \
    auto name = (__VA_ARGS__);                                                  \
    if (!name.ok()) return ::shortlist::data::arrow_error(name.status(), path); \
    declaration = std::move(name).ValueUnsafe()
