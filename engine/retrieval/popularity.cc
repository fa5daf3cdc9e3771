#include "engine/retrieval/popularity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/kernels/top_k.h"

namespace shortlist::retrieval {

namespace {

struct PopularList final : TickView {
    double latest = 0;  // when anything was last counted: scores are as of then
    std::vector<Candidate> best;
};

// What an item's block says: how often it was chosen, as of when.
struct Tally {
    ItemRow item = 0;
    double count = 0;
    double time = 0;
};

// Base-2 logarithm of the count decayed to `latest`: counts that are long past keep their order where the count itself would be 0.
float score_of(const Tally& tally, double latest, double decay) noexcept {
    return tally.count > 0.0 ? static_cast<float>(std::log2(tally.count) + (tally.time - latest) * decay) : PopularityRetriever::kNeverChosen;
}

// Exponent and fraction of a positive normal double, read as one number, lie below its logarithm by at most this.
constexpr double kLogarithmSlack = 0.0861;
double logarithm_from_below(double positive) noexcept {
    if (positive < std::numeric_limits<double>::min()) return std::log2(positive);
    return static_cast<double>(std::bit_cast<std::int64_t>(positive)) * 0x1p-52 - 1023.0;
}

// The tallies that may be among the `kept` best: logarithms are slow, and most items are far from the list.
std::vector<Tally> contenders(const std::vector<Tally>& tallies, std::size_t kept, double latest, double decay) {
    if (tallies.size() <= kept) return tallies;
    std::vector<float> bounds;
    for (const Tally& tally : tallies) bounds.push_back(static_cast<float>(logarithm_from_below(tally.count) + (tally.time - latest) * decay));
    kernels::TopK best;
    best.start(kept);
    for (std::size_t i = 0; i < bounds.size(); ++i) best.offer({bounds[i], static_cast<std::uint32_t>(i)});
    const float least = best.best().back().score;
    const float bar = least - static_cast<float>(kLogarithmSlack) - std::abs(least) * 1e-6F - 1e-6F;  // what rounding to float may move
    std::vector<Tally> found;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (bounds[i] >= bar) found.push_back(tallies[i]);
    }
    return found;
}

}  // namespace

features::FeatureConfig popularity_state(const std::string& signal, TimeUs half_life) {
    features::FeatureConfig config;
    config.kind = features::FeatureKind::Count;
    config.of = "item";
    config.signal = signal;
    config.half_life.us = half_life;
    return config;
}

std::unique_ptr<TickView> PopularityRetriever::view(const features::SharedState& shared, std::size_t items) const {
    const features::StateTable& table = plan_.tables()[state_.table];
    const std::size_t count_at = table.count_at(state_.slot);
    auto list = std::make_unique<PopularList>();
    std::vector<Tally> tallies;
    std::vector<std::uint8_t> chosen(items, 0);
    shared.for_each_block(plan_, state_.table, items, [&](ItemRow item, std::span<const double> block) {
        list->latest = std::max(list->latest, block[0]);
        if (block[count_at] <= 0.0) return;
        tallies.push_back({item, block[count_at], block[0]});
        chosen[item] = 1;
    });
    const std::size_t kept = std::min(items, list_max_);
    const double decay = table.counts[state_.slot].decay;
    for (const Tally& tally : contenders(tallies, kept, list->latest, decay))
        list->best.push_back({tally.item, score_of(tally, list->latest, decay)});
    std::sort(list->best.begin(), list->best.end(), better);
    for (ItemRow item = 0; item < items && list->best.size() < kept; ++item) {
        if (chosen[item] == 0) list->best.push_back({item, kNeverChosen});
    }
    list->best.resize(kept);
    list->best.shrink_to_fit();
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
    const features::StateTable& table = plan_.tables()[state_.table];
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto block = query.shared.block(plan_, state_.table, items[i], kNoRow);
        const Tally tally = block.empty() ? Tally{} : Tally{items[i], block[table.count_at(state_.slot)], block[0]};
        out[i] = score_of(tally, latest, table.counts[state_.slot].decay);
    }
}

std::size_t PopularityRetriever::similar(ItemRow, RetrieverScratch&, std::span<Candidate>) const { return 0; }

}  // namespace shortlist::retrieval
