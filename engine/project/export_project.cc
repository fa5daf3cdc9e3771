#include "engine/project/export_project.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "engine/base/config_writer.h"
#include "engine/project/yaml_text.h"

namespace shortlist::project {

namespace {

using base::ConfigNode;

bool same(const ConfigNode& a, const ConfigNode& b) {
    return a.kind == b.kind && a.key == b.key && a.text == b.text && std::ranges::equal(a.children, b.children, same);
}

// Leaves out of a map what `defaults` says too.
ConfigNode without_defaults(ConfigNode map, const ConfigNode& defaults) {
    std::erase_if(map.children, [&](const ConfigNode& child) {
        const auto* other = defaults.find(child.key);
        return other != nullptr && same(child, *other);
    });
    for (auto& child : map.children) {
        const auto* other = defaults.find(child.key);
        if (child.kind == ConfigNode::Kind::Map && other != nullptr) child = without_defaults(std::move(child), *other);
    }
    return map;
}

// `data:` as it reads the exported files; of the project's own, how strict an import is.
ConfigNode data_section(const Project& project, const data::DataConfig& data) {
    data::DataConfig defaults;
    defaults.events.columns.time.column = "?";  // `time` must be said, also where there is none
    ConfigNode node = without_defaults(base::write_config(data), base::write_config(defaults));
    node.key = "data";
    const auto* own = project.source.find("data");
    for (const std::string_view key : {"max_bad_rows", "max_clock_skew"}) {
        if (const auto* kept = own == nullptr ? nullptr : own->find(key)) node.children.push_back(*kept);
    }
    return node;
}

std::string project_text(const Project& project, const data::DataConfig& data) {
    ConfigNode file;
    file.kind = ConfigNode::Kind::Map;
    if (const auto* name = project.source.find("name")) file.children.push_back(*name);
    file.children.push_back(data_section(project, data));
    // Types stand in a column now, which names no signal by itself.
    if (project.source.find("signals") == nullptr) {
        const auto whole = base::write_config(project.config);
        file.children.push_back(*whole.find("signals"));
    }
    for (const auto& section : project.source.children) {
        if (section.key != "name" && section.key != "data") file.children.push_back(section);
    }
    return "# Written by 'shortlist export'. 'shortlist import' reads the files beside it.\n" + yaml_text(file);
}

}  // namespace

Result<data::ExportReport> export_project(const Project& project, const ExportProjectOptions& options) {
    data::ExportOptions files;
    files.format = options.format;
    files.out = options.out;
    files.complete = [&project](const std::filesystem::path& folder, const data::DataConfig& data) -> Status {
        const std::string text = project_text(project, data);
        // What is written must read.
        if (auto read = parse_project(text, folder, std::string(kProjectFile), base::process_environment()); !read) return std::move(read).error();
        std::ofstream out(folder / kProjectFile, std::ios::binary | std::ios::trunc);
        out << text;
        out.close();
        if (!out) return base::unavailable("cannot write '" + (folder / kProjectFile).string() + "'");
        return {};
    };
    return data::export_data(project.folder, files);
}

}  // namespace shortlist::project
