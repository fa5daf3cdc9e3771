// shortlist generate shorts: a world of short videos to try everything on.
#include <boost/json/array.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/generate_project.h"

namespace shortlist::cli {

namespace {

struct GenerateOptions {
    simulation::ShortsConfig world;
    bool statistics = false;
    std::uint32_t threads = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        world.describe(v);
        v.field("describe", statistics, base::any<bool>(), "Show the world's figures beside those of real short videos.");
        v.field("threads", threads, base::range(0, 1024), "Threads; 0 takes all the machine has. The world is the same with any number.");
    }
};

std::string text_of(const project::GenerateReport& report) {
    std::string text;
    if (!report.statistics.empty()) {
        Table table({"figure", "generated", "real", "meaning"});
        for (const auto& figure : report.statistics) table.add({figure.name, fixed(figure.generated, 3), fixed(figure.kuairand, 3), figure.meaning});
        text += table.text() + "\n";
    }
    text += base::format_count(report.users) + " users, " + base::format_count(report.items) + " videos, " + base::format_count(report.events) +
            " events in " + report.data_folder.string() + ", " + fixed(report.seconds, 2) + " s\n";
    return text + (report.wrote_project_file ? "Wrote shortlist.yaml. Next: shortlist import\n"
                                             : "The project file that was there stays. Next: shortlist import\n");
}

}  // namespace

Verb generate_shorts_verb() {
    return Verb("generate shorts", "Generate a world of short videos whose truth is known, with a project around it.")
        .details("Writes data/ and, where there is none, shortlist.yaml into the project's folder. The same options give the same bytes.")
        .example("shortlist generate shorts --project /tmp/shorts --users 2000 --items 5000 --interactions 100000")
        .example("shortlist generate shorts --project /tmp/shorts --describe")
        .option<GenerateOptions>()
        .run([](const std::filesystem::path& folder, const GenerateOptions& options, Io& io) -> Status {
            ThreadPool pool(options.threads);
            SHORTLIST_ASSIGN(const auto report, project::generate_shorts_project(folder, options.world, options.statistics, pool));
            boost::json::array figures;
            for (const auto& figure : report.statistics) {
                figures.push_back({{"name", figure.name}, {"generated", figure.generated}, {"real", figure.kuairand}, {"meaning", figure.meaning}});
            }
            render(io, text_of(report),
                   {{"folder", report.data_folder.string()},
                    {"users", report.users},
                    {"items", report.items},
                    {"events", report.events},
                    {"statistics", figures},
                    {"seconds", report.seconds}});
            return {};
        });
}

}  // namespace shortlist::cli
