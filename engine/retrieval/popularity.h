/// What everybody chooses, lately: decayed counts of a signal, read from the shared state of the fold, so they are live.
#pragma once

#include "engine/features/plan.h"
#include "engine/retrieval/retriever.h"

namespace shortlist::retrieval {

class PopularityRetriever final : public Retriever {
public:
    /// Reads a leaderboard of `plan`, which must outlive this, and proposes as many items at most.
    PopularityRetriever(std::string name, const features::FeaturePlan& plan, std::size_t leaderboard)
        : name_(std::move(name)), plan_(plan), leaderboard_(leaderboard), board_(plan.leaderboards()[leaderboard]) {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    /// The most popular items. Cost: a sort of the list; a pass over the catalogue while fewer items were ever chosen than it holds.
    [[nodiscard]] std::unique_ptr<TickView> view(const features::SharedState& shared, std::size_t items) const override;
    Result<std::size_t> retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const override;
    void affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const override;
    /// Always 0: popularity likens nothing to nothing.
    std::size_t similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const override;

    /// Score of an item that nobody chose; any other is, within 0.09, the base-2 logarithm of its count, decayed to the last tick
    /// at which anything was counted.
    static constexpr float kNeverChosen = -1e6F;

private:
    [[nodiscard]] float score_of(const features::SharedState& shared, ItemRow item, double latest) const noexcept;

    std::string name_;
    const features::FeaturePlan& plan_;
    std::size_t leaderboard_;
    features::Leaderboard board_;
};

}  // namespace shortlist::retrieval
