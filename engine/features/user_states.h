/// The states of all users: in memory, or, past a bound, with those on disk who did nothing for longest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/data/entity_table.h"
#include "engine/features/plan.h"
#include "engine/features/user_state.h"
#include "engine/store/user_store.h"

namespace shortlist::features {

/// Where users go who do not fit in memory. The store is this one fold's own, and begins empty.
struct UserBound {
    store::UserStore* store = nullptr;  ///< Null: all stay in memory. Must outlive the fold.
    std::size_t bytes = 0;              ///< Of states in memory, beside 100 a user.
    /// Gives bytes again that load() takes, from a position of its reader on: users then stay there until they do something. Any thread
    /// calls it, as long as the fold lives. Null: load() brings users into memory as far as there is room.
    std::function<Status(std::uint64_t position, std::span<char> into)> read_again = {};
};

/// What comes back from the store is what went there, so a bound changes nothing but time. One thread changes it while no other reads; any
/// number read. A store that fails to give back what it took stops the process where state is changed: a restart folds the log.
class UserStates {
public:
    UserStates(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, const UserBound& bound)
        : plan_(plan), items_(items), users_(users), bound_(bound) {}

    /// The user's state, to be changed; an empty one for a new user. Holds until the next call of any of these.
    [[nodiscard]] UserState& change(UserRow row);
    /// To be called after each change(): makes room.
    void changed(UserRow row);
    /// The user's state; an empty one for who did nothing. `room` is where it is read to that is not in memory. Errors: those of the store.
    [[nodiscard]] Result<const UserState*> find(UserRow row, UserState& room) const;
    /// The same. Requires that it is in memory.
    [[nodiscard]] const UserState& operator[](UserRow row) const noexcept;
    /// Where the state is, or is to be once it is read; null for who did nothing.
    [[nodiscard]] const UserState* place_of(UserRow row) const noexcept { return row < states_.size() ? &states_[row] : nullptr; }

    /// One past the last user who did anything.
    [[nodiscard]] std::size_t size() const noexcept { return states_.size(); }
    /// Users that are not in memory, and bytes of those that are.
    [[nodiscard]] std::size_t stored() const noexcept { return stored_; }
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// All states as bytes, equal wherever they are; and back into one that is new, each state being read whole before load() returns.
    void save(base::ByteWriter& out) const;
    void load(base::ByteReader& in);

private:
    enum class Home : std::uint8_t { Memory, Store, Loaded };
    /// Of a user, where there is a bound.
    struct Place {
        std::uint32_t version = 0;  ///< Of what the store has; 0: nothing.
        std::uint32_t bytes = 0;    ///< As counted in bytes_; 0 while it is not in memory.
        Home home = Home::Memory;
        bool active = false;  ///< Changed since the hand passed.
    };
    [[nodiscard]] Home home_of(UserRow row) const noexcept { return row < places_.size() ? places_[row].home : Home::Memory; }
    [[nodiscard]] bool is_in_memory(UserRow row) const noexcept { return home_of(row) == Home::Memory; }
    void make_places(std::size_t users);
    [[nodiscard]] Result<std::string> read_loaded(UserRow begin, UserRow end) const;
    [[nodiscard]] UserRow end_of_loaded(UserRow begin, std::size_t users) const noexcept;
    void leave_where_they_are(std::size_t users, base::ByteReader& in);
    [[nodiscard]] Result<std::string> read(UserRow row) const;
    [[nodiscard]] UserState parse(const std::string& bytes) const;
    void count(UserRow row);
    void make_room();

    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    UserBound bound_;
    std::vector<UserState> states_;
    std::vector<Place> places_;
    std::vector<std::uint64_t> loaded_;  // positions of the states that load() left where they were, and of the end of the last
    std::size_t bytes_ = 0;
    std::size_t stored_ = 0;
    std::size_t hand_ = 0;
};

}  // namespace shortlist::features
