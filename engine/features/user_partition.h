/// A share of all users: what one process of several folds.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/random.h"

namespace shortlist::features {

/// The most shares that users are divided into.
inline constexpr std::uint32_t kPartitionsMax = 256;

/// Share `index` of `count`: each user is in one, and which one depends on their row alone. Shares are about equal in users, not in events.
struct UserPartition {
    std::uint32_t index = 0;
    std::uint32_t count = 1;

    [[nodiscard]] bool holds(UserRow user) const noexcept { return count == 1 || base::mix64(user) % count == index; }
};

}  // namespace shortlist::features
