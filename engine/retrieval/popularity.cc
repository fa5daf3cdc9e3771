#include "engine/retrieval/popularity.h"

#include <algorithm>
#include <cmath>

namespace shortlist::retrieval {

namespace {

struct PopularList final : TickView {
    double latest = 0;  // when anything was last counted: scores are as of then
    std::vector<Candidate> best;
};

}  // namespace

features::FeatureConfig popularity_state(const std::string& signal, TimeUs half_life) {
    features::FeatureConfig config;
    config.kind = features::FeatureKind::Count;
    config.of = "item";
    config.signal = signal;
    config.half_life.us = half_life;
    return config;
}

// Base-2 logarithm of the count decayed to `latest`: counts that are long past keep their order where the count itself would be 0.
float PopularityRetriever::score_of(const features::SharedState& shared, ItemRow item, double latest) const noexcept {
    const features::StateTable& table = plan_.tables()[state_.table];
    const auto block = shared.block(plan_, state_.table, item, kNoRow);
    const double count = block.empty() ? 0.0 : block[table.count_at(state_.slot)];
    if (count <= 0.0) return kNeverChosen;
    return static_cast<float>(std::log2(count) + (block[0] - latest) * table.counts[state_.slot].decay);
}

std::unique_ptr<TickView> PopularityRetriever::view(const features::SharedState& shared, std::size_t items) const {
    auto list = std::make_unique<PopularList>();
    for (std::size_t i = 0; i < items; ++i) {
        const auto block = shared.block(plan_, state_.table, static_cast<ItemRow>(i), kNoRow);
        if (!block.empty()) list->latest = std::max(list->latest, block[0]);
    }
    list->best.resize(items);
    for (std::size_t i = 0; i < items; ++i) {
        list->best[i] = {static_cast<ItemRow>(i), score_of(shared, static_cast<ItemRow>(i), list->latest)};
    }
    const std::size_t kept = std::min(items, list_max_);
    std::nth_element(list->best.begin(), list->best.begin() + static_cast<std::ptrdiff_t>(kept), list->best.end(), better);
    list->best.resize(kept);
    list->best.shrink_to_fit();
    std::sort(list->best.begin(), list->best.end(), better);
    return list;
}

Result<std::size_t> PopularityRetriever::retrieve(const Query& query, RetrieverScratch&, std::span<Candidate> out) const {
    const auto* list = static_cast<const PopularList*>(query.tick);
    SHORTLIST_CHECK(list != nullptr);
    const std::size_t count = std::min(out.size(), list->best.size());
    std::copy_n(list->best.begin(), count, out.begin());
    return count;
}

void PopularityRetriever::affinity(const Query& query, RetrieverScratch&, std::span<const ItemRow> items, std::span<float> out) const {
    SHORTLIST_CHECK(query.tick != nullptr);
    const double latest = static_cast<const PopularList*>(query.tick)->latest;
    for (std::size_t i = 0; i < items.size(); ++i) out[i] = score_of(query.shared, items[i], latest);
}

std::size_t PopularityRetriever::similar(ItemRow, RetrieverScratch&, std::span<Candidate>) const { return 0; }

}  // namespace shortlist::retrieval
