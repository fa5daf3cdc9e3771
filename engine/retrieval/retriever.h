/// Proposes candidates for one request: the first stage of the pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/features/executor.h"
#include "engine/index/exact_index.h"
#include "engine/models/factorization.h"

namespace shortlist::retrieval {

struct Candidate {
    ItemRow item = 0;
    float score = 0;
};

/// The order of every list: the higher score first, ties to the lower row.
[[nodiscard]] inline bool better(const Candidate& a, const Candidate& b) noexcept { return a.score != b.score ? a.score > b.score : a.item < b.item; }

/// What a retriever derives from shared state once a tick, for all requests until the next.
class TickView {
public:
    virtual ~TickView() = default;
};

/// Who asks, and what is known at that moment. The references live as long as the request.
struct Query {
    const features::FeatureRequest& request;
    const features::UserState& user;
    const features::SharedState& shared;
    std::size_t items = 0;           ///< Rows of the catalogue; proposals are below it.
    const TickView* tick = nullptr;  ///< What view() of this retriever gave for `shared`; null where it gives none.
};

/// Memory for one request at a time; grows to what the largest needs, then allocates no more.
struct RetrieverScratch {
    std::vector<ItemRow> items;
    std::vector<float> weights;
    std::vector<float> user_vector;
    std::unordered_map<ItemRow, float> sums;
    std::vector<Candidate> candidates;
    std::vector<index::Scored> hits;
    models::Factorization::Scratch factorization;
    index::SearchScratch search;
};

/// Immutable after construction, so any number of threads may call it, each with its own scratch. Implementations pass
/// retriever_conformance in retriever_test.cc.
class Retriever {
public:
    virtual ~Retriever() = default;
    [[nodiscard]] virtual const std::string& name() const noexcept = 0;

    /// Derives what requests read from shared state; null where that is nothing. Cost: once a tick.
    [[nodiscard]] virtual std::unique_ptr<TickView> view(const features::SharedState& shared, std::size_t items) const = 0;

    /// Fills `out` with at most out.size() distinct items, best first; ties go to the lower row. Scores are finite, higher is
    /// better, and comparable only within one retriever. Returns how many were written; 0 is an answer (a cold user).
    /// Errors: as the model behind it says.
    virtual Result<std::size_t> retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const = 0;

    /// Its model's opinion of each of `items`, proposed or not; NaN where it has none.
    virtual void affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const = 0;

    /// Model-made vectors of the items, shape (rows, width), for similar items and diversity; empty where there are none.
    struct Embeddings {
        std::span<const float> values{};
        std::size_t width = 0;
    };
    [[nodiscard]] virtual Embeddings embeddings() const noexcept { return {}; }

    /// At most out.size() items like `item`, best first, itself not among them; 0 where the model does not know it.
    virtual std::size_t similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const = 0;
};

/// The distinct items of the user's past that carry `signal`, newest first, at most `limit`; appended to `items`, which is cleared.
void recent_choices(const features::UserState& user, std::size_t signal, std::size_t limit, std::vector<ItemRow>& items);

}  // namespace shortlist::retrieval
