#include "engine/retrieval/item_to_item.h"

#include <algorithm>

namespace shortlist::retrieval {

void ItemToItemRetriever::add_up(const Query& query, RetrieverScratch& scratch) const {
    recent_choices(query.user, signal_, kChoicesMax, scratch.items);
    scratch.sums.clear();
    float weight = 1.0F;
    for (const ItemRow chosen : scratch.items) {
        for (const auto& [item, score] : model_.similar(chosen)) scratch.sums[item] += weight * score;
        weight *= kFading;
    }
}

Result<std::size_t> ItemToItemRetriever::retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const {
    add_up(query, scratch);
    auto& all = scratch.candidates;
    all.clear();
    for (const auto& [item, sum] : scratch.sums) all.push_back({item, sum});
    const std::size_t count = std::min(out.size(), all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), better);
    std::copy_n(all.begin(), count, out.begin());
    return count;
}

void ItemToItemRetriever::affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const {
    add_up(query, scratch);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto found = scratch.sums.find(items[i]);
        out[i] = found == scratch.sums.end() ? 0.0F : found->second;
    }
}

std::size_t ItemToItemRetriever::similar(ItemRow item, RetrieverScratch&, std::span<Candidate> out) const {
    const auto list = model_.similar(item);
    const std::size_t count = std::min(out.size(), list.size());
    for (std::size_t i = 0; i < count; ++i) out[i] = {list[i].item, list[i].score};
    return count;
}

}  // namespace shortlist::retrieval
