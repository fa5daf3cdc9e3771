/// Users' states in memory: what the others are compared with, and what tests and one process's own bounded state use.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/store/user_store.h"

namespace shortlist::store {

/// Cost: what it holds, and some 100 bytes a user.
class MemoryStore final : public UserStore {
public:
    [[nodiscard]] Result<std::vector<std::optional<StoredState>>> read(std::span<const KnownState> users) override;
    [[nodiscard]] Result<std::vector<bool>> write(std::span<const StateWrite> writes) override;
    [[nodiscard]] Status erase(std::span<const std::string_view> users) override;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    std::mutex mutex_;
    std::unordered_map<std::string, StoredState, Hash, std::equal_to<>> states_;
};

}  // namespace shortlist::store
