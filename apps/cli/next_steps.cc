#include "apps/cli/next_steps.h"

#include <boost/json/array.hpp>

#include "engine/project/project_state.h"

namespace shortlist::cli {

void render_next_steps(Io& io, const std::filesystem::path& folder) {
    const auto state = project::project_state(folder);
    Table table({"next", ""});
    boost::json::array steps;
    for (const auto& step : project::next_steps(state)) {
        table.add({step.command, step.purpose});
        steps.push_back({{"command", step.command}, {"purpose", step.purpose}});
    }
    const std::string where = state.has_file ? "project: " + state.folder.string() + "\n\n" : "There is no project here yet.\n\n";
    render(io, where + table.text(),
           {{"project", state.has_file ? boost::json::value(state.folder.string()) : boost::json::value(nullptr)}, {"next", steps}});
}

}  // namespace shortlist::cli
