/// The `serve.redis` part of shortlist.yaml: where servers share what they know of users.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/config_rules.h"
#include "engine/base/ids.h"

namespace shortlist::store {

struct RedisConfig {
    std::string address;
    std::string user;
    std::string password;
    std::size_t database = 0;
    std::string prefix = "shortlist";
    base::Duration timeout{50'000};
    base::Duration keep{90 * kDayUs};

    /// Whether anything is shared.
    [[nodiscard]] bool used() const noexcept { return !address.empty(); }

    template <class Visitor>
    void describe(Visitor& v) {
        using base::text;
        v.field("address", address, text(0, 256), "Redis that servers share users' states in, as redis-1:6379 or a socket's path; empty: none.");
        v.field("user", user, text(0, 256), "Name to log in with; empty: Redis's default user.");
        v.secret_field("password", password, text(0, 1024), "Password to log in with; empty: none is asked for. Shown as ***.");
        v.field("database", database, base::range(0, 1'000'000), "Number of the database.");
        v.field("prefix", prefix, text(1, 64), "What keys begin with: servers of one project share it, others must not.");
        v.field("timeout", timeout, base::range(1'000, 10 * kSecondUs),
                "How long an answer is waited for. Past it the states in memory are used, and answers name the store in `degraded`.");
        v.field("keep", keep, base::range(kHourUs, 3650 * kDayUs), "How long a user who does nothing stays there.");
    }
};

}  // namespace shortlist::store
