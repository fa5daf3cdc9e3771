#include "engine/pipeline/shared_users.h"

#include <algorithm>

#include "engine/base/byte_strings.h"

namespace shortlist::pipeline {

namespace {

// Users whose versions are remembered; without one the whole state is read again.
constexpr std::size_t kKnownMax = 1'000'000;
// Servers that a state tells apart; the one that wrote longest ago leaves.
constexpr std::size_t kPartsMax = 16;
// Attempts to write behind servers that were quicker.
constexpr int kRounds = 20;
// The low bits of a version are the writer's: two writers never give one version to different states.
constexpr unsigned kWriterBits = 16;

}  // namespace

std::optional<std::pair<SharedUsers::Parts, std::string_view>> SharedUsers::read_parts(std::string_view bytes) {
    base::StringReader in(bytes);
    constexpr std::size_t kBytes = 2 * sizeof(std::uint64_t);
    Parts parts(in.take_count(kBytes));
    for (auto& [writer, end] : parts) {
        writer = in.take<std::uint64_t>();
        end = in.take<std::uint64_t>();
    }
    if (!in.ok()) return std::nullopt;
    return std::pair(std::move(parts), bytes.substr(bytes.size() - in.left()));
}

Result<std::optional<SharedUsers::Arrival>> SharedUsers::look(const std::string& user) {
    SHORTLIST_ASSIGN(auto arrivals, look_all({&user, 1}));
    return arrivals.empty() ? std::optional<Arrival>() : std::optional(std::move(arrivals.front()));
}

Result<std::vector<SharedUsers::Arrival>> SharedUsers::look_all(std::span<const std::string> users) {
    std::vector<store::KnownState> asked;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& user : users) {
            const auto known = known_.find(user);
            asked.push_back({user, known == known_.end() ? 0 : known->second.version});
        }
    }
    SHORTLIST_ASSIGN(auto found, store_->read(asked));
    std::vector<Arrival> arrivals;
    for (std::size_t u = 0; u < users.size(); ++u) {
        if (found[u]) arrivals.push_back({users[u], asked[u].version, std::move(*found[u])});
    }
    return arrivals;
}

Status SharedUsers::install(const Arrival& arrival, LogState& state) {
    const std::lock_guard lock(mutex_);
    if (known_.size() > kKnownMax) known_.clear();
    Known& known = known_[arrival.user];
    if (known.version != arrival.known) return {};
    auto read = read_parts(arrival.state.bytes);
    if (!read) return base::data_loss("the state of a user in the store does not say what is part of it");
    SHORTLIST_TRY(state.set_user(arrival.user, read->second));
    known = {arrival.state.version, std::move(read->first)};
    for (const auto& [writer, end] : known.parts) {
        if (writer == writer_) drop_written(arrival.user, end);
    }
    if (const auto waiting = unwritten_.find(arrival.user); waiting != unwritten_.end()) {
        for (const auto& unwritten : waiting->second) state.take_again(unwritten.event);
    }
    return {};
}

void SharedUsers::folded(const data::Event& event, std::uint64_t offset) {
    const std::lock_guard lock(mutex_);
    unwritten_[event.user].push_back({offset + 1, event});
    if (++counts_.waiting > kUnwrittenMax) drop_oldest();
}

// Requires mutex_. Some user's: which of them was first would cost a list of its own.
void SharedUsers::drop_oldest() {
    const auto first = unwritten_.begin();
    counts_.waiting -= first->second.size();
    counts_.lost += first->second.size();
    unwritten_.erase(first);
}

// Requires mutex_.
void SharedUsers::drop_written(const std::string& user, std::uint64_t end) {
    const auto waiting = unwritten_.find(user);
    if (waiting == unwritten_.end()) return;
    counts_.waiting -= std::erase_if(waiting->second, [end](const Unwritten& unwritten) { return unwritten.end <= end; });
    if (waiting->second.empty()) unwritten_.erase(waiting);
}

Status SharedUsers::settle(std::span<const std::string> users, const StateAccess& access) {
    std::vector<std::string> waiting(users.begin(), users.end());
    for (int round = 0; round < kRounds && !waiting.empty(); ++round) {
        Result<std::vector<Prepared>> prepared = std::vector<Prepared>();
        access.read([&](const LogState& state) { prepared = prepare(waiting, state); });
        if (!prepared) return prepared.error();
        SHORTLIST_ASSIGN(waiting, write(*prepared));
        SHORTLIST_TRY(catch_up(waiting, access));
    }
    return {};
}

Result<std::vector<SharedUsers::Prepared>> SharedUsers::prepare(std::span<const std::string> users, const LogState& state) const {
    const std::lock_guard lock(mutex_);
    std::vector<Prepared> prepared;
    for (const auto& user : users) {
        const auto waiting = unwritten_.find(user);
        if (waiting == unwritten_.end()) continue;
        Prepared& one = prepared.emplace_back();
        one.user = user;
        if (const auto known = known_.find(user); known != known_.end()) {
            one.known = known->second.version;
            one.parts = known->second.parts;
        }
        one.version = ((one.known >> kWriterBits) + 1) << kWriterBits | (writer_ & ((1U << kWriterBits) - 1));
        std::erase_if(one.parts, [this](const auto& part) { return part.first == writer_; });
        one.parts.insert(one.parts.begin(), {writer_, waiting->second.back().end});
        one.parts.resize(std::min(one.parts.size(), kPartsMax));
        SHORTLIST_ASSIGN(const auto bytes, state.portable_user(user));
        one.bytes = base::bytes_written([&](base::ByteWriter& out) {
            out.put(std::uint64_t{one.parts.size()});
            for (const auto& [writer, end] : one.parts) {
                out.put(writer);
                out.put(end);
            }
            out.put_bytes(bytes);
        });
    }
    return prepared;
}

// Returns those of whom another server wrote a state first.
Result<std::vector<std::string>> SharedUsers::write(std::span<const Prepared> prepared) {
    std::vector<std::string> refused;
    if (prepared.empty()) return refused;
    std::vector<store::StateWrite> writes;
    for (const auto& one : prepared) writes.push_back({{one.user, one.known}, one.version, one.bytes});
    SHORTLIST_ASSIGN(const auto written, store_->write(writes));
    const std::lock_guard lock(mutex_);
    for (std::size_t p = 0; p < prepared.size(); ++p) {
        const Prepared& one = prepared[p];
        if (!written[p]) {
            refused.push_back(one.user);
            continue;
        }
        if (Known& known = known_[one.user]; known.version == one.known) known = {one.version, one.parts};
        drop_written(one.user, one.parts.front().second);
    }
    return refused;
}

Status SharedUsers::catch_up(std::span<const std::string> users, const StateAccess& access) {
    if (users.empty()) return {};
    SHORTLIST_ASSIGN(const auto arrivals, look_all(users));
    for (const auto& arrival : arrivals) {
        Status installed;
        access.change([&](LogState& state) { installed = install(arrival, state); });
        SHORTLIST_TRY(std::move(installed));
    }
    return {};
}

std::vector<std::string> SharedUsers::unsettled(std::size_t most) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> users;
    for (auto next = unwritten_.begin(); next != unwritten_.end() && users.size() < most; ++next) users.push_back(next->first);
    return users;
}

bool SharedUsers::is_foreign(const std::string& user) const {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(user);
    return known != known_.end() && std::ranges::any_of(known->second.parts, [this](const auto& part) { return part.first != writer_; });
}

Status SharedUsers::erase(const std::string& user) {
    const std::string_view name = user;
    SHORTLIST_TRY(store_->erase({&name, 1}));
    const std::lock_guard lock(mutex_);
    known_.erase(user);
    drop_written(user, ~std::uint64_t{0});
    return {};
}

SharedUsers::Counts SharedUsers::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace shortlist::pipeline
