/// Makes the rows a ranker learns from, with features as they stood: by replaying the log through the code that serves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/training/outcomes.h"
#include "engine/training/ranking_rows.h"
#include "engine/training/replay.h"

namespace shortlist::training {

struct RowLimits {
    std::size_t rows_max = 300'000;
    std::size_t negatives = 40;  ///< Candidates without a choice kept for each visit, drawn by seed.
    std::uint64_t seed = 42;
};

struct RowReport {
    RankingRows rows;
    std::size_t requests = 0;         ///< Whose rows are there: those with something chosen.
    std::uint64_t chosen = 0;         ///< Choices of those requests ...
    std::uint64_t chosen_missed = 0;  ///< ... and how many of them no retriever proposed: counted, not smuggled in.
};

/// Rows of what the retrievers proposed at each visit: choices as positives, a sample of the rest as negatives. Past rows_max, visits are
/// drawn by seed. Every row of a user who came n times weighs 1 / n, so that a heavy user does not drown the others.
[[nodiscard]] RowReport candidate_rows(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const Visit> visits,
                                       const RowLimits& limits, ThreadPool& pool);

/// Rows of what was shown, by request, with its outcome. Requests without a choice say nothing about order and are left
/// out, for the binary objective too: with them the rows teach who chooses much, and order within a user suffers (KuaiRand,
/// 2026-11-21: AUC by user .580 with them, .641 without).
[[nodiscard]] RowReport exposure_rows(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, const Exposures& exposures,
                                      const RowLimits& limits, ThreadPool& pool);

}  // namespace shortlist::training
