/// shortlist.yaml: a struct made of the modules' configs, read and checked as a whole. Every verb begins here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_node.h"
#include "engine/base/config_print.h"
#include "engine/base/config_visitor.h"
#include "engine/base/environment.h"
#include "engine/base/result.h"
#include "engine/data/log_config.h"
#include "engine/data/signals.h"
#include "engine/data/source_config.h"
#include "engine/eval/splits.h"
#include "engine/features/feature_config.h"
#include "engine/pipeline/surface_config.h"
#include "engine/project/serve_config.h"
#include "engine/training/training_config.h"

namespace shortlist::project {

inline constexpr std::string_view kProjectFile = "shortlist.yaml";

/// What the project file says. Only `data` is required.
struct ProjectConfig {
    std::string name = "project";
    data::DataConfig data;
    data::LogConfig log;
    base::Named<data::SignalConfig> signals;
    eval::SplitConfig split;
    features::FeaturesConfig features;
    std::vector<training::RetrieverConfig> retrievers = training::default_retrievers();
    training::RankerConfig ranker;
    base::Named<pipeline::SurfaceConfig> surfaces{{"default", {}}};
    ServeConfig serve;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, base::text(1, 64), "What the project is called in reports and bundles.");
        v.required_field("data", data, "Where events, items and users come from, and what their columns mean.");
        v.field("log", log, "What the log remembers.");
        v.field(
            "signals", signals,
            "Named, weighted readings of events; what models learn from. The first matters most: retrievers learn from it, evaluation predicts it. "
            "Without any, one signal for each type that the mapping names.");
        v.field("split", split, "Which part of the past is held out to judge models.");
        v.field("features", features, "What the ranker sees: auto, or a list of definitions; `shortlist features list` shows what auto chose.");
        v.field("retrievers", retrievers, "What proposes candidates.");
        v.field("ranker", ranker, "What orders them.");
        v.field("surfaces", surfaces, "Named places where slates appear, each with its own policy; the first is the default.");
        v.field("serve", serve, "Where the server listens, and its limits.");
    }
};

/// A project that was read and checked. Immutable by convention; any thread may read.
struct Project {
    std::filesystem::path folder;
    std::string file;  ///< Name of the project file within the folder ...
    std::string text;  ///< ... and what it held when it was read.
    ProjectConfig config;
    base::ConfigNode source;  ///< The file as a tree: what it says itself, and where.
};

/// The folder of the project that `start` lies in: the nearest at or above it with a shortlist.yaml.
/// Errors: NotFound, with the command that begins a project.
[[nodiscard]] Result<std::filesystem::path> find_project(const std::filesystem::path& start);

/// Reads and checks a project. `path` is its folder or its file; empty: find_project() from the current folder.
/// Errors: NotFound; InvalidArgument with a line for everything that is wrong: file, line, column, key, value, what is allowed.
[[nodiscard]] Result<Project> load_project(const std::filesystem::path& path, const base::Environment& environment = base::process_environment());
/// load_project() of a text, for a project in `folder`.
[[nodiscard]] Result<Project> parse_project(std::string_view yaml, const std::filesystem::path& folder, const std::string& file,
                                            const base::Environment& environment);

/// Checks that the files which `data` names are there. Remote ones are not asked for.
/// Errors: InvalidArgument with a line a missing file, naming the nearest file in its folder.
[[nodiscard]] Status check_files(const Project& project);

/// Every value and its origin.
[[nodiscard]] std::vector<base::ConfigValue> list_config(const Project& project);
/// JSON Schema of the project file.
[[nodiscard]] std::string project_schema();
/// docs/reference/config.md.
[[nodiscard]] std::string project_reference();

}  // namespace shortlist::project
