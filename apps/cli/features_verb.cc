// shortlist features list | explain | show: the columns of the ranker, what one means, and what they hold for a user and an item.
#include <boost/json/array.hpp>

#include <cmath>
#include <string>

#include "apps/cli/verbs.h"
#include "engine/base/config_writer.h"
#include "engine/base/text.h"
#include "engine/project/feature_list.h"

namespace shortlist::cli {

namespace {

struct ExplainOptions {
    std::string name;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("name", name, base::text(1, 128), "Name of the feature, as shortlist features list shows it.");
    }
};

std::string value_text(float value) { return std::isnan(value) ? "missing" : base::format_number(value); }

std::string past_text(const features::FeatureConfig& feature) {
    if (feature.window.us > 0) return "last " + base::format_duration(feature.window.us);
    return feature.half_life.us > 0 ? "half after " + base::format_duration(feature.half_life.us) : "";
}

}  // namespace

Verb features_list_verb() {
    return Verb("features list", "Show what the ranker sees: the definitions of the project file, or those that auto derives from the data.")
        .example("shortlist features list")
        .option<NoOptions>()
        .run([](const project::Project& project, const NoOptions&, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto listed, project::list_features(project));
            Table table({"feature", "kind", "of", "reads", "past"});
            boost::json::array columns;
            for (const auto& feature : listed) {
                const std::string reads = !feature.attribute.empty() ? feature.attribute
                                          : !feature.signal.empty()  ? feature.signal
                                                                     : feature.retriever;
                table.add({feature.name, std::string(features::name_of(feature.kind)), feature.of, reads, past_text(feature)});
                columns.push_back({{"name", feature.name},
                                   {"kind", features::name_of(feature.kind)},
                                   {"of", feature.of},
                                   {"reads", reads},
                                   {"half_life", feature.half_life.us > 0 ? base::format_duration(feature.half_life.us) : ""},
                                   {"window", feature.window.us > 0 ? base::format_duration(feature.window.us) : ""}});
            }
            render(io, table.text() + "\n" + std::to_string(listed.size()) + " features\n", {{"features", columns}});
            return {};
        });
}

Verb features_explain_verb() {
    return Verb("features explain", "Say in words what a feature measures, how soon it follows an event, and what it costs.")
        .example("shortlist features explain clock_hour")
        .arguments({"name"})
        .option<ExplainOptions>()
        .run([](const project::Project& project, const ExplainOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto explained, project::explain_feature(project, options.name));
            render(io, explained.config.name + "\n" + explained.text + "\n",
                   {{"name", explained.config.name}, {"kind", features::name_of(explained.config.kind)}, {"text", explained.text}});
            return {};
        });
}

Verb features_show_verb() {
    return Verb("features show", "Show what the ranker in force sees of an item for a user, and the state behind each value.")
        .details("With --at, as of an earlier time, or as of the first so many events: what a request would have seen then.")
        .example("shortlist features show --user u1 --item v1")
        .option<project::ShowFeaturesOptions>()
        .run([](const project::Project& project, const project::ShowFeaturesOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto shown, project::show_features(project, options));
            Table table({"feature", "value", "behind it"});
            boost::json::array columns;
            for (const auto& feature : shown.features) {
                table.add({feature.name, value_text(feature.value), feature.state});
                boost::json::value value = nullptr;
                if (!std::isnan(feature.value)) value = feature.value;
                columns.push_back({{"name", feature.name}, {"value", value}, {"state", feature.state}});
            }
            const std::string who = shown.known_user ? options.user : "a newcomer";
            render(io,
                   table.text() + "\n" + who + " and " + options.item + " after " + base::format_count(shown.events) + " events, asked at " +
                       base::format_time(shown.time) + "; shared counts as of " + base::format_time(shown.tick) + "; bundle " + shown.bundle + "\n",
                   {{"bundle", shown.bundle},
                    {"events", shown.events},
                    {"time", base::format_time(shown.time)},
                    {"tick", base::format_time(shown.tick)},
                    {"known_user", shown.known_user},
                    {"features", columns}});
            return {};
        });
}

}  // namespace shortlist::cli
