// shortlist recommend: one list, with its reasons.
#include <boost/json/array.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/pipeline/live_project.h"

namespace shortlist::cli {

namespace {

struct RecommendOptions {
    std::string user;
    std::string similar_to;
    std::string surface;
    std::size_t k = 10;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("user", user, base::text(0, 256), "Whom the list is for; one never seen before is a newcomer.");
        v.field("similar_to", similar_to, base::text(0, 256), "Items like this one instead.");
        v.field("surface", surface, base::text(0, 64), "Surface whose policy holds; the first where empty.");
        v.field("k", k, base::range(1, 1000), "How many items.");
    }
};

std::string reasons_of(const pipeline::LiveItem& item) {
    std::string text;
    for (const auto& reason : item.reasons) text += (text.empty() ? "" : ", ") + reason.retriever + " #" + std::to_string(reason.rank);
    return text;
}

std::string text_of(const pipeline::LiveSlate& slate) {
    Table table({"#", "item", "title", "score", "proposed by"});
    for (std::size_t i = 0; i < slate.items.size(); ++i) {
        const auto& item = slate.items[i];
        table.add({std::to_string(i + 1), item.id, item.title, fixed(item.score, 3), reasons_of(item)});
    }
    std::string text = slate.items.empty() ? "Nothing to show.\n" : table.text();
    for (const auto& part : slate.degraded) text += "degraded: " + part + "\n";
    return text + "bundle " + slate.bundle + "\n";
}

boost::json::object json_of(const pipeline::LiveSlate& slate) {
    boost::json::array items;
    for (const auto& item : slate.items) {
        boost::json::array reasons;
        for (const auto& reason : item.reasons) reasons.push_back({{"retriever", reason.retriever}, {"rank", reason.rank}, {"score", reason.score}});
        boost::json::array features;
        for (const auto& feature : item.features) {
            features.push_back({{"name", feature.name}, {"value", feature.value}, {"contribution", feature.contribution}});
        }
        items.push_back({{"id", item.id}, {"title", item.title}, {"score", item.score}, {"reasons", reasons}, {"features", features}});
    }
    boost::json::array degraded(slate.degraded.begin(), slate.degraded.end());
    return {{"bundle", slate.bundle}, {"items", items}, {"degraded", degraded}};
}

}  // namespace

Verb recommend_verb() {
    return Verb("recommend", "Show one list, with the reasons why each item is there.")
        .details("Reads the project as it is now, also while a server runs.")
        .example("shortlist recommend --user u17")
        .example("shortlist recommend --similar-to v42")
        .arguments({"user"})
        .option<RecommendOptions>()
        .run([](const project::Project& project, const RecommendOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            pipeline::LiveOptions live;
            live.read_only = true;
            SHORTLIST_ASSIGN(const auto opened, pipeline::LiveProject::open(project.folder, clock, live));
            pipeline::LiveRequest request;
            request.user = options.user;
            request.surface = options.surface;
            request.size = options.k;
            request.explain = true;
            auto slate = options.similar_to.empty() ? opened->recommend(request) : opened->similar(options.similar_to, options.k);
            if (!slate) return std::move(slate).error();
            render(io, text_of(*slate), json_of(*slate));
            return {};
        });
}

}  // namespace shortlist::cli
