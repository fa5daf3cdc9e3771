#include "engine/project/project_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::ElementsAre;

std::vector<std::string> commands_after(const ProjectState& state) {
    std::vector<std::string> commands;
    for (const auto& step : next_steps(state)) commands.push_back(step.command);
    return commands;
}

TEST(ProjectState, leads_from_an_empty_folder_to_lists) {
    const TestFolder nowhere;
    auto state = project_state(nowhere.path());
    EXPECT_FALSE(state.has_file || state.has_data || state.has_bundle);
    EXPECT_EQ(state.folder, std::filesystem::path());
    EXPECT_THAT(commands_after(state), ElementsAre("shortlist demo", "shortlist init --events FILE", "shortlist --help"));

    const TestFolder begun;
    begun.write("shortlist.yaml", kSmallProject);
    begun.write("deep/er/file", "");
    state = project_state(begun.path() / "deep" / "er");
    EXPECT_TRUE(state.has_file);
    EXPECT_FALSE(state.has_data || state.has_bundle);
    EXPECT_EQ(state.folder, begun.path());
    EXPECT_THAT(commands_after(state), ElementsAre("shortlist config check", "shortlist import", "shortlist config print"));

    SmallProject project;
    state = project_state(project.folder.path());
    EXPECT_TRUE(state.has_file && state.has_data);
    EXPECT_FALSE(state.has_bundle);
    EXPECT_THAT(commands_after(state), ElementsAre("shortlist train", "shortlist features list", "shortlist import"));

    ASSERT_TRUE(project.train("one"));
    state = project_state(project.folder.path());
    EXPECT_TRUE(state.has_file && state.has_data && state.has_bundle);
    EXPECT_THAT(commands_after(state), ElementsAre("shortlist recommend --user ID", "shortlist evaluate", "shortlist serve"));
}

}  // namespace
}  // namespace shortlist::project
