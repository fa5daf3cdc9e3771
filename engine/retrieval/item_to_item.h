/// What went together with the user's latest choices: the lists of similar items of each, added up.
#pragma once

#include "engine/models/cooccurrence.h"
#include "engine/retrieval/retriever.h"

namespace shortlist::retrieval {

class ItemToItemRetriever final : public Retriever {
public:
    ItemToItemRetriever(std::string name, std::size_t signal, models::Cooccurrence model)
        : name_(std::move(name)), signal_(signal), model_(std::move(model)) {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] std::unique_ptr<TickView> view(const features::SharedState&, std::size_t) const override { return nullptr; }
    Result<std::size_t> retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const override;
    void affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const override;
    std::size_t similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const override;

    /// Latest choices whose lists are added; each older one weighs kFading times the one before it.
    static constexpr std::size_t kChoicesMax = 30;
    static constexpr float kFading = 0.95F;

private:
    void add_up(const Query& query, RetrieverScratch& scratch) const;

    std::string name_;
    std::size_t signal_;
    models::Cooccurrence model_;
};

}  // namespace shortlist::retrieval
