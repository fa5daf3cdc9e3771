/// The description of the API for programs.
#pragma once

#include <string>
#include <vector>

#include "apps/server/api.h"

namespace shortlist::server {

/// An OpenAPI 3.1 document of `endpoints`, as JSON text.
[[nodiscard]] std::string openapi_document(const std::vector<Endpoint>& endpoints);

}  // namespace shortlist::server
