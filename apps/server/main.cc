// shortlist-server: serves one project, and does nothing else. It links no training library.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/server/engine_service.h"
#include "apps/server/run_server.h"
#include "engine/base/config_flags.h"
#include "engine/base/config_shape.h"
#include "engine/base/text.h"

namespace shortlist::server {
namespace {

struct Arguments {
    std::string folder = ".";
    bool help = false;
    std::vector<std::pair<base::ConfigFlag, std::vector<std::string>>> given;
};

std::vector<base::ConfigFlag> serve_flags() { return base::list_flags(base::shape_of<project::ServeConfig>()); }

Error unknown_flag(const std::string& name, const std::vector<base::ConfigFlag>& flags) {
    std::vector<std::string> names{"--help"};
    for (const auto& flag : flags) names.push_back(flag.name);
    const auto near = base::nearest(name, names);
    return base::invalid_argument("unknown option " + name + (near.empty() ? "; see --help" : "; did you mean " + near + "?"));
}

/// Reads the option at words[at], as `--name value`, `--name=value` or a switch; `at` moves to the last word that belongs to it.
Status read_option(const std::vector<std::string>& words, std::size_t& at, const std::vector<base::ConfigFlag>& flags, Arguments& out) {
    const auto& word = words[at];
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto flag = std::find_if(flags.begin(), flags.end(), [&](const auto& candidate) { return candidate.name == name; });
    if (flag == flags.end()) return unknown_flag(name, flags);
    std::vector<std::string> values;
    if (equals != std::string::npos) {
        values.push_back(word.substr(equals + 1));
    } else if (!flag->is_switch) {
        if (++at == words.size()) return base::invalid_argument(name + " needs a value: " + flag->help);
        values.push_back(words[at]);
    }
    out.given.emplace_back(*flag, std::move(values));
    return {};
}

/// Options, and one argument that is none: the project's folder.
Result<Arguments> read_arguments(const std::vector<std::string>& words) {
    Arguments arguments;
    const auto flags = serve_flags();
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--help") {
            arguments.help = true;
        } else if (words[at].starts_with("--")) {
            SHORTLIST_TRY(read_option(words, at, flags, arguments));
        } else {
            arguments.folder = words[at];
        }
    }
    return arguments;
}

void print_help() {
    std::printf("shortlist-server [OPTIONS] [FOLDER]\nServes the project in FOLDER (default: this one).\n\n");
    for (const auto& flag : serve_flags()) std::printf("  %s\n      %s\n", flag.name.c_str(), flag.help.c_str());
}

Status serve(const Arguments& arguments, const StopSignals& signals) {
    const auto listening = [](const std::string& address) {
        std::printf("listening on http://%s\n", address.c_str());
        std::fflush(stdout);
    };
    const auto surroundings = process_surroundings(listening, [&] { signals.wait(); });
    SHORTLIST_ASSIGN(const auto project, open_project(arguments.folder, base::tree_of_flags(arguments.given), surroundings.log));
    return run_server(*project.service, project.config, surroundings);
}

Status run(const std::vector<std::string>& words) {
    const StopSignals signals;  // Before the engine starts threads.
    SHORTLIST_ASSIGN(const auto arguments, read_arguments(words));
    if (arguments.help) return print_help(), Status();
    return serve(arguments, signals);
}

int exit_code(const Status& status) {
    if (status) return 0;
    std::fprintf(stderr, "shortlist-server: %s\n", status.error().message.c_str());
    return base::face_of(status.error().code).exit_code;
}

}  // namespace
}  // namespace shortlist::server

int main(int count, char** words) {
    try {
        return shortlist::server::exit_code(shortlist::server::run({words + 1, words + count}));
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "shortlist-server: %s\n", exception.what());
        return shortlist::base::face_of(shortlist::ErrorCode::Internal).exit_code;
    }
}
