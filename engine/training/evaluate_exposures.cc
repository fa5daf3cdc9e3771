#include "engine/training/evaluate_exposures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/eval/metrics.h"
#include "engine/training/replay_exposures.h"

namespace shortlist::training {

namespace {

// What one stage says of every exposure.
struct StageOpinion {
    std::string stage;
    std::vector<float> scores;
    bool are_probabilities = false;
};

// Imagined impressions at the overall rate, for items and users seen little.
constexpr float kPrior = 10.0F;

struct Tally {
    float shown = 0;
    float chosen = 0;
};

// What simple counters would have said just before each exposure, exact to the event.
std::vector<StageOpinion> score_by_counting(const CutLog& log, const Exposures& exposures) {
    const auto& events = log.data.events;
    const std::vector<float> none(exposures.exposures.size());
    std::vector<StageOpinion> out{{"item_popularity", none, false}, {"item_rate", none, true}, {"user_mean", none, true}};
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
            out[0].scores[e] = item.chosen;
            out[1].scores[e] = (item.chosen + kPrior * overall) / (item.shown + kPrior);
            out[2].scores[e] = (user.chosen + kPrior * overall) / (user.shown + kPrior);
        }
        const float shown = (log.masks[i] >> features::kImpressionBit & 1U) != 0 ? 1.0F : 0.0F;
        const float chosen = log.relevant[i] != 0 ? 1.0F : 0.0F;
        for (Tally* tally : {&item, &user, &all}) {
            tally->shown += shown;
            tally->chosen += chosen;
        }
    }
    return out;
}

// What the ranker and each retriever's model say, with state as it stood when the request came.
std::vector<StageOpinion> score_by_models(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const Exposures& exposures,
                                          ThreadPool& pool) {
    const std::size_t retrievers = models->retrievers().size();
    const std::vector<float> none(exposures.exposures.size());
    const bool are_probabilities = models->ranker() != nullptr && models->ranker()->scores_are_log_odds();
    std::vector<StageOpinion> out{{"ranked", none, are_probabilities}};
    for (const auto& retriever : models->retrievers()) out.push_back({retriever->name(), none, false});
    std::vector<std::size_t> all(exposures.groups.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    replay_exposures({log.data, log.masks, {}}, models, {exposures, all}, pool, [&](const ReplayedExposure& seen) {
        const double score = seen.answer.ranked[seen.candidate];
        out[0].scores[seen.exposure] = static_cast<float>(are_probabilities ? 1.0 / (1.0 + std::exp(-score)) : score);
        for (std::size_t r = 0; r < retrievers; ++r) {
            const float opinion = seen.answer.affinity[seen.candidate * retrievers + r];
            out[1 + r].scores[seen.exposure] = std::isnan(opinion) ? 0.0F : opinion;
        }
    });
    return out;
}

// Judges one stage; its grouped and pooled figures are there where its rows are of both classes.
void judge_stage(const StageOpinion& opinion, const eval::JudgedRows& rows, std::size_t stage, eval::StageScores& scores) {
    const auto by_user = eval::auc_by_group(opinion.scores, rows.labels, rows.users);
    for (const auto& user : by_user) scores.set(user.group, stage, 0, user.auc);
    if (auto grouped = eval::grouped_auc(by_user, rows.user_count)) scores.set_pooled(stage, {"grouped_auc", 0}, *std::move(grouped));
    if (auto pooled = eval::pooled_auc(opinion.scores, rows)) scores.set_pooled(stage, {"auc", 0}, *std::move(pooled));
    if (!opinion.are_probabilities) return;
    const std::vector<double> probabilities(opinion.scores.begin(), opinion.scores.end());
    scores.set_pooled(stage, {"log_loss", 0}, eval::log_loss(probabilities, rows));
}

}  // namespace

void evaluate_exposures(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const eval::BootstrapConfig& bootstrap,
                        ThreadPool& pool, EvaluationReport& report) {
    const auto exposures = log.exposures(eval::Part::Test);
    if (exposures.exposures.empty()) return;
    auto opinions = score_by_models(log, models, exposures, pool);
    for (auto& counted : score_by_counting(log, exposures)) opinions.push_back(std::move(counted));
    std::vector<std::uint8_t> labels;
    std::vector<std::uint32_t> users;
    for (const auto& exposure : exposures.exposures) {
        labels.push_back(exposure.grade > 0 ? 1 : 0);
        users.push_back(exposure.user);
    }
    std::vector<std::string> stages;
    for (const auto& opinion : opinions) stages.push_back(opinion.stage);
    eval::StageScores scores(log.data.users.size(), std::move(stages), {{"user_auc", 0}});
    const eval::JudgedRows rows{labels, users, log.data.users.size()};
    for (std::size_t stage = 0; stage < opinions.size(); ++stage) judge_stage(opinions[stage], rows, stage, scores);
    report.exposures = scores.rows(bootstrap, pool);
    for (std::size_t baseline = 1; baseline < opinions.size(); ++baseline) {
        const auto found = scores.compare(0, baseline, bootstrap, pool);
        report.exposure_comparisons.insert(report.exposure_comparisons.end(), found.begin(), found.end());
    }
}

}  // namespace shortlist::training
