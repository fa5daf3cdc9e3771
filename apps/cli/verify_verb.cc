// shortlist verify: the state that a restart would serve from, against the whole log.
#include <boost/json/object.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/verify_project.h"

namespace shortlist::cli {

namespace {

std::string text_of(const project::VerifyReport& report) {
    const std::string events = base::format_count(report.events) + " events";
    if (report.restored == 0) return "no snapshot yet: a restart folds the whole log, " + events + "\nstate " + report.folded_digest + "\n";
    const std::string from = "the snapshot at offset " + base::format_count(report.restored) + " and the records behind it";
    if (!report.equal()) return "DIFFERENT: " + from + " give " + report.restored_digest + ", the whole log " + report.folded_digest + "\n";
    return "equal to the bit: " + from + ", and the whole log, " + events + "\nstate " + report.folded_digest + "\n";
}

}  // namespace

Verb verify_verb() {
    return Verb("verify", "Fold the whole log anew and compare it with the state that a restart would serve from, bit by bit.")
        .example("shortlist verify")
        .option<NoOptions>()
        .run([](const project::Project& project, const NoOptions&, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool;
            SHORTLIST_ASSIGN(const auto report, project::verify_project(project, {clock, pool, {}}));
            const auto different =
                base::data_loss("the saved state is not what the log gives; remove the project's folder `state`, and a restart folds the whole log");
            if (!report.equal() && io.json) return different;  // machines get one document: the error
            render(io, text_of(report),
                   {{"bundle", report.bundle},
                    {"events", report.events},
                    {"restored", report.restored},
                    {"restored_digest", report.restored_digest},
                    {"folded_digest", report.folded_digest},
                    {"equal", report.equal()},
                    {"seconds", report.seconds}});
            if (!report.equal()) return different;
            return {};
        });
}

}  // namespace shortlist::cli
