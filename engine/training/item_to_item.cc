#include "engine/training/item_to_item.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/top_k.h"

namespace shortlist::training {

namespace {

/// The same matrix with at most `history_max` items a user: those whose hashes are lowest.
data::Interactions sample_histories(const data::Interactions& all, std::size_t history_max, std::uint64_t seed) {
    data::Interactions out;
    out.users = all.users;
    out.item_count = all.item_count;
    std::vector<std::pair<std::uint64_t, ItemRow>> hashed;
    for (std::size_t user = 0; user < all.users; ++user) {
        const auto history = all.of(static_cast<UserRow>(user));
        if (history.size() <= history_max) {
            out.items.insert(out.items.end(), history.begin(), history.end());
        } else {
            hashed.clear();
            const std::uint64_t salt = base::mix64(seed ^ base::mix64(user));
            for (const ItemRow item : history) hashed.emplace_back(base::mix64(salt ^ item), item);
            std::nth_element(hashed.begin(), hashed.begin() + static_cast<std::ptrdiff_t>(history_max), hashed.end());
            for (std::size_t i = 0; i < history_max; ++i) out.items.push_back(hashed[i].second);
            std::sort(out.items.end() - static_cast<std::ptrdiff_t>(history_max), out.items.end());
        }
        out.offsets.push_back(out.items.size());
    }
    out.weights.assign(out.items.size(), 1.0F);
    return out;
}

/// Memory of one thread: how often each item went with the one at hand.
struct Worker {
    std::vector<std::uint32_t> together;  // zero between items
    std::vector<ItemRow> touched;
    kernels::TopK best;
};

class Counter {
public:
    Counter(const data::Interactions& by_user, const ItemToItemConfig& config)
        : by_user_(by_user), by_item_(data::transpose(by_user)), config_(config) {}

    /// The items similar to `item`, best first.
    [[nodiscard]] std::vector<models::SimilarItem> similar_to(ItemRow item, Worker& worker) const {
        count_together(item, worker);
        worker.best.start(config_.neighbors);
        const auto own = static_cast<double>(by_item_.of(item).size());
        for (const ItemRow other : worker.touched) {
            const auto both = static_cast<double>(std::exchange(worker.together[other], 0));
            const double scale = std::sqrt(own * static_cast<double>(by_item_.of(other).size())) + config_.shrinkage;
            worker.best.offer({static_cast<float>(both / scale), other});
        }
        std::vector<models::SimilarItem> out;
        for (const auto& [score, row] : worker.best.best()) out.push_back({row, score});
        return out;
    }

private:
    void count_together(ItemRow item, Worker& worker) const {
        worker.together.resize(by_item_.users, 0);
        worker.touched.clear();
        for (const UserRow user : by_item_.of(item)) {
            for (const ItemRow other : by_user_.of(user)) {
                if (other == item) continue;
                if (worker.together[other]++ == 0) worker.touched.push_back(other);
            }
        }
    }

    const data::Interactions& by_user_;
    const data::Interactions by_item_;
    const ItemToItemConfig& config_;
};

}  // namespace

Result<models::Cooccurrence> train_item_to_item(const data::Interactions& interactions, const ItemToItemConfig& config, ThreadPool& pool) {
    if (config.neighbors < 1) return base::invalid_argument("neighbors must be 1 or more, not 0");
    if (config.history_max < 2) return base::invalid_argument("history_max must be 2 or more, not " + std::to_string(config.history_max));
    if (!(config.shrinkage >= 0)) return base::invalid_argument("shrinkage must be 0 or more, not " + std::to_string(config.shrinkage));
    const data::Interactions sampled = sample_histories(interactions, config.history_max, config.seed);
    const Counter counter(sampled, config);
    std::vector<Worker> workers(pool.size());
    std::vector<std::vector<models::SimilarItem>> lists(sampled.item_count);
    pool.parallel_for(lists.size(), 64, [&](std::size_t begin, std::size_t end, std::size_t worker) {
        for (std::size_t item = begin; item < end; ++item) lists[item] = counter.similar_to(static_cast<ItemRow>(item), workers[worker]);
    });
    std::vector<std::uint64_t> offsets{0};
    std::vector<models::SimilarItem> similar;
    for (const auto& list : lists) {
        similar.insert(similar.end(), list.begin(), list.end());
        offsets.push_back(similar.size());
    }
    return models::Cooccurrence::create(std::move(offsets), std::move(similar));
}

}  // namespace shortlist::training
