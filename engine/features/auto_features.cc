#include "engine/features/auto_features.h"

#include <set>
#include <utility>

namespace shortlist::features {

namespace {

using data::AttributeType;

// Past this many values a category is left to its rates: a tree would learn the values of one week by heart.
constexpr std::size_t kCategoryValuesMax = 64;
// Longer vectors cost more to compare with than they tell.
constexpr std::size_t kDerivedWidthMax = 256;

class Derivation {
public:
    Derivation(const PlanInputs& inputs, bool impressions) : inputs_(inputs), impressions_(impressions) {}

    std::vector<FeatureConfig> run() {
        attributes("user", inputs_.users);
        attributes("item", inputs_.items);
        for (const auto& field : inputs_.events.context_names) add({.kind = FeatureKind::Attribute, .of = "context", .attribute = field});
        if (inputs_.has_times) {
            add({.kind = FeatureKind::Clock, .unit = ClockUnit::Hour});
            add({.kind = FeatureKind::Clock, .unit = ClockUnit::Weekday});
        }
        const auto& signals = inputs_.signals.signals();
        for (std::size_t s = 0; s < signals.size(); ++s) activity(signals[s].name, s == 0);
        for (const auto& retriever : inputs_.retrievers) {
            add({.kind = FeatureKind::Dot, .retriever = retriever});
            add({.kind = FeatureKind::RetrieverScore, .retriever = retriever});
            add({.kind = FeatureKind::RetrieverRank, .retriever = retriever});
        }
        return std::move(out_);
    }

private:
    struct Draft {
        FeatureKind kind = FeatureKind::Count;
        std::string of{};
        std::string attribute{};
        std::string signal{};
        TimeUs half_life = 0;
        TimeUs window = 0;
        double prior = 10;
        ClockUnit unit = ClockUnit::Hour;
        std::string retriever{};
    };

    void add(const Draft& draft) {
        FeatureConfig config;
        config.kind = draft.kind;
        config.of = draft.of;
        config.attribute = draft.attribute;
        config.signal = draft.signal;
        config.half_life.us = inputs_.has_times ? draft.half_life : 0;
        config.window.us = inputs_.has_times ? draft.window : 0;
        config.prior = draft.prior;
        config.unit = draft.unit;
        config.retriever = draft.retriever;
        // Without times half-lives and windows mean nothing, and definitions that differed in them alone become one.
        if (names_.insert(derived_name(config)).second) out_.push_back(std::move(config));
    }

    void attributes(const std::string& of, const data::EntityTable& table) {
        for (const auto& attribute : table.attributes) {
            const bool small = attribute.values.size() <= kCategoryValuesMax;
            if (attribute.type == AttributeType::Number || (attribute.type == AttributeType::Category && small)) {
                add({.kind = FeatureKind::Attribute, .of = of, .attribute = attribute.name});
            } else if (attribute.type == AttributeType::Time && inputs_.has_times) {
                add({.kind = FeatureKind::Age, .of = of, .attribute = attribute.name});
            }
        }
    }

    // A rate where impressions were logged, a count where they were not.
    void rate(const std::string& of, const std::string& signal, TimeUs half_life, double prior) {
        add({.kind = impressions_ ? FeatureKind::Rate : FeatureKind::Count, .of = of, .signal = signal, .half_life = half_life, .prior = prior});
    }

    void activity(const std::string& signal, bool main) {
        rate("item", signal, 0, 20);
        rate("user", signal, 7 * kDayUs, 10);
        if (!main) return;
        of_the_item(signal);
        of_the_user(signal);
        for (const auto& attribute : inputs_.items.attributes) {
            if (attribute.type == AttributeType::Category) item_attribute(attribute, signal);
            if (attribute.type == AttributeType::Vector && attribute.width <= kDerivedWidthMax) {
                add({.kind = FeatureKind::Cosine, .attribute = attribute.name, .signal = signal});
            }
        }
        for (const auto& attribute : inputs_.users.attributes) {
            if (attribute.type == AttributeType::Category) crosses("user." + attribute.name, attribute.values, signal);
        }
        for (std::size_t field = 0; field < inputs_.events.context_names.size(); ++field) {
            crosses("context." + inputs_.events.context_names[field], inputs_.events.context_values[field], signal);
        }
    }

    void of_the_item(const std::string& signal) {
        add({.kind = FeatureKind::Count, .of = "item", .signal = signal, .half_life = 6 * kHourUs});
        add({.kind = FeatureKind::Count, .of = "item", .signal = signal, .half_life = 3 * kDayUs});
        add({.kind = FeatureKind::Count, .of = "item", .signal = signal, .window = kHourUs});
        add({.kind = FeatureKind::Distinct, .of = "item", .signal = signal});
        if (impressions_) add({.kind = FeatureKind::Count, .of = "item", .signal = std::string(kImpressionSignal), .half_life = kDayUs});
    }

    void of_the_user(const std::string& signal) {
        add({.kind = FeatureKind::Count, .of = "user", .signal = signal});
        add({.kind = FeatureKind::Count, .of = "user", .signal = signal, .window = kHourUs});
        if (inputs_.has_times) add({.kind = FeatureKind::Recency, .of = "user", .signal = signal});
        if (!impressions_) return;
        const std::string shown(kImpressionSignal);
        add({.kind = FeatureKind::Count, .of = "user", .signal = shown, .window = kHourUs});
        add({.kind = FeatureKind::Count, .of = "user x item", .signal = shown});
        if (inputs_.has_times) add({.kind = FeatureKind::Recency, .of = "user x item", .signal = shown});
    }

    // What a kind of user, or a place in the day's life, makes of an item, and of a kind of item.
    void crosses(const std::string& other, const data::Dictionary& values, const std::string& signal) {
        rate("item x " + other, signal, 0, 20);
        if (values.size() > kCategoryValuesMax) return;
        for (const auto& attribute : inputs_.items.attributes) {
            const bool small = attribute.values.size() <= kCategoryValuesMax;
            if (attribute.type == AttributeType::Category && small) rate("item." + attribute.name + " x " + other, signal, 7 * kDayUs, 50);
        }
    }

    void item_attribute(const data::Attribute& attribute, const std::string& signal) {
        rate("item." + attribute.name, signal, 3 * kDayUs, 50);
        const std::string pair = "user x item." + attribute.name;
        rate(pair, signal, 0, 5);
        add({.kind = FeatureKind::Count, .of = pair, .signal = signal, .half_life = 3 * kDayUs});
        if (inputs_.has_times) {
            add({.kind = FeatureKind::Count, .of = pair, .signal = signal, .half_life = kHourUs});
            add({.kind = FeatureKind::Recency, .of = pair, .signal = signal});
        }
    }

    const PlanInputs& inputs_;
    bool impressions_;
    std::set<std::string> names_;
    std::vector<FeatureConfig> out_;
};

}  // namespace

std::vector<FeatureConfig> derive_features(const PlanInputs& inputs, bool events_have_impressions) {
    return Derivation(inputs, events_have_impressions).run();
}

}  // namespace shortlist::features
