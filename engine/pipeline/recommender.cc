#include "engine/pipeline/recommender.h"

#include <numeric>

#include "engine/base/clock.h"
#include "engine/pipeline/stages.h"

namespace shortlist::pipeline {

namespace {

// An item counts once for each retriever that proposed it.
std::size_t count_proposals(const Scratch& scratch) {
    return std::accumulate(scratch.proposals.begin(), scratch.proposals.end(), std::size_t{0},
                           [](std::size_t sum, const auto& list) { return sum + list.size(); });
}

}  // namespace

std::span<const SlateItem> Recommender::recommend(const Request& request, const features::UserState& user, const World& world,
                                                  Scratch& scratch) const {
    const Moment moment{request, user, world, items_, users_, {request.time, request.user, request.context}};
    scratch.trace.stages.clear();
    scratch.trace.degraded.clear();
    double started = base::monotonic_seconds();
    const auto stage = [&](const char* name, auto run, const auto& count) {
        run(moment, scratch);
        const double now = base::monotonic_seconds();
        scratch.trace.stages.push_back({name, now - started, count()});
        started = now;
    };
    const auto candidates = [&] { return scratch.candidates.size(); };
    mark_hidden(moment, scratch);
    stage("retrieve", retrieve, [&] { return count_proposals(scratch); });
    stage("blend", blend, candidates);
    stage("gather", gather, candidates);
    stage("rank", rank, candidates);
    stage("compose", compose, [&] { return scratch.slate.size(); });
    return scratch.slate;
}

}  // namespace shortlist::pipeline
