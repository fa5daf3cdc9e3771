/// Judges how well what was shown would have been ordered: AUC within users and over all, against the usual simple scores.
#pragma once

#include "engine/training/cut_log.h"
#include "engine/training/evaluate.h"

namespace shortlist::training {

/// Adds to the report, for the impressions of the test part of a log that is cut by time, figures of ranked, each retriever's opinion,
/// item_popularity (choices so far), item_rate (choices per impression so far) and user_mean (of the user, so far):
///   - user_auc: mean over users of each user's AUC; grouped_auc: the same weighted by the user's impressions. Both leave out users who
///     chose all or none of what they were shown;
///   - auc: of all impressions together; log_loss: likewise, of stages that give probabilities.
/// Does nothing where there are no impressions.
void evaluate_exposures(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const eval::BootstrapConfig& bootstrap,
                        ThreadPool& pool, EvaluationReport& report);

}  // namespace shortlist::training
