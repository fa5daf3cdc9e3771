/// Where users' states are kept outside of the memory of one process: bytes by user, each with a version.
///
/// Whoever writes says which version they know, and another one that is there by then is not overwritten. So writers that share a store
/// never undo each other's work: the one that comes second reads what the first wrote, adds its own, and writes again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace shortlist::store {

struct StoredState {
    std::uint64_t version = 0;  ///< At least 1; grows with each write of a user.
    std::string bytes;
};

/// A user, and the version of their state that the caller has; 0: none.
struct KnownState {
    std::string_view user;
    std::uint64_t version = 0;
};

struct StateWrite {
    KnownState known;
    std::uint64_t version = 0;  ///< Of `bytes`; greater than known.version.
    std::string_view bytes;
};

/// Any thread. All answers are in the order of what was asked, and a user stands in one call once.
class UserStore {
public:
    UserStore() = default;
    UserStore(const UserStore&) = delete;
    UserStore& operator=(const UserStore&) = delete;
    virtual ~UserStore() = default;

    /// The state of each user of whom the store has another version than the known one. Cost: one round trip.
    /// Errors: Unavailable, DataLoss.
    [[nodiscard]] virtual Result<std::vector<std::optional<StoredState>>> read(std::span<const KnownState> users) = 0;
    /// Whether each was written: where the store has the known version, or none at all. Cost: one round trip.
    /// Errors: Unavailable: then each may have been written or not, as a read tells.
    [[nodiscard]] virtual Result<std::vector<bool>> write(std::span<const StateWrite> writes) = 0;
    /// Takes users out. Those that are not there are no error. Errors: Unavailable.
    [[nodiscard]] virtual Status erase(std::span<const std::string_view> users) = 0;
};

}  // namespace shortlist::store
