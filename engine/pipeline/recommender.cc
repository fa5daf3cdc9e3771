#include "engine/pipeline/recommender.h"

#include "engine/base/clock.h"
#include "engine/pipeline/stages.h"

namespace shortlist::pipeline {

std::span<const SlateItem> Recommender::recommend(const Request& request, const features::UserState& user, const World& world,
                                                  Scratch& scratch) const {
    const Moment moment{request, user, world, items_, users_, {request.time, request.user, request.context}};
    scratch.trace.stages.clear();
    scratch.trace.degraded.clear();
    double started = base::monotonic_seconds();
    const auto stage = [&](const char* name, auto run, const auto& counted) {
        run(moment, scratch);
        const double now = base::monotonic_seconds();
        scratch.trace.stages.push_back({name, now - started, counted.size()});
        started = now;
    };
    mark_hidden(moment, scratch);
    stage("retrieve", retrieve, scratch.proposals);
    stage("blend", blend, scratch.candidates);
    stage("gather", gather, scratch.candidates);
    stage("rank", rank, scratch.order);
    stage("compose", compose, scratch.slate);
    return scratch.slate;
}

}  // namespace shortlist::pipeline
