#include "engine/training/evaluate_exposures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/eval/metrics.h"
#include "engine/training/replay_exposures.h"

namespace shortlist::training {

namespace {

// Scores of every exposure, stage by stage: [stage][exposure].
struct ExposureScores {
    std::vector<std::string> stages;
    std::vector<std::vector<float>> scores;
};

// Imagined impressions at the overall rate, for items and users seen little.
constexpr float kPrior = 10.0F;

struct Tally {
    float shown = 0;
    float chosen = 0;
};

// What simple counters would have said just before each exposure, exact to the event.
void score_by_counting(const CutLog& log, const Exposures& exposures, ExposureScores& out) {
    const auto& events = log.data.events;
    const std::size_t first = out.stages.size();
    out.stages.insert(out.stages.end(), {"item_popularity", "item_rate", "user_mean"});
    for (int baseline = 0; baseline < 3; ++baseline) out.scores.emplace_back(exposures.exposures.size(), 0.0F);
    std::vector<std::uint32_t> exposure_at(events.size(), kNoRow);
    for (std::size_t e = 0; e < exposures.exposures.size(); ++e) exposure_at[exposures.exposures[e].offset] = static_cast<std::uint32_t>(e);
    std::vector<Tally> items(log.data.items.size());
    std::vector<Tally> users(log.data.users.size());
    Tally all;
    for (std::size_t i = 0; i < events.size(); ++i) {
        Tally& item = items[events.item[i]];
        Tally& user = users[events.user[i]];
        const float overall = (all.chosen + 1.0F) / (all.shown + 2.0F);
        if (const std::uint32_t e = exposure_at[i]; e != kNoRow) {
            out.scores[first][e] = item.chosen;
            out.scores[first + 1][e] = (item.chosen + kPrior * overall) / (item.shown + kPrior);
            out.scores[first + 2][e] = (user.chosen + kPrior * overall) / (user.shown + kPrior);
        }
        const float shown = (log.masks[i] >> features::kImpressionBit & 1U) != 0 ? 1.0F : 0.0F;
        const float chosen = grade_of(log.grades, log.masks[i]) > 0 ? 1.0F : 0.0F;
        for (Tally* tally : {&item, &user, &all}) {
            tally->shown += shown;
            tally->chosen += chosen;
        }
    }
}

// What the ranker and each retriever's model say, with state as it stood when the request came.
void score_by_models(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const Exposures& exposures, ThreadPool& pool,
                     ExposureScores& out) {
    const std::size_t retrievers = models->retrievers().size();
    out.stages.emplace_back("ranked");
    for (const auto& retriever : models->retrievers()) out.stages.push_back(retriever->name());
    out.scores.assign(1 + retrievers, std::vector<float>(exposures.exposures.size(), 0.0F));
    std::vector<std::size_t> all(exposures.groups.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    replay_exposures({log.data, log.masks, {}}, models, {exposures, all}, pool, [&](const ReplayedExposure& seen) {
        out.scores[0][seen.exposure] = static_cast<float>(seen.answer.ranked[seen.candidate]);
        for (std::size_t r = 0; r < retrievers; ++r) {
            const float opinion = seen.answer.affinity[seen.candidate * retrievers + r];
            out.scores[1 + r][seen.exposure] = std::isnan(opinion) ? 0.0F : opinion;
        }
    });
}

}  // namespace

void evaluate_exposures(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const eval::BootstrapConfig& bootstrap,
                        ThreadPool& pool, EvaluationReport& report) {
    const auto exposures = log.exposures(eval::Part::Test);
    if (exposures.exposures.empty()) return;
    ExposureScores all;
    score_by_models(log, models, exposures, pool, all);
    score_by_counting(log, exposures, all);
    std::vector<std::uint8_t> labels;
    std::vector<std::uint32_t> users;
    for (const auto& exposure : exposures.exposures) {
        labels.push_back(exposure.grade > 0 ? 1 : 0);
        users.push_back(exposure.user);
    }
    eval::StageScores scores(log.data.users.size(), all.stages, {{"auc", 0}});
    for (std::size_t stage = 0; stage < all.stages.size(); ++stage) {
        for (const auto& group : eval::auc_by_group(all.scores[stage], labels, users)) scores.set(group.group, stage, 0, group.auc);
    }
    report.exposures = scores.rows(bootstrap, pool);
    for (std::size_t baseline = 1; baseline < all.stages.size(); ++baseline) {
        const auto found = scores.compare(0, baseline, bootstrap, pool);
        report.exposure_comparisons.insert(report.exposure_comparisons.end(), found.begin(), found.end());
    }
}

}  // namespace shortlist::training
