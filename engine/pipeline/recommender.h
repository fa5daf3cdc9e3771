/// The request path, from a question to a slate. The same code serves over HTTP and is judged offline.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/features/executor.h"
#include "engine/kernels/aligned.h"
#include "engine/pipeline/world.h"
#include "engine/ranking/mmr.h"
#include "engine/retrieval/retriever.h"

namespace shortlist::pipeline {

struct Request {
    UserRow user = kNoRow;  ///< kNoRow: a newcomer.
    TimeUs time = 0;
    std::size_t surface = 0;
    std::size_t size = 0;  ///< 0: what the surface says.
    std::span<const std::uint32_t> context;
    std::span<const ItemRow> exclude;
    std::span<const ItemRow> candidates;  ///< The caller's own, to be ranked; empty: the retrievers propose.
    bool wants_features = false;          ///< Fill the feature rows even where no ranker reads them.
};

struct SlateItem {
    ItemRow item = 0;
    float score = 0;
    std::uint32_t candidate = 0;  ///< Its row in the scratch's matrices.
};

/// What happened on the way: for explanations, metrics and per-stage evaluation.
struct Trace {
    struct Stage {
        const char* name = "";
        double seconds = 0;
        std::size_t candidates = 0;  ///< After the stage; after retrieve, one for each retriever that proposed it.
    };
    std::vector<Stage> stages;
    std::vector<std::string> degraded;  ///< Parts that erred and were left out, with the reason.
};

/// Memory of one request at a time. After recommend() it still holds every stage's lists, until the next request.
struct Scratch {
    std::vector<std::vector<retrieval::Candidate>> proposals;  ///< By retriever, best first, without what may not be shown.
    std::vector<ItemRow> candidates;                           ///< All that is ranked, in order of blended score.
    std::vector<float> blended;                                ///< Reciprocal rank fusion of the proposals, by candidate.
    std::vector<float> affinity, score, rank;                  ///< candidates x retrievers; NaN where a retriever said nothing.
    std::vector<float> rows;                                   ///< candidates x features.
    std::vector<double> ranked;                                ///< The ranker's score by candidate; blended without a ranker.
    std::vector<std::uint32_t> order;                          ///< Candidates by ranked score, best first.
    std::vector<SlateItem> slate;
    Trace trace;

    features::UserState user;  ///< Of whom is not in memory.
    retrieval::RetrieverScratch retriever;
    models::ForestScratch forest;
    ranking::MmrScratch mmr;
    std::vector<retrieval::Candidate> proposed;
    std::vector<std::uint32_t> hidden;                         ///< By item: equal to `hidden_mark` when it may not be shown.
    std::uint32_t hidden_mark = 0;
    std::vector<std::uint32_t> place;                          ///< By item: its candidate, valid where place_mark equals place_round.
    std::vector<std::uint32_t> place_mark;
    std::uint32_t place_round = 0;
    std::vector<float> relevance, vectors, column;
    std::vector<std::uint32_t> picks;
};

/// Immutable; any thread may call it, each with a scratch of its own. Catalogue and clock must outlive it.
class Recommender {
public:
    Recommender(const data::EntityTable& items, const data::EntityTable& users) : items_(items), users_(users) {}

    /// The slate for a request, best first. It does not fail: a retriever that errs is left out and named in the trace; a
    /// newcomer, an empty catalogue or an unknown item give what there is. The result lives in `scratch`.
    std::span<const SlateItem> recommend(const Request& request, const features::UserState& user, const World& world, Scratch& scratch) const;

private:
    const data::EntityTable& items_;
    const data::EntityTable& users_;
};

}  // namespace shortlist::pipeline
