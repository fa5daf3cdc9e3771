#include "engine/features/feature_config.h"

#include "engine/base/text.h"

namespace shortlist::features {

std::string_view name_of(FeatureKind kind) {
    switch (kind) {
        case FeatureKind::Attribute: return "attribute";
        case FeatureKind::Count: return "count";
        case FeatureKind::Rate: return "rate";
        case FeatureKind::Recency: return "recency";
        case FeatureKind::Age: return "age";
        case FeatureKind::Clock: return "clock";
        case FeatureKind::Dot: return "dot";
        case FeatureKind::RetrieverScore: return "retriever_score";
        case FeatureKind::RetrieverRank: return "retriever_rank";
    }
    return "count";
}

std::string derived_name(const FeatureConfig& config) {
    std::string name(name_of(config.kind));
    const auto add = [&name](std::string_view part) {
        if (part.empty()) return;
        name += '_';
        for (const char c : part) {
            if (c != ' ') name += c;
        }
    };
    switch (config.kind) {
        case FeatureKind::Attribute:
        case FeatureKind::Age:
            add(config.of);
            add(config.attribute);
            break;
        case FeatureKind::Clock: add(config.unit == ClockUnit::Hour ? "hour" : "weekday"); break;
        case FeatureKind::Dot:
        case FeatureKind::RetrieverScore:
        case FeatureKind::RetrieverRank: add(config.retriever); break;
        case FeatureKind::Rate:
        case FeatureKind::Count:
        case FeatureKind::Recency:
            add(config.of);
            add(config.signal);
            if (config.kind == FeatureKind::Rate) add("per_" + config.per);
            if (config.half_life.us > 0) add(base::format_duration(config.half_life.us));
            break;
    }
    return name;
}

}  // namespace shortlist::features
