/// Judges models on the held-out part: the lists that the serving code gives at the moments when users came, stage by stage.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/eval/report.h"
#include "engine/eval/splits.h"
#include "engine/pipeline/serving_models.h"

namespace shortlist::training {

struct EvaluateOptions {
    std::vector<std::size_t> k{10, 20};
    std::size_t sampled_negatives = 0;
    std::size_t users_max = 0;
    std::string surface;
    eval::BootstrapConfig bootstrap;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("k", k, base::range(1, 1000), "Positions counted; several may be given.");
        v.field("sampled_negatives", sampled_negatives, base::range(0, 1'000'000),
                "Rank the chosen items among so many drawn at random instead of the whole catalogue; 0 ranks the catalogue. Flatters: compare only "
                "like with like.");
        v.field("users_max", users_max, base::range(0, 1e9), "Judge so many users, drawn by seed; 0 judges all.");
        v.field("surface", surface, base::text(0, 64), "Surface whose policy makes the slate; the first where empty.");
        v.field("bootstrap", bootstrap, "Intervals over users.");
    }
};

/// Whom a list from outside the models is for, and what it must not hold: item i where hidden[i] == hidden_mark.
struct ExtraQuestion {
    UserRow user = 0;
    TimeUs time = 0;
    std::span<const std::uint32_t> hidden;
    std::uint32_t hidden_mark = 0;
};

/// A stage from outside the models, such as the list of one who knows the truth.
struct ExtraStage {
    std::string name;
    std::size_t users_max = 0;  ///< Asked for about so many users, evenly spread.
    /// Fills `out`, best first, and returns how many. Called from several threads.
    std::function<std::size_t(const ExtraQuestion& question, std::span<ItemRow> out)> fill;
};

struct EvaluationReport {
    bool sampled = false;                        ///< Ranked among sampled negatives, not the catalogue.
    std::vector<eval::MetricRow> catalogue;      ///< What users chose, found in lists over the whole catalogue.
    std::vector<eval::Comparison> comparisons;   ///< ranked and slate against each retriever and popularity, paired.
    std::vector<eval::MetricRow> exposures;      ///< What was shown, ordered; empty where nothing was.
    std::vector<eval::Comparison> exposure_comparisons;
    std::size_t users = 0;
    double level = 0.95;                         ///< Of every interval.
    std::vector<std::string> warnings;           ///< What is odd about the test part; see held_out_warnings().
};

/// A log and the rule that holds a part of it out.
struct HeldOutLog {
    const data::Dataset& data;
    const eval::SplitConfig& split;
};

/// `models` must know nothing of the test part: the holdout models. Retrievers, blended, ranked and slate are stages of one and the same
/// recommend(); popularity (all of the past) and random always stand beside them.
/// Errors: InvalidArgument (surface; no user of the test part chose anything).
/// Same bytes with any number of threads. Cost: a replay and one request a user.
[[nodiscard]] Result<EvaluationReport> evaluate_models(const HeldOutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models,
                                                       const EvaluateOptions& options, ThreadPool& pool, const ExtraStage* extra = nullptr);

}  // namespace shortlist::training
