#include <system_error>

#include "engine/project/folder_size_internal.h"

namespace shortlist::project {

namespace fs = std::filesystem;

std::uint64_t bytes_below(const fs::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code code;
    for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        std::error_code unreadable;
        if (entry->is_regular_file(unreadable)) bytes += entry->file_size(unreadable);
    }
    return bytes;
}

}  // namespace shortlist::project
