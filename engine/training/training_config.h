/// What the project file says about models: `features:`, `retrievers:` and `ranker:`.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/base/config_visitor.h"
#include "engine/training/ials.h"
#include "engine/training/item_to_item.h"
#include "engine/training/lightgbm.h"

namespace shortlist::training {

struct IalsRetrieverConfig {
    static constexpr std::string_view kKind = "ials";
    std::string name = "taste";
    std::string signal;
    std::size_t candidates = 300;
    IalsConfig model;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, base::text(1, 64), "Name, as in responses, features and reports.");
        v.field("signal", signal, base::text(0, 256), "Signal whose choices it learns from; the project's first where empty.");
        v.field("candidates", candidates, base::range(1, 8192), "Items it proposes to a request.");
        model.describe(v);
    }
};

struct PopularityRetrieverConfig {
    static constexpr std::string_view kKind = "popularity";
    std::string name = "popular";
    std::string signal;
    std::size_t candidates = 100;
    base::Duration half_life{kDayUs};

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, base::text(1, 64), "Name, as in responses, features and reports.");
        v.field("signal", signal, base::text(0, 256), "Signal whose choices it counts; the project's first where empty.");
        v.field("candidates", candidates, base::range(1, 8192), "Items it proposes to a request.");
        v.field("half_life", half_life, base::range(0, 3650 * kDayUs), "Age at which a choice counts half; 0s never forgets.");
    }
};

struct ItemToItemRetrieverConfig {
    static constexpr std::string_view kKind = "item_to_item";
    std::string name = "similar";
    std::string signal;
    std::size_t candidates = 100;
    ItemToItemConfig model;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, base::text(1, 64), "Name, as in responses, features and reports.");
        v.field("signal", signal, base::text(0, 256), "Signal whose choices it learns from; the project's first where empty.");
        v.field("candidates", candidates, base::range(1, 8192), "Items it proposes to a request.");
        model.describe(v);
    }
};

using RetrieverConfig = std::variant<IalsRetrieverConfig, PopularityRetrieverConfig, ItemToItemRetrieverConfig>;

/// The retrievers of a project that names none.
[[nodiscard]] inline std::vector<RetrieverConfig> default_retrievers() {
    return {IalsRetrieverConfig{}, PopularityRetrieverConfig{}, ItemToItemRetrieverConfig{}};
}

/// Where a ranker's rows come from.
enum class RowSource {
    Candidates,   ///< What the retrievers would have proposed when a user came, and what the user then chose.
    Impressions,  ///< What was shown by one request, and what came of it.
    DailyImpressions,  ///< The same, where requests show too little to compare: all that a user was shown on one day.
};

struct LightGbmRankerConfig {
    static constexpr std::string_view kKind = "lightgbm";
    RowSource rows = RowSource::Candidates;
    std::size_t rows_max = 300'000;
    std::size_t negatives = 40;
    LightGbmConfig model;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field(
            "rows", rows,
            base::one_of<RowSource>(
                {{"candidates", RowSource::Candidates}, {"impressions", RowSource::Impressions}, {"daily_impressions", RowSource::DailyImpressions}}),
            "What it learns to order: candidates, to pick from the whole catalogue; impressions, what one request showed; "
            "daily_impressions, what a user was shown on one day (UTC), for requests that show an item or two.");
        v.field("rows_max", rows_max, base::range(1000, 100'000'000), "Training rows at most; requests are drawn by seed past it.");
        v.field("negatives", negatives, base::range(1, 10'000), "Candidates not chosen that are kept for each request.");
        model.describe(v);
    }
};

/// The blended order of the retrievers is served.
struct NoRankerConfig {
    static constexpr std::string_view kKind = "none";
    template <class Visitor>
    void describe(Visitor&) {}
};

using RankerConfig = std::variant<LightGbmRankerConfig, NoRankerConfig>;

}  // namespace shortlist::training
