/// The engine behind the HTTP API: a project that is open for serving.
#pragma once

#include <filesystem>
#include <memory>

#include "apps/server/log.h"
#include "apps/server/service.h"
#include "engine/base/config_node.h"
#include "engine/base/result.h"
#include "engine/project/serve_config.h"

namespace shortlist::server {

/// What run_server() needs.
struct OpenedProject {
    project::ServeConfig config;
    std::unique_ptr<Service> service;
};

/// Opens the project in `folder`: its file, its log, its promoted bundle. `serve_flags` is a tree of `serve` options that come
/// before those of the project file. The service starts the threads that it needs, and ends them when it is destroyed.
/// Errors: InvalidArgument (project file), FailedPrecondition (another process writes the project), DataLoss.
/// A project without a bundle is no error: it is not ready.
[[nodiscard]] Result<OpenedProject> open_project(const std::filesystem::path& folder, const base::ConfigNode& serve_flags, const LogSink& log);

}  // namespace shortlist::server
