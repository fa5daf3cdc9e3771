/// Which log a project has: an import, forgetting and retention put another in force, also while somebody reads.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace shortlist::data {

/// Name of the history in force, the log's epoch; empty where nothing was imported. Any thread. Cost: reads a short file. Errors: DataLoss,
/// Unavailable.
[[nodiscard]] Result<std::string> current_history(const std::filesystem::path& project_folder);

/// Calls `read` with the name of the history in force, and again where another was put in force meanwhile: what it read may be of two logs.
template <class Read>
auto read_in_force(const std::filesystem::path& project_folder, const Read& read) -> decltype(read(std::string())) {
    SHORTLIST_ASSIGN(std::string name, current_history(project_folder));
    while (true) {
        auto result = read(name);
        SHORTLIST_ASSIGN(std::string now, current_history(project_folder));
        if (now == name) return result;
        name = std::move(now);
    }
}

}  // namespace shortlist::data
