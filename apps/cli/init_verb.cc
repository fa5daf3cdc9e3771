// shortlist init: a commented project file from a look at the data.
#include <boost/json/array.hpp>

#include "apps/cli/verbs.h"
#include "engine/project/init_project.h"

namespace shortlist::cli {

Verb init_verb() {
    return Verb("init", "Begin a project: look at a file of events, guess what its columns mean, write shortlist.yaml.")
        .details("Asks nothing and says what it guessed. Look the file over, then run 'shortlist import'.")
        .arguments({"events"})
        .example("shortlist init --events clicks.csv")
        .example("shortlist init --events events.parquet --items items.parquet --users users.parquet")
        .example("shortlist init --events log.csv.gz --user customer --item sku")
        .example("shortlist init --from gorse dump.bin")
        .option<project::InitOptions>()
        .run([](const std::filesystem::path& folder, const project::InitOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(const auto report, project::init_project(folder, options));
            Table table({"guessed", "as", "because"});
            boost::json::array guesses;
            for (const auto& guess : report.guesses) {
                table.add({guess.what, guess.choice, guess.why});
                guesses.push_back({{"what", guess.what}, {"choice", guess.choice}, {"why", guess.why}});
            }
            render(io, table.text() + "\nWrote " + report.file.string() + ". Look it over, then: shortlist import\n",
                   {{"file", report.file.string()}, {"guesses", guesses}});
            return {};
        });
}

}  // namespace shortlist::cli
