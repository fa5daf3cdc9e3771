#include "engine/training/ranker_features.h"

#include "engine/features/auto_features.h"

namespace shortlist::training {

namespace {

// Features that rows of this source would teach wrongly.
bool misleads(const features::FeatureConfig& feature, RowSource rows) {
    using features::FeatureKind;
    if (rows == RowSource::Candidates) return false;
    // What was shown was chosen by another policy: what these retrievers proposed then says nothing.
    if (feature.kind == FeatureKind::RetrieverScore || feature.kind == FeatureKind::RetrieverRank) return true;
    if (rows == RowSource::Impressions) return false;
    // The rows of a day lie at different moments. A count of the user's own choices is higher after a choice than before it, and among days that
    // hold both outcomes a choice is then followed by its opposite more often than not (Miller & Sanjurjo, Econometrica 2018): a
    // ranker would learn "chose little so far" as a reason, which orders nothing when a list is served.
    if (feature.kind == FeatureKind::Sequence || feature.kind == FeatureKind::Cosine) return true;
    return features::reads_state(feature.kind) && (feature.of == "user" || feature.of.starts_with("user x "));
}

}  // namespace

std::vector<features::FeatureConfig> ranker_features(const features::FeaturesConfig& config, const RankerConfig& ranker,
                                                     const features::PlanInputs& inputs) {
    if (!config.automatic()) return config.list;
    auto derived = features::derive_features(inputs, inputs.events.types.find(data::kImpressionType) != kNoRow);
    const auto* lightgbm = std::get_if<LightGbmRankerConfig>(&ranker);
    const RowSource rows = lightgbm != nullptr ? lightgbm->rows : RowSource::Candidates;
    std::erase_if(derived, [rows](const auto& feature) { return misleads(feature, rows); });
    return derived;
}

}  // namespace shortlist::training
