#include "engine/pipeline/stages.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace shortlist::pipeline {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr float kFusion = 60.0F;
// Diversity looks at this many candidates for each place of the slate.
constexpr std::size_t kComposeFactor = 5;

bool is_hidden(const Scratch& scratch, ItemRow item) { return scratch.hidden[item] == scratch.hidden_mark; }

// Takes the proposals that may be shown, at most `wanted`.
void keep_shown(const Scratch& scratch, std::span<const retrieval::Candidate> proposed, std::size_t wanted, std::vector<retrieval::Candidate>& list) {
    list.clear();
    for (const auto& candidate : proposed) {
        if (list.size() == wanted) return;
        if (candidate.item < scratch.hidden.size() && !is_hidden(scratch, candidate.item)) list.push_back(candidate);
    }
}

// The candidate of `item`, which is added when new.
std::size_t place_of(Scratch& scratch, ItemRow item) {
    if (scratch.place_mark[item] != scratch.place_round) {
        scratch.place_mark[item] = scratch.place_round;
        scratch.place[item] = static_cast<std::uint32_t>(scratch.candidates.size());
        scratch.candidates.push_back(item);
        scratch.blended.push_back(0.0F);
    }
    return scratch.place[item];
}

void start_places(Scratch& scratch, std::size_t items) {
    scratch.place.resize(items);
    scratch.place_mark.resize(items, 0);
    if (++scratch.place_round == 0) {
        std::fill(scratch.place_mark.begin(), scratch.place_mark.end(), 0U);
        scratch.place_round = 1;
    }
    scratch.candidates.clear();
    scratch.blended.clear();
}

// Reorders candidates so that the best blended score comes first; ties go to the lower row.
void sort_by_blend(Scratch& scratch) {
    auto& order = scratch.order;
    order.resize(scratch.candidates.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return scratch.blended[a] != scratch.blended[b] ? scratch.blended[a] > scratch.blended[b] : scratch.candidates[a] < scratch.candidates[b];
    });
    scratch.proposed.clear();
    for (const std::uint32_t at : order) scratch.proposed.push_back({scratch.candidates[at], scratch.blended[at]});
    for (std::size_t i = 0; i < scratch.proposed.size(); ++i) {
        scratch.candidates[i] = scratch.proposed[i].item;
        scratch.blended[i] = scratch.proposed[i].score;
        scratch.place[scratch.candidates[i]] = static_cast<std::uint32_t>(i);
    }
}

}  // namespace

void mark_hidden(const Moment& moment, Scratch& scratch) {
    scratch.hidden.resize(moment.world.items(), 0);
    if (++scratch.hidden_mark == 0) {
        std::fill(scratch.hidden.begin(), scratch.hidden.end(), 0U);
        scratch.hidden_mark = 1;
    }
    const auto hide = [&](ItemRow item) {
        if (item < scratch.hidden.size()) scratch.hidden[item] = scratch.hidden_mark;
    };
    for (const ItemRow item : moment.request.exclude) hide(item);
    const TimeUs since = moment.request.time - moment.world.models().spec().surfaces[moment.request.surface].second.hide_seen.us;
    for (const auto& entry : moment.user.history()) {
        if (entry.time > since) hide(entry.item);
    }
}

void retrieve(const Moment& moment, Scratch& scratch) {
    const ServingModels& models = moment.world.models();
    scratch.proposals.resize(models.retrievers().size());
    for (auto& list : scratch.proposals) list.clear();
    // Without a ranker it is the proposals that order the caller's candidates; rows to learn from need no order.
    const bool orders = models.ranker() == nullptr && !moment.request.wants_features;
    if (!moment.request.candidates.empty() && !orders && !models.reads_proposals()) return;
    for (std::size_t r = 0; r < models.retrievers().size(); ++r) {
        const auto& retriever = *models.retrievers()[r];
        const std::size_t wanted = models.spec().retrievers[r].candidates;
        // What is hidden takes places in the list, so that many more are asked for.
        scratch.proposed.resize(std::min(moment.world.items(), wanted + moment.user.history().size() + moment.request.exclude.size()));
        const retrieval::Query query{moment.features, moment.user, moment.world.shared(), moment.world.items(), moment.world.view(r)};
        const auto count = retriever.retrieve(query, scratch.retriever, scratch.proposed);
        if (!count) {
            scratch.trace.degraded.push_back(retriever.name() + ": " + count.error().message);
            continue;
        }
        keep_shown(scratch, std::span(scratch.proposed).first(*count), wanted, scratch.proposals[r]);
    }
}

void blend(const Moment& moment, Scratch& scratch) {
    start_places(scratch, moment.world.items());
    for (const ItemRow item : moment.request.candidates) {
        if (item < moment.world.items()) place_of(scratch, item);
    }
    const bool given = !moment.request.candidates.empty();
    for (const auto& list : scratch.proposals) {
        for (std::size_t position = 0; position < list.size(); ++position) {
            if (given && scratch.place_mark[list[position].item] != scratch.place_round) continue;
            scratch.blended[place_of(scratch, list[position].item)] += 1.0F / (kFusion + static_cast<float>(position + 1));
        }
    }
    sort_by_blend(scratch);
}

void gather(const Moment& moment, Scratch& scratch) {
    const ServingModels& models = moment.world.models();
    const std::size_t retrievers = models.retrievers().size();
    const std::size_t count = scratch.candidates.size();
    scratch.affinity.assign(count * retrievers, kMissing);
    scratch.score.assign(count * retrievers, kMissing);
    scratch.rank.assign(count * retrievers, kMissing);
    scratch.column.resize(count);
    for (std::size_t r = 0; r < retrievers; ++r) {
        const retrieval::Query query{moment.features, moment.user, moment.world.shared(), moment.world.items(), moment.world.view(r)};
        models.retrievers()[r]->affinity(query, scratch.retriever, scratch.candidates, scratch.column);
        for (std::size_t i = 0; i < count; ++i) scratch.affinity[i * retrievers + r] = scratch.column[i];
        const auto& list = scratch.proposals[r];
        for (std::size_t position = 0; position < list.size(); ++position) {
            if (scratch.place_mark[list[position].item] != scratch.place_round) continue;
            const std::size_t at = scratch.place[list[position].item] * retrievers + r;
            scratch.score[at] = list[position].score;
            scratch.rank[at] = static_cast<float>(position + 1);
        }
    }
    if (models.ranker() == nullptr && !moment.request.wants_features) return;
    scratch.rows.resize(count * models.plan().columns().size());
    const features::FeatureExecutor executor(models.plan(), moment.items, moment.users);
    executor.compute({moment.features, moment.user, moment.world.shared()}, scratch.candidates,
                     {retrievers, scratch.affinity, scratch.score, scratch.rank}, scratch.rows);
}

void rank(const Moment& moment, Scratch& scratch) {
    const std::size_t count = scratch.candidates.size();
    scratch.ranked.resize(count);
    if (const auto* ranker = moment.world.models().ranker()) {
        ranker->score(std::span(scratch.rows).first(count * ranker->feature_count()), scratch.ranked, scratch.forest);
    } else {
        std::copy(scratch.blended.begin(), scratch.blended.end(), scratch.ranked.begin());
    }
    auto& order = scratch.order;
    order.resize(count);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const double left = scratch.ranked[a];
        const double right = scratch.ranked[b];
        if (std::isnan(left) || std::isnan(right)) return std::isnan(right) && !std::isnan(left);
        return left != right ? left > right : scratch.candidates[a] < scratch.candidates[b];
    });
}

namespace {

// Relevance in [0, 1] and the vectors of the first `considered` candidates in ranked order.
void prepare_diversity(const retrieval::Retriever::Embeddings& embeddings, std::size_t considered, Scratch& scratch) {
    const auto score_at = [&](std::size_t position) { return scratch.ranked[scratch.order[position]]; };
    const double high = score_at(0);
    const double spread = high - score_at(considered - 1);
    scratch.relevance.resize(considered);
    scratch.vectors.assign(considered * embeddings.width, 0.0F);
    for (std::size_t i = 0; i < considered; ++i) {
        scratch.relevance[i] = spread > 0 ? static_cast<float>(1.0 - (high - score_at(i)) / spread) : 1.0F;
        const std::size_t from = scratch.candidates[scratch.order[i]] * embeddings.width;
        if (from + embeddings.width > embeddings.values.size()) continue;
        std::copy_n(embeddings.values.begin() + static_cast<std::ptrdiff_t>(from), embeddings.width,
                    scratch.vectors.begin() + static_cast<std::ptrdiff_t>(i * embeddings.width));
    }
}

}  // namespace

void compose(const Moment& moment, Scratch& scratch) {
    const SurfaceConfig& surface = moment.world.models().spec().surfaces[moment.request.surface].second;
    const std::size_t wanted = moment.request.size == 0 ? surface.size : moment.request.size;
    const std::size_t size = std::min(wanted, scratch.order.size());
    const auto embeddings = moment.world.models().embeddings();
    scratch.picks.resize(size);
    const std::size_t considered = std::min(scratch.order.size(), wanted * kComposeFactor);
    if (surface.diversity.weight > 0 && size > 1 && embeddings.width > 0 && std::isfinite(scratch.ranked[scratch.order[considered - 1]])) {
        prepare_diversity(embeddings, considered, scratch);
        ranking::mmr(scratch.relevance, scratch.vectors, static_cast<float>(surface.diversity.weight), scratch.mmr, scratch.picks);
    } else {
        std::iota(scratch.picks.begin(), scratch.picks.end(), 0U);
    }
    scratch.slate.clear();
    for (const std::uint32_t pick : scratch.picks) {
        const std::uint32_t at = scratch.order[pick];
        scratch.slate.push_back({scratch.candidates[at], static_cast<float>(scratch.ranked[at]), at});
    }
}

}  // namespace shortlist::pipeline
