/// What a bundle's models are and how they fit together: everything but their numbers. Stored in the bundle as `models.json`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_visitor.h"
#include "engine/base/result.h"
#include "engine/data/signals.h"
#include "engine/features/feature_config.h"
#include "engine/pipeline/surface_config.h"

namespace shortlist::pipeline {

enum class RetrieverKind { Ials, Popularity, ItemToItem };

struct RetrieverSpec {
    std::string name;
    RetrieverKind kind = RetrieverKind::Popularity;
    std::string signal;
    std::size_t candidates = 100;
    base::Duration half_life;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("name", name, base::text(1, 64), "Name, as in responses and features.");
        v.required_field("kind", kind,
                         base::one_of<RetrieverKind>(
                             {{"ials", RetrieverKind::Ials}, {"popularity", RetrieverKind::Popularity}, {"item_to_item", RetrieverKind::ItemToItem}}),
                         "What it is.");
        v.required_field("signal", signal, base::text(1, 256), "Signal whose choices it learns from.");
        v.field("candidates", candidates, base::range(1, 8192), "Items it proposes.");
        v.field("half_life", half_life, base::range(0, 3650 * kDayUs), "popularity: age at which a choice counts half.");
    }
};

/// The texts behind the codes of one categorical feature, as trained.
struct CategorySpec {
    std::vector<std::string> values;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("values", values, base::text(0, 65536), "Text of each code; empty for a feature that is no category.");
    }
};

struct ModelSpec {
    bool has_times = true;
    bool has_ranker = false;
    std::uint64_t items = 0;       ///< Rows of the catalogue at training ...
    std::string item_ids_sha256;   ///< ... and the digest of their ids.
    base::Named<data::SignalConfig> signals;
    std::vector<features::FeatureConfig> features;
    std::vector<CategorySpec> categories;  ///< One a feature.
    std::vector<RetrieverSpec> retrievers;
    base::Named<SurfaceConfig> surfaces;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("has_times", has_times, base::any<bool>(), "Whether events carry times.");
        v.field("has_ranker", has_ranker, base::any<bool>(), "Whether the bundle holds a ranker.");
        v.field("items", items, base::range(0, 4294967294.0), "Items of the catalogue it was made for.");
        v.field("item_ids_sha256", item_ids_sha256, base::text(0, 64), "Digest of their ids.");
        v.field("signals", signals, "Signals by name.");
        v.field("features", features, "Columns of the ranker, in order.");
        v.field("categories", categories, "Values of the categorical columns.");
        v.field("retrievers", retrievers, "Retrievers, in order.");
        v.field("surfaces", surfaces, "Surfaces by name; the first is the default.");
    }
};

[[nodiscard]] std::string to_json(const ModelSpec& spec);
/// Errors: DataLoss naming the field.
[[nodiscard]] Result<ModelSpec> parse_model_spec(std::string_view json);

}  // namespace shortlist::pipeline
