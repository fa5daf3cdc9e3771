// Any bytes either are refused as a factorisation or give a model that folds users in, and an index of its items that can be searched.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/index/exact_index.h"
#include "engine/models/factorization.h"

namespace {

using shortlist::models::Factorization;

/// A larger model would only test how long the algebra takes.
constexpr std::size_t kValuesMax = 4096;

void fold_in(const Factorization& model, const std::vector<shortlist::ItemRow>& items, std::vector<float>& user) {
    Factorization::Scratch scratch;
    const std::vector<float> weights(items.size(), 1.0F);
    user.resize(model.embedding_size());
    model.fold_in(items, weights, scratch, user);
    for (const float value : user) SHORTLIST_CHECK(std::isfinite(value), value);
}

void search(const Factorization& model, const std::vector<float>& query) {
    const auto index = shortlist::index::ExactIndex::build(model.item_factors(), model.embedding_size());
    if (!index) return;  // vectors past the range that can be compared
    shortlist::index::SearchScratch scratch;
    std::vector<shortlist::kernels::Scored> out(10);
    const std::size_t count = index->search(query, out.size(), {}, scratch, out);
    for (std::size_t i = 0; i < count; ++i) SHORTLIST_CHECK(out[i].row < model.items(), out[i].row, model.items());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto model = Factorization::parse(std::string(reinterpret_cast<const char*>(data), size), "input");
    if (!model || model->embedding_size() > 64 || model->item_factors().size() > kValuesMax) return 0;
    std::vector<float> user;
    fold_in(*model, {}, user);
    if (model->items() == 0) return 0;
    fold_in(*model, {0, static_cast<shortlist::ItemRow>(model->items() - 1)}, user);
    search(*model, user);
    return 0;
}
