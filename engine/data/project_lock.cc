#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/project_lock_internal.h"

namespace shortlist::data {

Result<ProjectLock> ProjectLock::take(const std::filesystem::path& project_folder) {
    SHORTLIST_TRY(make_folder(log_folder(project_folder)));
    const auto path = log_folder(project_folder) / "writer.lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return base::unavailable(path.string() + ": cannot open: " + std::strerror(errno));
    ProjectLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const auto holder = read_file(path, 64).value_or("");
        return base::failed_precondition(project_folder.string() + ": process " + (holder.empty() ? "(unknown)" : base::printable(holder, 20)) +
                                         " writes this project; stop it first, for a project has one writer at a time");
    }
    const std::string self = std::to_string(::getpid());
    const bool signed_by_us =
        ::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, self.data(), self.size(), 0) == static_cast<ssize_t>(self.size());
    if (!signed_by_us) return base::unavailable(path.string() + ": cannot write: " + std::strerror(errno));
    return lock;
}

ProjectLock::ProjectLock(ProjectLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ProjectLock::~ProjectLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace shortlist::data
