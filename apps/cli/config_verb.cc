// shortlist config check | print | schema | reference: what the project file says and may say.
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "apps/cli/verbs.h"
#include "engine/project/project_config.h"

namespace shortlist::cli {

Verb config_check_verb() {
    return Verb("config check", "Check the project file, and that the files it names are there.")
        .example("shortlist config check --project examples/shorts")
        .option<NoOptions>()
        .run([](const project::Project& project, const NoOptions&, Io& io) -> Status {
            SHORTLIST_TRY(project::check_files(project));
            const auto& config = project.config;
            render(io,
                   project.file + " is fine: " + std::to_string(config.signals.size()) + " signals, " + std::to_string(config.retrievers.size()) +
                       " retrievers, " + std::to_string(config.surfaces.size()) + " surfaces.\n",
                   {{"ok", true},
                    {"name", config.name},
                    {"signals", config.signals.size()},
                    {"retrievers", config.retrievers.size()},
                    {"surfaces", config.surfaces.size()}});
            return {};
        });
}

Verb config_print_verb() {
    return Verb("config print", "Show every option of the project, its value and where it comes from.")
        .details("The origin is `default`, or the file and line; values that the environment gives are shown as the file has them.")
        .example("shortlist config print")
        .example("shortlist config print --json")
        .option<NoOptions>()
        .run([](const project::Project& project, const NoOptions&, Io& io) -> Status {
            Table table({"key", "value", "origin"});
            boost::json::array values;
            for (const auto& value : project::list_config(project)) {
                table.add({value.key, value.value, value.origin});
                values.push_back({{"key", value.key}, {"value", value.value}, {"origin", value.origin}});
            }
            render(io, table.text(), {{"values", values}});
            return {};
        });
}

Verb config_schema_verb() {
    return Verb("config schema", "Print the JSON Schema of the project file, for editors that complete and check it.")
        .example("shortlist config schema > shortlist.schema.json")
        .option<NoOptions>()
        .run([](const NoOptions&, Io& io) -> Status {
            const std::string schema = project::project_schema();
            render(io, schema, boost::json::parse(schema));
            return {};
        });
}

Verb config_reference_verb() {
    return Verb("config reference", "Print the reference of the project file as Markdown: docs/reference/config.md.")
        .example("shortlist config reference")
        .option<NoOptions>()
        .run([](const NoOptions&, Io& io) -> Status {
            const std::string page = project::project_reference();
            render(io, page, {{"page", page}});
            return {};
        });
}

}  // namespace shortlist::cli
