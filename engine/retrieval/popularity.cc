#include "engine/retrieval/popularity.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace shortlist::retrieval {

namespace {

struct PopularList final : TickView {
    double latest = 0;  // half-lives from 1970 to when anything was last counted: scores are as of then
    std::vector<Candidate> best;
};

}  // namespace

// In doublings, as of `latest`: counts that are long past keep their order where the count itself would be 0.
float PopularityRetriever::score_of(const features::SharedState& shared, ItemRow item, double latest) const noexcept {
    const features::StateTable& table = plan_.tables()[board_.table];
    const double key = shared.block(plan_, board_.table, item, kNoRow).key(table, plan_.half_lives(), board_.slot);
    return std::isinf(key) ? kNeverChosen : static_cast<float>(key - latest);
}

std::unique_ptr<TickView> PopularityRetriever::view(const features::SharedState& shared, std::size_t items) const {
    auto list = std::make_unique<PopularList>();
    const features::CountSlot& slot = plan_.tables()[board_.table].counts[board_.slot];
    if (slot.fades()) list->latest = static_cast<double>(shared.changed(board_.table)) / plan_.half_lives().seconds(slot.half_life);
    const auto leaders = shared.leaders(leaderboard_);
    for (const auto& leader : leaders) {
        if (leader.row < items) list->best.push_back({leader.row, score_of(shared, leader.row, list->latest)});
    }
    std::sort(list->best.begin(), list->best.end(), better);
    // A catalogue of which fewer were ever chosen: the others follow.
    for (ItemRow item = 0; item < items && list->best.size() < board_.most && leaders.size() < board_.most; ++item) {
        if (const float score = score_of(shared, item, list->latest); score == kNeverChosen) list->best.push_back({item, score});
    }
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
