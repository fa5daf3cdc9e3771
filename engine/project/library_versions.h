/// Versions of the libraries that hold data and make models: what a bundle's manifest and `shortlist doctor` name.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace shortlist::project {

/// (library, version), as they were when the program was built.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace shortlist::project
