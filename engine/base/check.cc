#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace shortlist::base {

void check_failed(const char* expression, const char* file, int line, const std::string& values) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s%s%s\n", file, line, expression, values.empty() ? "" : " with", values.c_str());
    std::abort();
}

}  // namespace shortlist::base
