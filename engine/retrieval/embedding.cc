#include "engine/retrieval/embedding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/dot.h"

namespace shortlist::retrieval {

Result<std::unique_ptr<EmbeddingRetriever>> EmbeddingRetriever::create(std::string name, std::size_t signal, models::Factorization model) {
    // The index reads the model's own rows, which stay where they are when the model moves.
    SHORTLIST_ASSIGN(index::ExactIndex index, index::ExactIndex::build(model.item_factors(), model.embedding_size()));
    return std::unique_ptr<EmbeddingRetriever>(new EmbeddingRetriever(std::move(name), signal, std::move(model), std::move(index)));
}

// Leaves the user's vector in scratch.user_vector. False for a user of whom the model knows nothing.
Result<bool> EmbeddingRetriever::solve_user(const Query& query, RetrieverScratch& scratch) const {
    recent_choices(query.user, signal_, kChoicesMax, scratch.items);
    std::erase_if(scratch.items, [&](ItemRow item) { return item >= model_.items(); });
    if (scratch.items.empty()) return false;
    scratch.weights.assign(scratch.items.size(), 1.0F);
    scratch.user_vector.resize(model_.embedding_size());
    if (model_.fold_in(scratch.items, scratch.weights, scratch.factorization, scratch.user_vector)) return true;
    return base::internal_error("the user's vector cannot be solved");
}

Result<std::size_t> EmbeddingRetriever::retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const {
    SHORTLIST_ASSIGN(const bool known, solve_user(query, scratch));
    if (!known) return std::size_t{0};
    scratch.hits.resize(out.size());
    const std::size_t count = index_.search(scratch.user_vector, out.size(), {}, scratch.search, scratch.hits);
    for (std::size_t i = 0; i < count; ++i) out[i] = {scratch.hits[i].row, scratch.hits[i].score};
    return count;
}

void EmbeddingRetriever::affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const {
    const bool known = solve_user(query, scratch).value_or(false);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool scored = known && items[i] < model_.items();
        out[i] = scored ? kernels::dot(scratch.user_vector, model_.item_factor(items[i])) : std::numeric_limits<float>::quiet_NaN();
    }
}

std::size_t EmbeddingRetriever::similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const {
    if (item >= model_.items() || out.empty()) return 0;
    const auto own = model_.item_factor(item);
    const float length = std::sqrt(kernels::dot(own, own));
    if (length == 0.0F) return 0;
    auto& all = scratch.candidates;
    all.clear();
    for (ItemRow other = 0; other < model_.items(); ++other) {
        const auto vector = model_.item_factor(other);
        const float norm = std::sqrt(kernels::dot(vector, vector));
        if (other != item && norm > 0.0F) all.push_back({other, kernels::dot(own, vector) / (length * norm)});
    }
    const std::size_t count = std::min(out.size(), all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), better);
    std::copy_n(all.begin(), count, out.begin());
    return count;
}

}  // namespace shortlist::retrieval
