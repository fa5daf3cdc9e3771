// shortlist features list: the columns of the ranker.
#include <boost/json/array.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/feature_list.h"

namespace shortlist::cli {

Verb features_list_verb() {
    return Verb("features list", "Show what the ranker sees: the definitions of the project file, or those that auto derives from the data.")
        .example("shortlist features list")
        .option<NoOptions>()
        .run([](const project::Project& project, const NoOptions&, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto listed, project::list_features(project));
            Table table({"feature", "kind", "of", "reads", "half-life"});
            boost::json::array columns;
            for (const auto& feature : listed) {
                const std::string reads = !feature.attribute.empty() ? feature.attribute
                                          : !feature.signal.empty()  ? feature.signal
                                                                     : feature.retriever;
                const std::string half_life = feature.half_life.us > 0 ? base::format_duration(feature.half_life.us) : "";
                table.add({feature.name, std::string(features::name_of(feature.kind)), feature.of, reads, half_life});
                columns.push_back({{"name", feature.name},
                                   {"kind", features::name_of(feature.kind)},
                                   {"of", feature.of},
                                   {"reads", reads},
                                   {"half_life", half_life}});
            }
            render(io, table.text() + "\n" + std::to_string(listed.size()) + " features\n", {{"features", columns}});
            return {};
        });
}

}  // namespace shortlist::cli
