#include "engine/project/project_config.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/base/config.h"
#include "engine/base/text.h"
#include "engine/data/arrow/reader.h"
#include "engine/project/config_checks.h"
#include "engine/project/yaml.h"

namespace shortlist::project {

namespace {

namespace fs = std::filesystem;

// The file in the folder of `path` whose name is nearest to its own.
std::string nearest_file(const fs::path& path) {
    constexpr std::size_t kNamesMax = 1000;
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator entry(path.parent_path(), code), end; !code && entry != end && names.size() < kNamesMax; entry.increment(code)) {
        names.push_back(entry->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return base::nearest(path.filename().string(), names);
}

void check_paths(const Project& project, const std::string& key, const std::vector<std::string>& paths, base::ConfigReading& reading) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (paths[i].starts_with("s3://") || data::expand_path(paths[i], project.folder)) continue;
        const std::string near = nearest_file(project.folder / paths[i]);
        reading.problem(project.source, key + "[" + std::to_string(i) + "]",
                        "there is no file '" + base::printable(paths[i]) + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
}

}  // namespace

Result<fs::path> find_project(const fs::path& start) {
    std::error_code code;
    fs::path begin = fs::absolute(start, code).lexically_normal();
    if (!begin.has_filename()) begin = begin.parent_path();  // what "." leaves at the end
    for (fs::path folder = begin; !code; folder = folder.parent_path()) {
        if (fs::is_regular_file(folder / kProjectFile, code)) return folder;
        code.clear();
        if (folder == folder.parent_path()) break;
    }
    return base::not_found("there is no " + std::string(kProjectFile) + " in " + begin.string() +
                           " or above; 'shortlist init --events FILE' writes one, 'shortlist demo' shows one at work");
}

Result<Project> load_project(const fs::path& path, const base::Environment& environment) {
    std::error_code code;
    fs::path file = path;
    if (path.empty()) {
        SHORTLIST_ASSIGN(const fs::path folder, find_project("."));
        file = folder / kProjectFile;
    } else if (fs::is_directory(path, code)) {
        file = path / kProjectFile;
    }
    SHORTLIST_ASSIGN(const auto text, read_yaml_text(file));
    return parse_project(text, file.parent_path(), file.filename().string(), environment);
}

Result<Project> parse_project(std::string_view yaml, const fs::path& folder, const std::string& file, const base::Environment& environment) {
    SHORTLIST_ASSIGN(auto source, parse_yaml(yaml, file));
    Project project{folder, file, std::string(yaml), {}, std::move(source)};
    base::ConfigReading reading({file, environment});
    base::read_config(reading, project.source, project.config);
    complete(project.config, project.source);
    check_across(project.config, project.source, reading);
    SHORTLIST_TRY(reading.status());
    return project;
}

Status check_files(const Project& project) {
    base::ConfigReading reading({project.file, {}});
    check_paths(project, "data.events.path", project.config.data.events.path, reading);
    check_paths(project, "data.test_events", project.config.data.test_events, reading);
    check_paths(project, "data.items.path", project.config.data.items.path, reading);
    check_paths(project, "data.users.path", project.config.data.users.path, reading);
    return reading.status();
}

std::vector<base::ConfigValue> list_config(const Project& project) {
    return base::list_values(base::write_config(project.config), project.source, project.file);
}

std::string project_schema() { return base::json_schema(base::shape_of<ProjectConfig>(), "shortlist project file"); }

std::string project_reference() {
    return base::reference_page(base::shape_of<ProjectConfig>(), "The project file",
                                "Every key of `shortlist.yaml`, generated from the code by `shortlist config reference`. Only `data` is required. "
                                "Times are written `500ms`, `90s`, `15m`, `12h`, `7d`; `${NAME}` in a text stands for an environment variable. "
                                "A list of one may be written as its one value.");
}

}  // namespace shortlist::project
