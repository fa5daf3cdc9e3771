/// Judges how well what was shown would have been ordered: grouped AUC over users, against the usual simple scores.
#pragma once

#include "engine/training/cut_log.h"
#include "engine/training/evaluate.h"

namespace shortlist::training {

/// Adds to the report, for the impressions of the test part of a log that is cut by time, by user: auc of ranked, each retriever's opinion,
/// item_popularity (choices so far), item_rate (choices per impression so far) and user_mean (of the user, so far). Users who chose
/// all or none of what they were shown are left out. Does nothing where there are no impressions.
void evaluate_exposures(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const eval::BootstrapConfig& bootstrap,
                        ThreadPool& pool, EvaluationReport& report);

}  // namespace shortlist::training
