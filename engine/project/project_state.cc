#include "engine/project/project_state.h"

#include <system_error>

#include "engine/data/bundle_folder.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

namespace fs = std::filesystem;

ProjectState project_state(const fs::path& start) {
    ProjectState state;
    const auto folder = find_project(start);
    if (!folder) return state;
    std::error_code code;
    state.has_file = true;
    state.folder = *folder;
    state.has_data = fs::exists(*folder / "log" / "CURRENT", code);
    state.has_bundle = data::current_bundle(*folder / "bundles").has_value();
    return state;
}

std::vector<NextStep> next_steps(const ProjectState& state) {
    if (!state.has_file) {
        return {{"shortlist demo", "generate a small world, train on it and ask it for recommendations"},
                {"shortlist init --events FILE", "begin a project of your own from a file of events"},
                {"shortlist --help", "list every command"}};
    }
    if (!state.has_data) {
        return {{"shortlist config check", "check the project file and that its data files are there"},
                {"shortlist import", "read the data files into the log"},
                {"shortlist config print", "show every option, its value and where it comes from"}};
    }
    if (!state.has_bundle) {
        return {{"shortlist train", "make a bundle of models from the log"},
                {"shortlist features list", "show what the ranker will see"},
                {"shortlist import", "read the data files again; what is known already changes nothing"}};
    }
    return {{"shortlist recommend --user ID", "ask for a list"},
            {"shortlist evaluate", "measure every stage on the held-out part"},
            {"shortlist serve", "answer over HTTP"}};
}

}  // namespace shortlist::project
