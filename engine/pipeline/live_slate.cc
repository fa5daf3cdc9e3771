#include "engine/pipeline/live_slate.h"

#include <algorithm>
#include <cmath>

namespace shortlist::pipeline {

namespace {

constexpr std::size_t kFeatureReasons = 5;

}  // namespace

LiveItem describe(ItemRow row, float score, const data::EntityTable& items) {
    LiveItem item;
    item.id = std::string(items.ids[row]);
    item.score = score;
    for (const auto& attribute : items.attributes) {
        if (attribute.type == data::AttributeType::Text && item.title.empty()) item.title = attribute.texts[row];
    }
    return item;
}

void explain(const Scratch& scratch, const SlateItem& slot, const ServingModels& models, LiveItem& item) {
    const std::size_t retrievers = models.retrievers().size();
    for (std::size_t r = 0; r < retrievers; ++r) {
        const std::size_t at = slot.candidate * retrievers + r;
        if (!std::isnan(scratch.rank[at])) {
            item.reasons.push_back({models.retrievers()[r]->name(), static_cast<std::size_t>(scratch.rank[at]), scratch.score[at]});
        }
    }
    if (models.ranker() == nullptr) return;
    const auto& columns = models.plan().columns();
    const auto row = std::span(scratch.rows).subspan(slot.candidate * columns.size(), columns.size());
    std::vector<double> contributions(columns.size());
    models.ranker()->explain(row, contributions);
    for (std::size_t c = 0; c < columns.size(); ++c) item.features.push_back({columns[c].config.name, row[c], contributions[c]});
    const std::size_t kept = std::min(kFeatureReasons, item.features.size());
    std::partial_sort(item.features.begin(), item.features.begin() + static_cast<std::ptrdiff_t>(kept), item.features.end(),
                      [](const FeatureReason& a, const FeatureReason& b) { return std::abs(a.contribution) > std::abs(b.contribution); });
    item.features.resize(kept);
}

std::vector<float> ranker_rows(std::span<const SlateItem> slots, const Scratch& scratch, const ServingModels& models) {
    std::vector<float> rows;
    if (models.ranker() == nullptr) return rows;
    const std::size_t width = models.plan().columns().size();
    for (const auto& slot : slots) {
        const auto row = std::span(scratch.rows).subspan(slot.candidate * width, width);
        rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
}

}  // namespace shortlist::pipeline
