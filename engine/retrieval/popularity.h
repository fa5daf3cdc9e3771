/// What everybody chooses, lately: decayed counts of a signal, read from the shared state of the fold, so they are live.
#pragma once

#include "engine/features/plan.h"
#include "engine/retrieval/retriever.h"

namespace shortlist::retrieval {

/// The state definition that a popularity retriever over `signal` reads.
[[nodiscard]] features::FeatureConfig popularity_state(const std::string& signal, TimeUs half_life);

class PopularityRetriever final : public Retriever {
public:
    /// `state`: the column that popularity_state() became in `plan`, which must outlive this. list_max: longest list it can propose.
    PopularityRetriever(std::string name, const features::FeaturePlan& plan, const features::FeatureColumn& state, std::size_t list_max)
        : name_(std::move(name)), plan_(plan), state_(state), list_max_(list_max) {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    /// The most popular items. Cost: one pass over the catalogue, and a sort of the list.
    [[nodiscard]] std::unique_ptr<TickView> view(const features::SharedState& shared, std::size_t items) const override;
    Result<std::size_t> retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const override;
    void affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const override;
    /// Always 0: popularity likens nothing to nothing.
    std::size_t similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const override;

    /// Score of an item that nobody chose; any other is the base-2 logarithm of its count, decayed to the last tick
    /// at which anything was counted.
    static constexpr float kNeverChosen = -1e6F;

private:
    std::string name_;
    const features::FeaturePlan& plan_;
    const features::FeatureColumn& state_;
    std::size_t list_max_;
};

}  // namespace shortlist::retrieval
