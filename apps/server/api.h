/// The HTTP API: which paths there are, and what each does with the service. The route table is also what /openapi.json is made of.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "apps/server/json_fields.h"
#include "apps/server/router.h"
#include "apps/server/server_metrics.h"
#include "apps/server/service.h"
#include "engine/project/serve_config.h"

namespace shortlist::server {

struct QueryParameter {
    std::string name;
    std::string help;
    boost::json::object schema;
};

/// A route, and what people and programs need to know to call it.
struct Endpoint {
    Route route;
    std::string operation;  ///< Its name in generated clients.
    std::string summary;
    boost::json::object request = {};   ///< Schema of the JSON body; empty: it takes none.
    boost::json::object response = {};  ///< Schema of the JSON answer; empty: it is text.
    std::vector<QueryParameter> query = {};
};

/// What handlers work with; all must outlive them.
struct ApiParts {
    Service& service;
    ServerMetrics& metrics;
    const ServerLoad& load;
    const project::ServeConfig& config;
};

/// All endpoints, /openapi.json with the description of all of them among these.
[[nodiscard]] std::vector<Endpoint> make_endpoints(const ApiParts& parts);

/// The routes alone.
[[nodiscard]] Router make_router(const std::vector<Endpoint>& endpoints);

}  // namespace shortlist::server
