/// What people of the user's taste choose: the user's vector is solved from their own recent choices at each request, so that a
/// click counts at once and no user's vector is stored; then the items of the greatest dot product.
#pragma once

#include "engine/retrieval/retriever.h"

namespace shortlist::retrieval {

class EmbeddingRetriever final : public Retriever {
public:
    /// signal: index of the signal whose choices make the user's vector. Cost: builds the index over the model's items.
    /// Errors: as ExactIndex::build.
    static Result<std::unique_ptr<EmbeddingRetriever>> create(std::string name, std::size_t signal, models::Factorization model);

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] std::unique_ptr<TickView> view(const features::SharedState&, std::size_t) const override { return nullptr; }
    /// Proposes nothing for a user without a choice that the model knows. Errors: Internal where fp32 cannot solve the user's vector.
    Result<std::size_t> retrieve(const Query& query, RetrieverScratch& scratch, std::span<Candidate> out) const override;
    void affinity(const Query& query, RetrieverScratch& scratch, std::span<const ItemRow> items, std::span<float> out) const override;
    /// By cosine.
    std::size_t similar(ItemRow item, RetrieverScratch& scratch, std::span<Candidate> out) const override;
    [[nodiscard]] Embeddings embeddings() const noexcept override { return {model_.item_factors(), model_.embedding_size()}; }
    [[nodiscard]] const models::Factorization& model() const noexcept { return model_; }

    /// Choices that make a user's vector, the newest.
    static constexpr std::size_t kChoicesMax = 512;

private:
    EmbeddingRetriever(std::string name, std::size_t signal, models::Factorization model, index::ExactIndex index)
        : name_(std::move(name)), signal_(signal), model_(std::move(model)), index_(std::move(index)) {}
    [[nodiscard]] Result<bool> solve_user(const Query& query, RetrieverScratch& scratch) const;

    std::string name_;
    std::size_t signal_;
    models::Factorization model_;
    index::ExactIndex index_;
};

}  // namespace shortlist::retrieval
