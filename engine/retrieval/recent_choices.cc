#include <algorithm>

#include "engine/retrieval/retriever.h"

namespace shortlist::retrieval {

void recent_choices(const features::UserState& user, std::size_t signal, std::size_t limit, std::vector<ItemRow>& items) {
    items.clear();
    const auto history = user.history();
    for (auto entry = history.rbegin(); entry != history.rend() && items.size() < limit; ++entry) {
        if ((entry->signals >> signal & 1U) != 0) items.push_back(entry->item);
    }
    // Distinct, in order: a history of a thousand makes sorting positions cheaper than a set.
    std::vector<std::pair<ItemRow, std::size_t>> seen;
    seen.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) seen.emplace_back(items[i], i);
    std::sort(seen.begin(), seen.end());
    std::size_t kept = 0;
    std::vector<bool> repeated(items.size(), false);
    for (std::size_t i = 1; i < seen.size(); ++i) repeated[seen[i].second] = seen[i].first == seen[i - 1].first;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!repeated[i]) items[kept++] = items[i];
    }
    items.resize(kept);
}

}  // namespace shortlist::retrieval
