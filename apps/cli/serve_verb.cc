// shortlist serve: the project over HTTP.
#include "apps/cli/verbs.h"
#include "apps/server/engine_service.h"
#include "apps/server/run_server.h"

namespace shortlist::cli {

Verb serve_verb() {
    return Verb("serve", "Serve the project over HTTP until told to stop.")
        .details("Prints the address it listens on. SIGTERM answers what was accepted, then ends.")
        .example("shortlist serve --listen 127.0.0.1:8080")
        .option<project::ServeConfig>()
        .run_raw([](const Verb::Call& call, Io& io) -> Status {
            const server::StopSignals stop;
            auto surroundings = server::process_surroundings(
                [&](const std::string& address) { io.out << "listening on http://" << address << std::endl; }, [&] { stop.wait(); });
            SHORTLIST_ASSIGN(const auto opened, server::open_project(call.project, call.options, surroundings.log));
            return server::run_server(*opened.service, opened.config, surroundings);
        });
}

}  // namespace shortlist::cli
