/// Makes the rows a ranker learns from, with features as they stood: by replaying the log through the code that serves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/training/cut_log.h"
#include "engine/training/outcomes.h"
#include "engine/training/ranking_rows.h"
#include "engine/training/replay.h"
#include "engine/training/training_config.h"

namespace shortlist::training {

/// Whose rows an order is learned from: those of one request, or of all that a user was shown on one day (UTC).
enum class ComparedWithin { Request, Day };

struct RowOptions {
    std::size_t rows_max = 300'000;
    std::size_t negatives = 40;  ///< Candidates without a choice kept for each visit, drawn by seed.
    std::uint64_t seed = 42;
    ComparedWithin compared = ComparedWithin::Request;  ///< Exposures only.
};

struct RowReport {
    RankingRows rows;
    std::vector<std::int64_t>
        places;   ///< Of each group of rows: its place among everything that was asked for, ascending; in every partition the same.
    std::vector<std::size_t> offsets;   ///< Of each row: its impression in the log; empty for rows of what retrievers proposed, or of a bundle.
    std::size_t requests = 0;         ///< Requests (or days) whose rows are there: those with something chosen.
    std::uint64_t chosen = 0;         ///< Choices, in all requests asked for, ...
    std::uint64_t chosen_missed = 0;  ///< ... and how many of them no retriever proposed: counted, not smuggled in.
};

/// Rows of what the retrievers proposed at each visit: choices as positives, a sample of the rest as negatives. Past rows_max, visits are
/// drawn by seed. Every row of a user who came n times weighs 1 / n, so that a heavy user does not drown the others.
[[nodiscard]] RowReport candidate_rows(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models,
                                       std::span<const Visit> visits, const RowOptions& options, ThreadPool& pool);

/// Rows of what was shown, with its outcome; features as they stood at each row's request, also where a whole day is compared.
/// What is compared without a choice among it says nothing about order and is left out, for the binary objective too: with it the
/// rows teach who chooses much, and order within a user suffers (docs/decisions/0003).
[[nodiscard]] RowReport exposure_rows(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const Exposures& exposures,
                                      const RowOptions& options, ThreadPool& pool);

/// Which rows of a ranker: those it learns from (Part::Rank) or is stopped by (Part::Validation, a third as many at most); of the users of
/// `share`, with the weights that they have among all.
struct WantedRows {
    eval::Part part = eval::Part::Rank;
    ReplayShare share = {};
};
/// Errors: InvalidArgument (impressions of a log that is not cut by time).
[[nodiscard]] Result<RowReport> rows_of_part(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models,
                                             const LightGbmRankerConfig& config, const WantedRows& wanted, ThreadPool& pool);

}  // namespace shortlist::training
