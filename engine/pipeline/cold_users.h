/// Where the states of users go for whom there is no room in memory: a store of this process alone, in a folder that goes with it.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/base/result.h"
#include "engine/features/user_states.h"
#include "engine/store/rocks_store.h"

namespace shortlist::pipeline {

class ColdUsers {
public:
    /// In a new folder `state/users-<number>` of the project. Errors: Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<ColdUsers>> open(const std::filesystem::path& project_folder, std::size_t bytes);
    /// Removes what processes left there that died. Requires that none lives.
    static void clear(const std::filesystem::path& project_folder);
    ~ColdUsers();
    ColdUsers(const ColdUsers&) = delete;
    ColdUsers& operator=(const ColdUsers&) = delete;

    [[nodiscard]] features::UserBound bound() const { return {store_.get(), bytes_}; }

private:
    ColdUsers(std::filesystem::path folder, std::unique_ptr<store::RocksStore> store, std::size_t bytes)
        : folder_(std::move(folder)), store_(std::move(store)), bytes_(bytes) {}

    std::filesystem::path folder_;
    std::unique_ptr<store::RocksStore> store_;
    std::size_t bytes_;
};

}  // namespace shortlist::pipeline
