/// One writer a project. Private to engine/data.
#pragma once

#include <filesystem>

#include "engine/base/result.h"

namespace shortlist::data {

/// Held from take() to destruction; the kernel lets go of it when the process ends, however it ends.
class ProjectLock {
public:
    /// Creates the log's folder where there is none. Errors: FailedPrecondition naming the process that holds the lock; Unavailable.
    [[nodiscard]] static Result<ProjectLock> take(const std::filesystem::path& project_folder);
    ProjectLock(ProjectLock&& other) noexcept;
    ProjectLock& operator=(ProjectLock&&) = delete;
    ~ProjectLock();

private:
    explicit ProjectLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace shortlist::data
