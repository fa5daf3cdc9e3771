#include "engine/features/user_states.h"

#include <algorithm>
#include <utility>

#include "engine/base/byte_strings.h"
#include "engine/base/check.h"

namespace shortlist::features {

namespace {

// Users that leave together: few enough that requests hardly notice, enough to share a write.
constexpr std::size_t kLeaveTogether = 64;

bool did_nothing(const UserState& user) noexcept { return user.last_time() == 0 && user.history().empty(); }

// Calls `take` with each of so many states, none of which save() would have left out.
template <class Take>
void load_each(std::size_t users, const FeaturePlan& plan, std::size_t items, base::ByteReader& in, const Take& take) {
    for (UserRow row = 0; row < users && in.ok(); ++row) {
        auto state = UserState::load(plan, items, in);
        if (row + 1 == users && did_nothing(state)) in.fail();
        take(row, std::move(state));
    }
}

}  // namespace

UserState& UserStates::change(UserRow row) {
    if (row >= states_.size()) make_places(std::max<std::size_t>(row + std::size_t{1}, users_.size()));
    if (!is_in_memory(row)) {
        const auto bytes = read(row);
        SHORTLIST_CHECK(bytes.has_value(), bytes.error().message);
        states_[row] = parse(*bytes);
        places_[row].home = Home::Memory;
        --stored_;
    }
    return states_[row];
}

void UserStates::make_places(std::size_t users) {
    states_.resize(users);
    if (bound_.store != nullptr) places_.resize(users);
}

void UserStates::changed(UserRow row) {
    if (bound_.store == nullptr) return;
    count(row);
    places_[row].active = true;
    if (bytes_ > bound_.bytes) make_room();
}

void UserStates::count(UserRow row) {
    const std::size_t bytes = states_[row].bytes();
    bytes_ += bytes - places_[row].bytes;
    places_[row].bytes = static_cast<std::uint32_t>(bytes);
}

// A clock: whoever changed since the hand came by last stays for another round.
void UserStates::make_room() {
    std::vector<UserRow> leaving;
    for (std::size_t looked = 0; looked < 2 * places_.size() && leaving.size() < kLeaveTogether && bytes_ > bound_.bytes; ++looked) {
        if (hand_ >= places_.size()) hand_ = 0;
        Place& place = places_[hand_];
        if (place.active) {
            place.active = false;
        } else if (place.bytes > 0) {
            bytes_ -= std::exchange(place.bytes, 0);
            leaving.push_back(static_cast<UserRow>(hand_));
        }
        ++hand_;
    }
    std::vector<std::string> bytes;
    for (const UserRow row : leaving) bytes.push_back(base::bytes_written([&](base::ByteWriter& out) { states_[row].save(out); }));
    std::vector<store::StateWrite> writes;
    for (std::size_t l = 0; l < leaving.size(); ++l) {
        const std::uint32_t version = places_[leaving[l]].version;
        writes.push_back({{users_.ids[leaving[l]], version}, version + std::uint64_t{1}, bytes[l]});
    }
    const auto written = bound_.store->write(writes);
    for (std::size_t l = 0; l < leaving.size(); ++l) {
        if (!written || !(*written)[l]) {  // a full disk: they stay, and the bound gives way
            count(leaving[l]);
            continue;
        }
        Place& place = places_[leaving[l]];
        ++place.version;
        place.home = Home::Store;
        states_[leaving[l]] = {};
        ++stored_;
    }
}

Result<std::string> UserStates::read(UserRow row) const {
    if (home_of(row) == Home::Loaded) return read_loaded(row, row + 1);
    const store::KnownState known{users_.ids[row], 0};
    SHORTLIST_ASSIGN(auto found, bound_.store->read({&known, 1}));
    if (!found[0] || found[0]->version != places_[row].version) return base::data_loss("the state of a user is not in the store that took it");
    return std::move(found[0]->bytes);
}

Result<std::string> UserStates::read_loaded(UserRow begin, UserRow end) const {
    std::string bytes(static_cast<std::size_t>(loaded_[end] - loaded_[begin]), '\0');
    SHORTLIST_TRY(bound_.read_again(loaded_[begin], bytes));
    return bytes;
}

UserState UserStates::parse(const std::string& bytes) const {
    base::StringReader in(bytes);
    return UserState::load(plan_, items_.size(), in);
}

const UserState& UserStates::operator[](UserRow row) const noexcept {
    static const UserState kNewcomer;
    SHORTLIST_CHECK(is_in_memory(row));
    return row < states_.size() ? states_[row] : kNewcomer;
}

Result<const UserState*> UserStates::find(UserRow row, UserState& room) const {
    if (is_in_memory(row)) return &(*this)[row];
    SHORTLIST_ASSIGN(const auto bytes, read(row));
    room = parse(bytes);
    return &room;
}

std::size_t UserStates::bytes() const noexcept {
    std::size_t bytes = places_.capacity() * sizeof(Place) + loaded_.capacity() * sizeof(loaded_[0]);
    if (bound_.store != nullptr) return bytes + bytes_ + (states_.capacity() - (states_.size() - stored_)) * sizeof(UserState);
    for (const auto& user : states_) bytes += user.bytes();
    return bytes;
}

// States behind the last user who did anything are not written: how many of them there are depends on when the catalogue grew.
void UserStates::save(base::ByteWriter& out) const {
    std::size_t users = states_.size();
    while (users > 0 && is_in_memory(static_cast<UserRow>(users - 1)) && did_nothing(states_[users - 1])) --users;
    out.put(std::uint64_t{users});
    for (UserRow row = 0; row < users;) {
        if (is_in_memory(row)) {
            states_[row++].save(out);
            continue;
        }
        const UserRow end = home_of(row) == Home::Loaded ? end_of_loaded(row, users) : row + 1;
        const auto bytes = home_of(row) == Home::Loaded ? read_loaded(row, end) : read(row);
        SHORTLIST_CHECK(bytes.has_value(), bytes.error().message);
        out.put_bytes(*bytes);
        row = end;
    }
}

// Of a run of users that lie side by side where load() left them, as many as are read at once.
UserRow UserStates::end_of_loaded(UserRow begin, std::size_t users) const noexcept {
    constexpr std::uint64_t kBytesAtOnce = std::uint64_t{1} << 18;
    UserRow end = begin + 1;
    while (end < users && home_of(end) == Home::Loaded && loaded_[end] - loaded_[begin] < kBytesAtOnce) ++end;
    return end;
}

void UserStates::load(base::ByteReader& in) {
    constexpr std::size_t kLeastBytes = 25;  // of a user: a time, two counts and a flag
    const std::size_t users = in.take_count(kLeastBytes);
    if (users > users_.size()) in.fail();
    if (in.ok() && bound_.store != nullptr && bound_.read_again) return leave_where_they_are(users, in);
    load_each(users, plan_, items_.size(), in, [this](UserRow row, UserState&& state) {
        change(row) = std::move(state);
        changed(row);
    });
}

// Each is read, and let go of, so that what is found there later is known to be sound.
void UserStates::leave_where_they_are(std::size_t users, base::ByteReader& in) {
    make_places(users_.size());
    loaded_.reserve(users + 1);
    loaded_.push_back(in.position());
    load_each(users, plan_, items_.size(), in, [&](UserRow row, const UserState&) {
        loaded_.push_back(in.position());
        places_[row].home = Home::Loaded;
    });
    stored_ = users;
}

}  // namespace shortlist::features
