#include "engine/training/replay_exposures.h"

#include <vector>

namespace shortlist::training {

void replay_exposures(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const ExposureQuestions& questions,
                      ThreadPool& pool, const std::function<void(const ReplayedExposure&)>& visit) {
    const auto& groups = questions.exposures.groups;
    const auto& exposures = questions.exposures.exposures;
    std::vector<ReplayPoint> points;
    for (const std::size_t g : questions.groups) {
        const Exposure& first = exposures[groups[g].begin];
        points.push_back({first.offset, first.user, log.data.events.time[first.offset]});
    }
    replay(log, models, points, pool, [&](const ReplayMoment& moment) {
        const std::size_t g = questions.groups[moment.point];
        std::vector<ItemRow> shown;
        for (std::size_t e = groups[g].begin; e < groups[g].end; ++e) shown.push_back(exposures[e].item);
        pipeline::Request request = moment.request;
        request.candidates = shown;
        request.wants_features = questions.wants_features;
        const pipeline::Scratch& answer = moment.answer(request);
        for (std::size_t e = groups[g].begin; e < groups[g].end; ++e) visit({g, e, answer.place[exposures[e].item], answer});
    });
}

}  // namespace shortlist::training
