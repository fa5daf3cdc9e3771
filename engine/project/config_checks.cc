#include "engine/project/config_checks.h"

#include <algorithm>
#include <set>
#include <variant>

#include "engine/base/text.h"
#include "engine/kafka/consumer.h"

namespace shortlist::project {

namespace {

using base::ConfigNode;
using base::ConfigReading;

// The last bit of a mask is for impressions.
constexpr std::size_t kProjectSignalsMax = data::kSignalsMax - 1;

bool is_name(std::string_view text) { return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), base::is_name_character); }

std::string in_quotes(std::string_view text) { return "'" + base::printable(text) + "'"; }

template <class T>
std::vector<std::string> keys_of(const base::Named<T>& named) {
    std::vector<std::string> keys;
    for (const auto& entry : named) keys.push_back(entry.first);
    return keys;
}

// The types that events have by the mapping, where no column holds them.
std::vector<std::string> mapped_types(const data::EventsConfig& events) {
    std::vector<std::string> types;
    if (!events.wide()) return {events.type};
    for (const auto& entry : events.flags) types.push_back(entry.first);
    for (const auto& entry : events.values) types.push_back(entry.first);
    return types;
}

class Checker {
public:
    Checker(const ProjectConfig& config, const ConfigNode& source, ConfigReading& reading) : config_(config), source_(source), reading_(reading) {}

    void run() {
        signals();
        retrievers();
        feature_definitions();
        surfaces();
        split();
        times();
        kafka();
    }

private:
    // What did not read well is not judged again.
    void problem(const std::string& key, const std::string& message) {
        if (!reading_.has_problem(key)) reading_.problem(source_, key, message);
    }

    void name(const std::string& key, std::string_view text) {
        if (!is_name(text)) problem(key, in_quotes(text) + " cannot be a name; allowed: 1 to 64 letters, digits, _ and -");
    }

    // Where the names themselves did not read well (`whats` is their key), they prove nothing.
    void reference(const std::string& key, const std::string& name, const std::string& what, const std::vector<std::string>& names) {
        if (reading_.has_problem(what + "s") || name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
        problem(key, "there is no " + what + " " + in_quotes(name) + base::suggestion(name, names));
    }

    void signals() {
        if (config_.signals.empty()) {
            problem("signals", "is required here: the type of each event is in column " + in_quotes(config_.data.events.columns.type) +
                                   "; name the one to learn from, such as signals: {liked: {type: like}}");
        }
        if (config_.signals.size() > kProjectSignalsMax) {
            problem("signals",
                    "has " + std::to_string(config_.signals.size()) + " signals; at most " + std::to_string(kProjectSignalsMax) + " are allowed");
        }
        for (const auto& [signal, reads] : config_.signals) {
            const std::string key = "signals." + signal;
            name(key, signal);
            if (signal == features::kImpressionSignal) problem(key, "'impression' always means what was shown; choose another name");
            const auto& bounds = reads.value;
            if (bounds.at_least && bounds.at_most && *bounds.at_least > *bounds.at_most)
                problem(key + ".value", "at_least is above at_most: no event counts");
        }
    }

    void retrievers() {
        if (config_.retrievers.empty()) problem("retrievers", "must have at least one; without the key there are three");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < config_.retrievers.size(); ++i) {
            const std::string key = "retrievers[" + std::to_string(i) + "]";
            std::visit(
                [&](const auto& retriever) {
                    name(key + ".name", retriever.name);
                    if (!seen.insert(retriever.name).second)
                        problem(key + ".name", "another retriever is called " + in_quotes(retriever.name) + "; names are unique");
                    reference(key + ".signal", retriever.signal, "signal", keys_of(config_.signals));
                },
                config_.retrievers[i]);
            retriever_names_.assign(seen.begin(), seen.end());
        }
    }

    void feature_definitions() {
        auto signal_names = keys_of(config_.signals);
        signal_names.emplace_back(features::kImpressionSignal);
        std::set<std::string> seen;
        for (std::size_t i = 0; i < config_.features.list.size(); ++i) {
            const auto& feature = config_.features.list[i];
            const std::string key = "features[" + std::to_string(i) + "]";
            reference(key + ".signal", feature.signal, "signal", signal_names);
            reference(key + ".per", feature.per, "signal", signal_names);
            reference(key + ".retriever", feature.retriever, "retriever", retriever_names_);
            const std::string column = feature.name.empty() ? features::derived_name(feature) : feature.name;
            if (!seen.insert(column).second) problem(key, "another feature is called " + in_quotes(column) + "; give one of them a name of its own");
        }
    }

    void surfaces() {
        if (config_.surfaces.empty()) problem("surfaces", "must have at least one; without the key there is 'default'");
        for (const auto& surface : config_.surfaces) name("surfaces." + surface.first, surface.first);
    }

    void split() {
        using data::TimeForm;
        const TimeForm time = config_.data.events.columns.time.form();
        const auto by = config_.split.by;
        if (by == eval::SplitBy::Time && time != TimeForm::Column) {
            problem("split.by", "'time' needs times, and data.events.columns.time names no column; allowed: leave_one_out, given, random");
        }
        if (by == eval::SplitBy::LeaveOneOut && time == TimeForm::None) problem("split.by", "'leave_one_out' needs an order; allowed: given, random");
        if (by == eval::SplitBy::Given && config_.data.test_events.empty())
            problem("split.by", "'given' needs data.test_events to name the files of the test part");
    }

    // Nobody invents time stamps: what needs them is refused where the mapping has none.
    void times() {
        if (config_.data.events.columns.time.form() == data::TimeForm::Column) return;
        const std::string why = " needs times, and data.events.columns.time names no column";
        for (std::size_t i = 0; i < config_.retrievers.size(); ++i) {
            const auto* popularity = std::get_if<training::PopularityRetrieverConfig>(&config_.retrievers[i]);
            if (popularity != nullptr && popularity->half_life.us > 0)
                problem("retrievers[" + std::to_string(i) + "].half_life", "a half-life" + why);
        }
        for (std::size_t i = 0; i < config_.features.list.size(); ++i) {
            const auto& feature = config_.features.list[i];
            const std::string key = "features[" + std::to_string(i) + "]";
            if (feature.half_life.us > 0) problem(key + ".half_life", "a half-life" + why);
            using features::FeatureKind;
            if (feature.kind == FeatureKind::Recency || feature.kind == FeatureKind::Age || feature.kind == FeatureKind::Clock) {
                problem(key + ".kind", in_quotes(features::name_of(feature.kind)) + why);
            }
        }
    }

    void kafka() {
        const auto& kafka = config_.serve.kafka;
        std::set<std::string> topics;
        for (const auto& [key, list] : {std::pair("events", &kafka.events), std::pair("items", &kafka.items), std::pair("users", &kafka.users)}) {
            for (std::size_t i = 0; i < list->size(); ++i) {
                if (topics.insert((*list)[i]).second) continue;
                problem(std::string("serve.kafka.") + key + "[" + std::to_string(i) + "]", in_quotes((*list)[i]) + " is named twice");
            }
        }
        if (kafka.used() && topics.empty() && kafka.lists.empty()) {
            problem("serve.kafka.events", "must name a topic, as brokers are named; items, users or lists would do, too");
        }
        if (topics.contains(kafka.lists)) problem("serve.kafka.lists", in_quotes(kafka.lists) + " is consumed, too");
        if (const auto options = kafka::check_options(kafka); !options) problem("serve.kafka.options", options.error().message);
    }

    const ProjectConfig& config_;
    const ConfigNode& source_;
    ConfigReading& reading_;
    std::vector<std::string> retriever_names_;
};

// A signal for each type that the mapping gives events; a column of types may hold anything, so there the file must say.
void complete_signals(ProjectConfig& config) {
    const auto& events = config.data.events;
    if (!config.signals.empty() || !events.columns.type.empty()) return;
    for (const auto& type : mapped_types(events)) config.signals.emplace_back(type, data::SignalConfig{.type = type, .value = {}, .weight = 1});
}

eval::SplitBy split_without_times(const data::DataConfig& data) {
    if (!data.test_events.empty()) return eval::SplitBy::Given;
    return data.events.columns.time.form() == data::TimeForm::Order ? eval::SplitBy::LeaveOneOut : eval::SplitBy::Random;
}

// The first signal, where the retriever names none.
void complete_signal(training::RetrieverConfig& retriever, const ProjectConfig& config) {
    if (config.signals.empty()) return;
    std::visit(
        [&](auto& chosen) {
            if (chosen.signal.empty()) chosen.signal = config.signals.front().first;
        },
        retriever);
}

void drop_half_life(training::RetrieverConfig& retriever) {
    if (auto* popularity = std::get_if<training::PopularityRetrieverConfig>(&retriever)) popularity->half_life.us = 0;
}

}  // namespace

void complete(ProjectConfig& config, const ConfigNode& source) {
    const auto says = [&](const std::string& path, std::string_view key) { return base::nearest_node(source, path).key == key; };
    complete_signals(config);
    for (auto& retriever : config.retrievers) complete_signal(retriever, config);
    if (config.data.events.columns.time.form() == data::TimeForm::Column) return;
    if (!says("split.by", "by")) config.split.by = split_without_times(config.data);
    for (std::size_t i = 0; i < config.retrievers.size(); ++i) {
        if (!says("retrievers[" + std::to_string(i) + "].half_life", "half_life")) drop_half_life(config.retrievers[i]);
    }
}

void check_across(const ProjectConfig& config, const ConfigNode& source, ConfigReading& reading) { Checker(config, source, reading).run(); }

}  // namespace shortlist::project
