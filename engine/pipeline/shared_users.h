/// Users' states that several servers share through a store, so that what one of them was told the next request to another one sees.
///
/// A state in the store says which records of which server's log are part of it. Behind each group of events a server writes the states of
/// their users. Where another one was quicker its state is read, the events that it lacks are counted on it, and it is written again: nothing is
/// lost and nothing counted twice, whoever was first. While the store is away, what is in memory serves, and is written when it is back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/event.h"
#include "engine/pipeline/log_state.h"
#include "engine/store/user_store.h"

namespace shortlist::pipeline {

/// How the state of this process is reached: each calls back while nobody changes it, or nobody reads it.
struct StateAccess {
    std::function<void(const std::function<void(const LogState& state)>&)> read;
    std::function<void(const std::function<void(LogState& state)>&)> change;
};

/// Any thread; settle() by one at a time.
class SharedUsers {
public:
    /// `writer`: no two processes have the same one.
    SharedUsers(std::unique_ptr<store::UserStore> store, std::uint64_t writer) : store_(std::move(store)), writer_(writer) {}

    /// A state in the store that this process does not have.
    struct Arrival {
        std::string user;
        std::uint64_t known = 0;  ///< Version that it is to replace.
        store::StoredState state;
    };
    /// Looks whether the store knows more of a user. Errors: Unavailable.
    [[nodiscard]] Result<std::optional<Arrival>> look(const std::string& user);
    /// Puts it in place, with the user's events on it that it lacks; nothing where another one was put there since. Requires that nobody
    /// reads the state. Errors: DataLoss; then nothing was changed.
    [[nodiscard]] Status install(const Arrival& arrival, LogState& state);

    /// An event of this process's log was folded. The oldest go past kUnwrittenMax: should another server write their users first, they are
    /// not part of what is shared.
    void folded(const data::Event& event, std::uint64_t offset);
    /// Writes the states of users with such events. Errors: Unavailable, DataLoss; then they wait for the next call.
    [[nodiscard]] Status settle(std::span<const std::string> users, const StateAccess& access);
    /// Users that wait, at most so many.
    [[nodiscard]] std::vector<std::string> unsettled(std::size_t most) const;

    /// Whether records of other logs are part of the user's state, so that this log alone does not give it.
    [[nodiscard]] bool is_foreign(const std::string& user) const;
    /// Takes a user out of the store. Errors: Unavailable.
    [[nodiscard]] Status erase(const std::string& user);

    struct Counts {
        std::uint64_t waiting = 0;  ///< Events that are not in the store.
        std::uint64_t lost = 0;     ///< That left past kUnwrittenMax.
    };
    [[nodiscard]] Counts counts() const;

    /// Events that may wait while the store is away.
    static constexpr std::size_t kUnwrittenMax = 200'000;

private:
    /// How far each server's log is part of a state: writers and the offsets behind their last records, the newest writer first.
    using Parts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    struct Known {
        std::uint64_t version = 0;
        Parts parts;
    };
    struct Unwritten {
        std::uint64_t end = 0;  ///< Offset behind the event.
        data::Event event;
    };
    struct Prepared {
        std::string user;
        std::uint64_t known = 0;
        std::uint64_t version = 0;
        Parts parts;
        std::string bytes;
    };
    [[nodiscard]] Result<std::vector<Arrival>> look_all(std::span<const std::string> users);
    [[nodiscard]] static std::optional<std::pair<Parts, std::string_view>> read_parts(std::string_view bytes);
    [[nodiscard]] Result<std::vector<Prepared>> prepare(std::span<const std::string> users, const LogState& state) const;
    [[nodiscard]] Result<std::vector<std::string>> write(std::span<const Prepared> prepared);
    [[nodiscard]] Status catch_up(std::span<const std::string> users, const StateAccess& access);
    void drop_written(const std::string& user, std::uint64_t end);
    void drop_oldest();

    std::unique_ptr<store::UserStore> store_;
    std::uint64_t writer_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
    std::unordered_map<std::string, std::vector<Unwritten>> unwritten_;
    Counts counts_;
};

}  // namespace shortlist::pipeline
