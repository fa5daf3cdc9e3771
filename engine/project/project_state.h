/// How far a project is: what there is to do next, and what its folder holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shortlist::project {

struct ProjectState {
    bool has_file = false;    ///< A project file was found.
    bool has_data = false;    ///< Something was imported.
    bool has_bundle = false;  ///< A bundle is in force.
    std::filesystem::path folder;  ///< Of the project file; empty without one.
};

/// Looks at the project that `start` lies in. Reads names of files only; never fails.
[[nodiscard]] ProjectState project_state(const std::filesystem::path& start);

/// A command worth running next, and what it does.
struct NextStep {
    std::string command;
    std::string purpose;
};

/// The three commands that lead on from a state, the most useful first.
[[nodiscard]] std::vector<NextStep> next_steps(const ProjectState& state);

}  // namespace shortlist::project
