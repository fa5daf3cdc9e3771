#include "apps/cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <optional>

#include "apps/cli/next_steps.h"
#include "apps/cli/version.h"
#include "engine/base/text.h"

namespace shortlist::cli {

namespace {

using base::ConfigFlag;

bool has(const std::vector<std::string>& arguments, std::string_view word) {
    return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

std::vector<std::string> names_of(std::span<const Verb> verbs) {
    std::vector<std::string> names;
    for (const auto& verb : verbs) {
        if (!verb.is_hidden()) names.push_back(verb.name());
    }
    return names;
}

bool is_group(std::span<const Verb> verbs, std::string_view word) {
    return std::any_of(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.name().starts_with(std::string(word) + " "); });
}

// Takes the verb's one or two words off the front of the arguments.
Result<const Verb*> take_verb(std::span<const Verb> verbs, std::vector<std::string>& arguments) {
    std::string name = arguments.front();
    std::size_t words = 1;
    if (is_group(verbs, name) && arguments.size() > 1 && !arguments[1].starts_with("-")) {
        name += " " + arguments[1];
        words = 2;
    }
    for (const auto& verb : verbs) {
        if (verb.name() != name) continue;
        arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(words));
        return &verb;
    }
    const auto names = names_of(verbs);
    if (words == 1 && is_group(verbs, name)) {
        std::vector<std::string> members;
        for (const auto& member : names) {
            if (member.starts_with(name + " ")) members.push_back("shortlist " + member);
        }
        return base::invalid_argument("'" + name + "' needs a second word: " + base::join(members));
    }
    const std::string near = base::nearest(name, names);
    return base::invalid_argument("there is no command '" + base::printable(name) + "'; " +
                                  (near.empty() ? "" : "did you mean 'shortlist " + near + "'? ") + "'shortlist --help' lists all");
}

// One flag or positional argument of the parser, and what was given for it.
struct Slot {
    ConfigFlag flag;
    CLI::Option* option = nullptr;
    CLI::Option* positional = nullptr;
    std::string value;
    std::vector<std::string> values;  // of a flag that may be repeated
    std::string positional_value;
    std::vector<std::string> positional_values;

    // None where the command line does not name it.
    [[nodiscard]] std::optional<std::vector<std::string>> given() const {
        if (positional != nullptr && positional->count() > 0) return flag.repeated ? positional_values : std::vector{positional_value};
        if (option->count() == 0) return std::nullopt;
        if (flag.is_switch) return std::vector<std::string>{flag.name.starts_with("--no-") ? "false" : "true"};
        return flag.repeated ? values : std::vector{value};
    }
};

class Parser {
public:
    explicit Parser(const Verb& verb) : verb_(verb) {
        app_.set_help_flag("");
        app_.add_flag("--json");
        if (verb.takes_project()) app_.add_option("--project", project_);
        for (const auto& flag : verb.flags()) {
            auto& slot = *slots_.emplace_back(std::make_unique<Slot>());
            slot.flag = flag;
            add_option(slot);
        }
        for (const auto& name : verb.arguments()) add_positional(name);
    }

    Result<Verb::Call> parse(std::vector<std::string> arguments) {
        SHORTLIST_TRY(refuse_unknown_flags(arguments));
        try {
            std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
            app_.parse(std::move(arguments));
        } catch (const CLI::ExtrasError&) {
            return base::invalid_argument("'" + base::printable(app_.remaining().front()) + "' is one argument too many; see 'shortlist " +
                                          verb_.name() + " --help'");
        } catch (const CLI::ParseError& error) {
            return base::invalid_argument(std::string(error.what()) + "; see 'shortlist " + verb_.name() + " --help'");
        }
        return Verb::Call{base::tree_of_flags(given()), project_};
    }

private:
    // What the command line named, with its values.
    [[nodiscard]] std::vector<std::pair<ConfigFlag, std::vector<std::string>>> given() const {
        std::vector<std::pair<ConfigFlag, std::vector<std::string>>> flags;
        for (const auto& slot : slots_) {
            if (auto values = slot->given()) flags.emplace_back(slot->flag, std::move(*values));
        }
        return flags;
    }

    void add_option(Slot& slot) {
        if (slot.flag.is_switch) {
            slot.option = app_.add_flag(slot.flag.name);
        } else if (slot.flag.repeated) {
            slot.option = app_.add_option(slot.flag.name, slot.values)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        } else {
            slot.option = app_.add_option(slot.flag.name, slot.value);
        }
    }

    void add_positional(const std::string& name) {
        for (auto& slot : slots_) {
            if (slot->flag.path != std::vector<std::string>{name}) continue;
            slot->positional = slot->flag.repeated ? app_.add_option(name, slot->positional_values) : app_.add_option(name, slot->positional_value);
        }
    }

    // Before the parser sees them: it would take the value of an unknown flag for an argument.
    [[nodiscard]] Status refuse_unknown_flags(const std::vector<std::string>& arguments) const {
        std::vector<std::string> names{"--json", "--help"};
        if (verb_.takes_project()) names.emplace_back("--project");
        for (const auto& flag : verb_.flags()) names.push_back(flag.name);
        for (const auto& argument : arguments) {
            if (argument == "--") break;
            const std::string word = argument.substr(0, argument.find('='));
            if (!word.starts_with("--") || std::find(names.begin(), names.end(), word) != names.end()) continue;
            return base::invalid_argument("'shortlist " + verb_.name() + "' has no option '" + base::printable(word) + "'" +
                                          base::suggestion(word, names));
        }
        return {};
    }

    const Verb& verb_;
    CLI::App app_;
    std::string project_;
    std::vector<std::unique_ptr<Slot>> slots_;  // the parser keeps pointers into them
};

Status run_verb(std::span<const Verb> verbs, std::vector<std::string> arguments, Io& io) {
    SHORTLIST_ASSIGN(const Verb* verb, take_verb(verbs, arguments));
    if (has(arguments, "--help") || has(arguments, "-h")) {
        const std::string page = help_page(*verb);
        render(io, page, {{"help", page}});
        return {};
    }
    SHORTLIST_ASSIGN(const Verb::Call call, Parser(*verb).parse(std::move(arguments)));
    return verb->run(call, io);
}

// `shortlist --json VERB` means `shortlist VERB --json`.
void move_leading_flags_behind(std::vector<std::string>& arguments) {
    std::size_t flags = 0;
    while (flags < arguments.size() && (arguments[flags] == "--json" || arguments[flags] == "--project")) {
        flags += arguments[flags] == "--json" ? 1 : 2;
    }
    if (flags < arguments.size()) std::rotate(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(flags), arguments.end());
}

Status dispatch(std::span<const Verb> verbs, std::vector<std::string> arguments, Io& io) {
    move_leading_flags_behind(arguments);
    const std::string first = arguments.empty() ? "" : arguments.front();
    if (first.empty() || first == "--json") {
        render_next_steps(io, ".");
    } else if (first == "--help" || first == "-h" || first == "help") {
        const std::string page = help_page(verbs);
        render(io, page, {{"help", page}});
    } else if (first == "--version") {
        render(io, "shortlist " + std::string(kVersion) + "\n", {{"version", kVersion}});
    } else {
        return run_verb(verbs, std::move(arguments), io);
    }
    return {};
}

Status dispatch_and_catch(std::span<const Verb> verbs, std::vector<std::string> arguments, Io& io) {
    try {
        return dispatch(verbs, std::move(arguments), io);
    } catch (const std::bad_alloc&) {
        return base::resource_exhausted("out of memory");
    } catch (const std::exception& exception) {
        return base::internal_error(std::string("unexpected: ") + exception.what());
    }
}

}  // namespace

int run_command_line(std::span<const Verb> verbs, std::vector<std::string> arguments, Io io) {
    io.json = has(arguments, "--json");
    const auto status = dispatch_and_catch(verbs, std::move(arguments), io);
    if (status) return 0;
    if (!io.answered) render_error(io, status.error());
    return base::face_of(status.error().code).exit_code;
}

}  // namespace shortlist::cli
