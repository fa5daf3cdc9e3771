#include "engine/pipeline/cold_users.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <utility>
#include <vector>

namespace shortlist::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "users-";

fs::path folder_of(const fs::path& project_folder, int number) { return project_folder / "state" / (std::string(kPrefix) + std::to_string(number)); }

}  // namespace

Result<std::unique_ptr<ColdUsers>> ColdUsers::open(const fs::path& project_folder, std::size_t bytes) {
    // Each its own: while a bundle is loaded the one before goes on serving, and forgetting a user removes the folder under it.
    static std::atomic<int> number = 0;
    auto folder = folder_of(project_folder, ++number);
    // A sixteenth of the bound, for blocks that are read and states on their way to the disk.
    constexpr std::size_t kLeastBytes = std::size_t{4} << 20;
    SHORTLIST_ASSIGN(auto store, store::RocksStore::open(folder, {.memory_bytes = std::max(kLeastBytes, bytes / 16), .lasting = false}));
    return std::unique_ptr<ColdUsers>(new ColdUsers(std::move(folder), std::move(store), bytes));
}

void ColdUsers::clear(const fs::path& project_folder) {
    std::error_code code;
    std::vector<fs::path> left;
    for (const auto& entry : fs::directory_iterator(project_folder / "state", code)) {
        if (entry.is_directory() && entry.path().filename().string().starts_with(kPrefix)) left.push_back(entry.path());
    }
    for (const auto& folder : left) fs::remove_all(folder, code);
}

ColdUsers::~ColdUsers() {
    store_.reset();
    std::error_code code;
    fs::remove_all(folder_, code);
}

}  // namespace shortlist::pipeline
