#include "engine/features/feature_config.h"

#include "engine/base/text.h"

namespace shortlist::features {

namespace {

std::string_view name_of(SequencePart part) {
    switch (part) {
        case SequencePart::Item: return "item";
        case SequencePart::Attribute: return "";  // its own name tells
        case SequencePart::Signal: return "signal";
        case SequencePart::Age: return "age";
    }
    return "";
}

// Joins what is not empty with underscores.
class NameParts {
public:
    explicit NameParts(std::string_view kind) : name_(kind) {}

    void add(std::string_view part) {
        if (part.empty()) return;
        name_ += '_';
        for (const char c : part) {
            if (c != ' ') name_ += c;
        }
    }
    void add_past(const FeatureConfig& config) {
        if (config.half_life.us > 0) add(base::format_duration(config.half_life.us));
        if (config.window.us > 0) add("last_" + base::format_duration(config.window.us));
    }
    [[nodiscard]] std::string take() { return std::move(name_); }

private:
    std::string name_;
};

}  // namespace

bool reads_state(FeatureKind kind) noexcept {
    return kind == FeatureKind::Count || kind == FeatureKind::Rate || kind == FeatureKind::Recency || kind == FeatureKind::Distinct;
}

std::string_view name_of(FeatureKind kind) {
    switch (kind) {
        case FeatureKind::Attribute: return "attribute";
        case FeatureKind::Count: return "count";
        case FeatureKind::Rate: return "rate";
        case FeatureKind::Recency: return "recency";
        case FeatureKind::Distinct: return "distinct";
        case FeatureKind::Age: return "age";
        case FeatureKind::Clock: return "clock";
        case FeatureKind::Sequence: return "sequence";
        case FeatureKind::Cosine: return "cosine";
        case FeatureKind::Dot: return "dot";
        case FeatureKind::RetrieverScore: return "retriever_score";
        case FeatureKind::RetrieverRank: return "retriever_rank";
    }
    return "count";
}

std::string derived_name(const FeatureConfig& config) {
    NameParts name(name_of(config.kind));
    switch (config.kind) {
        case FeatureKind::Attribute:
        case FeatureKind::Age:
            name.add(config.of);
            name.add(config.attribute);
            break;
        case FeatureKind::Clock: name.add(config.unit == ClockUnit::Hour ? "hour" : "weekday"); break;
        case FeatureKind::Sequence:
        case FeatureKind::Cosine:
            name.add(config.signal);
            name.add(config.attribute);
            if (config.kind == FeatureKind::Sequence) name.add(name_of(config.part));
            if (config.kind == FeatureKind::Cosine) name.add(std::to_string(config.last));
            break;
        case FeatureKind::Dot:
        case FeatureKind::RetrieverScore:
        case FeatureKind::RetrieverRank: name.add(config.retriever); break;
        case FeatureKind::Rate:
        case FeatureKind::Count:
        case FeatureKind::Recency:
        case FeatureKind::Distinct:
            name.add(config.of);
            name.add(config.signal);
            if (config.kind == FeatureKind::Rate) name.add("per_" + config.per);
            name.add_past(config);
            break;
    }
    return name.take();
}

}  // namespace shortlist::features
