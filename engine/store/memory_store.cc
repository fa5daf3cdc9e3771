#include "engine/store/memory_store.h"

namespace shortlist::store {

Result<std::vector<std::optional<StoredState>>> MemoryStore::read(std::span<const KnownState> users) {
    const std::lock_guard lock(mutex_);
    std::vector<std::optional<StoredState>> found(users.size());
    for (std::size_t u = 0; u < users.size(); ++u) {
        const auto at = states_.find(users[u].user);
        if (at != states_.end() && at->second.version != users[u].version) found[u] = at->second;
    }
    return found;
}

Result<std::vector<bool>> MemoryStore::write(std::span<const StateWrite> writes) {
    const std::lock_guard lock(mutex_);
    std::vector<bool> written(writes.size());
    for (std::size_t w = 0; w < writes.size(); ++w) {
        auto at = states_.find(writes[w].known.user);
        if (at != states_.end() && at->second.version != writes[w].known.version) continue;
        if (at == states_.end()) at = states_.emplace(writes[w].known.user, StoredState{}).first;
        at->second = {writes[w].version, std::string(writes[w].bytes)};
        written[w] = true;
    }
    return written;
}

Status MemoryStore::erase(std::span<const std::string_view> users) {
    const std::lock_guard lock(mutex_);
    for (const auto user : users) {
        if (const auto at = states_.find(user); at != states_.end()) states_.erase(at);
    }
    return {};
}

}  // namespace shortlist::store
