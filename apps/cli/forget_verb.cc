// shortlist forget: a user goes out of everything that the project keeps.
#include <boost/json/object.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/data/log.h"

namespace shortlist::cli {

namespace {

struct ForgetOptions {
    std::string user;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("user", user, base::text(1, 256), "Whom to forget.");
    }
};

}  // namespace

Verb forget_verb() {
    return Verb("forget", "Remove everything that the project keeps of a user: events, attributes, state, quarantine.")
        .details(
            "The log is written anew without them, and what was made of it is removed; `shortlist train` makes a bundle that knows nothing of them. "
            "Where a "
            "server writes the project, ask it instead: DELETE /v1/users/ID. Killed meanwhile, the next command that writes does the rest. The files "
            "that were "
            "imported are yours: take the user out of them, too, or the next import brings them back.")
        .arguments({"user"})
        .example("shortlist forget --user u17")
        .option<ForgetOptions>()
        .run([](const project::Project& project, const ForgetOptions& options, Io& io) -> Status {
            SHORTLIST_ASSIGN(auto log, data::Log::open_writer(project.folder));
            SHORTLIST_ASSIGN(const auto forgotten, log.forget(options.user));
            Table table({"removed", "count"});
            table.add({"imported events", base::format_count(forgotten.imported_events)});
            table.add({"live events", base::format_count(forgotten.live_events)});
            table.add({"changes of attributes", base::format_count(forgotten.updates)});
            table.add({"lists served", base::format_count(forgotten.lists)});
            render(io, table.text() + "\nThe imported files are as they were: take the user out of them, or the next import brings them back.\n",
                   {{"user", options.user},
                    {"imported_events", forgotten.imported_events},
                    {"live_events", forgotten.live_events},
                    {"updates", forgotten.updates},
                    {"lists", forgotten.lists}});
            return {};
        });
}

}  // namespace shortlist::cli
