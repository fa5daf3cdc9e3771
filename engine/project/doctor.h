/// `shortlist doctor`: what the program runs on, what the project takes, and the limits it keeps with what they cost.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shortlist::project {

/// One thing that was found. A problem is something to mend.
struct Finding {
    std::string what;
    std::string value;
    bool problem = false;
};

/// A table, cache or queue that is bounded, and what one entry takes.
struct Limit {
    std::string what;
    std::string limit;
    std::string cost;
};

struct Checkup {
    std::vector<Finding> findings;
    std::vector<Limit> limits;
    [[nodiscard]] bool healthy() const noexcept;
};

/// Looks at the machine and at the project that `folder` lies in, where there is one. Never fails: what is wrong is a finding.
[[nodiscard]] Checkup run_doctor(const std::filesystem::path& folder);

}  // namespace shortlist::project
