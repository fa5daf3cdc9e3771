/// One feature of the project file: what it measures, of whom, over which past.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/base/text.h"

namespace shortlist::features {

enum class FeatureKind {
    Attribute,       ///< A value of the user, the item or the request's context; categories as codes.
    Count,           ///< Events of a signal.
    Rate,            ///< Events of a signal per event of another, drawn to the global rate by `prior` imagined events.
    Recency,         ///< Seconds since the last event of a signal.
    Distinct,        ///< How many different users a signal came from; of a user's own past: how many different items.
    Age,             ///< Seconds since a time attribute.
    Clock,           ///< Hour of the day or day of the week, UTC.
    Sequence,        ///< The user's last items of a signal, a column each, the newest first.
    Cosine,          ///< Between the item's vector and those of the user's last items of a signal, added up.
    Dot,             ///< What a retriever's model thinks of the item, proposed or not.
    RetrieverScore,  ///< The score with which a retriever proposed the item; missing when it did not.
    RetrieverRank,   ///< The rank at which it did, 1 the best.
};

enum class ClockUnit { Hour, Weekday };

/// What a sequence tells of each item.
enum class SequencePart { Item, Attribute, Signal, Age };

/// A `signal` or `per` of this name means impressions.
inline constexpr std::string_view kImpressionSignal = "impression";
/// Items that a sequence or a cosine may look back over.
inline constexpr std::uint64_t kLastMax = 64;

struct FeatureConfig {
    std::string name;       ///< Empty: derived from the rest, and unique.
    FeatureKind kind = FeatureKind::Count;
    std::string of;         ///< global, or up to two of user, item, user.A, item.A, context.F: see parse_owner().
    std::string attribute;  ///< Attribute, Age, Cosine, Sequence.
    std::string signal;     ///< Count, Rate, Recency, Distinct, Sequence, Cosine.
    std::string per = std::string(kImpressionSignal);
    base::Duration half_life;  ///< 0: all of the past counts the same.
    base::Duration window;     ///< 0: all of the past.
    double prior = 10;
    ClockUnit unit = ClockUnit::Hour;
    SequencePart part = SequencePart::Item;
    std::uint64_t last = 10;
    std::uint64_t buckets = 0;
    std::string retriever;  ///< Dot, RetrieverScore, RetrieverRank.

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, base::text(0, 128), "Name of the column; derived from the other fields when empty.");
        v.field("kind", kind,
                base::one_of<FeatureKind>({{"attribute", FeatureKind::Attribute},
                                           {"count", FeatureKind::Count},
                                           {"rate", FeatureKind::Rate},
                                           {"recency", FeatureKind::Recency},
                                           {"distinct", FeatureKind::Distinct},
                                           {"age", FeatureKind::Age},
                                           {"clock", FeatureKind::Clock},
                                           {"sequence", FeatureKind::Sequence},
                                           {"cosine", FeatureKind::Cosine},
                                           {"dot", FeatureKind::Dot},
                                           {"retriever_score", FeatureKind::RetrieverScore},
                                           {"retriever_rank", FeatureKind::RetrieverRank}}),
                "What it measures.");
        v.field(
            "of", of, base::text(0, 256),
            "Whose: global, user, item, user.ATTRIBUTE, item.ATTRIBUTE, context.FIELD, or a pair: user x item, user x item.ATTRIBUTE, and item or "
            "item.ATTRIBUTE x user.ATTRIBUTE or context.FIELD. For `attribute` and `age`: user, item or context.");
        v.field("attribute", attribute, base::text(0, 256), "Attribute that `attribute`, `age`, `cosine` and `sequence` read.");
        v.field("signal", signal, base::text(0, 256), "Signal that is counted; `impression` for what was shown.");
        v.field("per", per, base::text(1, 256), "Signal in the denominator of a rate.");
        v.field("half_life", half_life, base::range(0, 3650 * kDayUs), "Age at which an event counts half, in whole seconds; 0 never forgets.");
        v.field("window", window, base::range(0, 3650 * kDayUs),
                "Only events of so long ago at most, in whole seconds (shared counts: whole minutes); 0: of all of the past.");
        v.field("prior", prior, base::range(0, 1e9), "Imagined events at the global rate that steady a rate while there are few.");
        v.field("unit", unit, base::one_of<ClockUnit>({{"hour", ClockUnit::Hour}, {"weekday", ClockUnit::Weekday}}), "What `clock` reads.");
        v.field(
            "part", part,
            base::one_of<SequencePart>(
                {{"item", SequencePart::Item}, {"attribute", SequencePart::Attribute}, {"signal", SequencePart::Signal}, {"age", SequencePart::Age}}),
            "What `sequence` tells of each item: which it is (hashed), its `attribute`, the first signal that happened, or the seconds since.");
        v.field("last", last, base::range(1, kLastMax), "Items that `sequence` and `cosine` look back over.");
        v.field("buckets", buckets, base::range(0, 1U << 24U),
                "Hashes a category to so many codes, for those of more values than a model can tell apart; 0: a code for each value. A `sequence` of "
                "items: 0 means 4096.");
        v.field("retriever", retriever, base::text(0, 64), "Retriever that `dot`, `retriever_score` and `retriever_rank` read.");
    }
};

/// `features: auto`, or a list; an empty one is auto.
struct FeaturesConfig {
    std::vector<FeatureConfig> list;

    [[nodiscard]] bool automatic() const noexcept { return list.empty(); }
    static Result<FeaturesConfig> from_text(std::string_view text) {
        if (text == "auto") return FeaturesConfig{};
        return base::invalid_argument("must be auto or a list of features; got '" + base::printable(text) + "'");
    }
    [[nodiscard]] std::optional<std::string> to_text() const { return automatic() ? std::optional<std::string>("auto") : std::nullopt; }
    std::vector<FeatureConfig>& list_form() { return list; }
};

/// The name a feature has when its own is empty, such as rate_item_watched_per_impression_1d.
[[nodiscard]] std::string derived_name(const FeatureConfig& config);
/// The spelling of a kind in the project file.
[[nodiscard]] std::string_view name_of(FeatureKind kind);
/// Whether it is read from what the fold counted.
[[nodiscard]] bool reads_state(FeatureKind kind) noexcept;

}  // namespace shortlist::features
