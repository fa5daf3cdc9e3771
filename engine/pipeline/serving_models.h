/// The models of one bundle, bound to a project's catalogue and ready to serve. Immutable; any thread may read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/data/bundle_folder.h"
#include "engine/data/dataset.h"
#include "engine/features/fold.h"
#include "engine/features/plan.h"
#include "engine/models/cooccurrence.h"
#include "engine/models/factorization.h"
#include "engine/models/forest.h"
#include "engine/pipeline/model_spec.h"
#include "engine/retrieval/retriever.h"

namespace shortlist::pipeline {

/// What a retriever learned: nothing for popularity, which lives in the fold's state.
using RetrieverModel = std::variant<std::monostate, models::Factorization, models::Cooccurrence>;

/// The numbers that go with a ModelSpec.
struct ModelParts {
    std::vector<RetrieverModel> retrievers;  ///< In the order of the spec.
    std::string forest_text;                 ///< LightGBM's text; empty without a ranker.
};

/// Writes spec and parts into a bundle, under `prefix` ("" or "holdout/").
[[nodiscard]] Status save_models(const ModelSpec& spec, const ModelParts& parts, data::BundleDraft& draft, std::string_view prefix);

class ServingModels {
public:
    /// Reads what save_models() wrote. `catalogue` is the project's; only its schema and ids are read here, but it must outlive the models.
    /// Errors: DataLoss (damaged), FailedPrecondition (made for another catalogue), NotFound.
    static Result<std::shared_ptr<const ServingModels>> load(const data::Bundle& bundle, std::string_view prefix, const data::Dataset& catalogue);
    static Result<std::shared_ptr<const ServingModels>> create(ModelSpec spec, ModelParts parts, const data::Dataset& catalogue);

    [[nodiscard]] const ModelSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] const features::FeaturePlan& plan() const noexcept { return plan_; }
    [[nodiscard]] const data::SignalSet& signals() const noexcept { return signals_; }
    [[nodiscard]] const std::vector<std::unique_ptr<retrieval::Retriever>>& retrievers() const noexcept { return retrievers_; }
    [[nodiscard]] const models::Forest* ranker() const noexcept { return ranker_ ? &*ranker_ : nullptr; }
    /// Of the first retriever that has any; for diversity and similar items.
    [[nodiscard]] retrieval::Retriever::Embeddings embeddings() const noexcept;
    /// True when the ranker reads what retrievers proposed, so that even given candidates need retrieval.
    [[nodiscard]] bool reads_proposals() const noexcept { return reads_proposals_; }
    /// Index of the surface called `name`, 0 for an empty name. Errors: InvalidArgument naming the nearest.
    [[nodiscard]] Result<std::size_t> find_surface(std::string_view name) const;
    /// Event time between ticks: a minute, or a number of events where only the order is known.
    [[nodiscard]] TimeUs tick() const noexcept { return spec_.has_times ? features::kTickUs : features::kOrdinalTick; }

private:
    ServingModels() = default;
    Status bind(const data::Dataset& catalogue);
    Status add_retriever(std::size_t index, RetrieverModel model);

    ModelSpec spec_;
    data::SignalSet signals_;
    features::FeaturePlan plan_;
    std::vector<std::unique_ptr<retrieval::Retriever>> retrievers_;
    std::optional<models::Forest> ranker_;
    bool reads_proposals_ = false;
};

}  // namespace shortlist::pipeline
