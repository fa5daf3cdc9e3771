/// A verb of the command line: what it is called, what it takes, and the one library function it calls. Its flags come from the
/// describe() of its options.
///
///     Verb evaluate_verb() {
///         return Verb("evaluate", "Score retrievers, ranker and slate on the held-out part.")
///             .option<EvaluateOptions>()
///             .run([](const project::Project& project, const EvaluateOptions& options, Io& io) -> Status { ... })
///             .example("shortlist evaluate --k 20");
///     }
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "apps/cli/render.h"
#include "engine/base/config_flags.h"
#include "engine/base/config_reader.h"
#include "engine/base/result.h"
#include "engine/project/project_config.h"

namespace shortlist::cli {

/// Options of a verb that has none.
struct NoOptions {
    template <class Visitor>
    void describe(Visitor&) {}
};

class Verb {
public:
    /// What the command line said: the options as a tree, and the folder given with --project, empty where none was.
    struct Call {
        base::ConfigNode options;
        std::filesystem::path project;
    };
    using Body = std::function<Status(const Call& call, Io& io)>;
    template <class Options>
    class WithOptions;

    /// `name` is one word or two: `serve`, `config check`. `help` is one sentence.
    Verb(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}

    /// Further sentences for the verb's own help page.
    Verb& details(std::string text) { return details_ = std::move(text), *this; }
    /// A line that works, for the help page and the docs.
    Verb& example(std::string line) { return examples_.push_back(std::move(line)), *this; }
    /// Of no help page: the program starts it itself.
    Verb& hidden() { return is_hidden_ = true, *this; }
    /// Options that may also be given by position, in this order, by field name.
    Verb& arguments(std::vector<std::string> fields) { return arguments_ = std::move(fields), *this; }
    /// Takes the flags of a described struct; run() follows.
    template <class Options>
    WithOptions<Options> option();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& help() const noexcept { return help_; }
    [[nodiscard]] const std::string& details() const noexcept { return details_; }
    [[nodiscard]] const std::vector<std::string>& examples() const noexcept { return examples_; }
    [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return arguments_; }
    [[nodiscard]] const std::vector<base::ConfigFlag>& flags() const noexcept { return flags_; }
    [[nodiscard]] bool is_hidden() const noexcept { return is_hidden_; }
    [[nodiscard]] bool takes_project() const noexcept { return takes_project_; }
    Status run(const Call& call, Io& io) const { return body_(call, io); }

private:
    std::string name_;
    std::string help_;
    std::string details_;
    std::vector<std::string> examples_;
    std::vector<std::string> arguments_;
    std::vector<base::ConfigFlag> flags_;
    bool takes_project_ = false;
    bool is_hidden_ = false;
    Body body_;
};

template <class Options>
class Verb::WithOptions {
public:
    explicit WithOptions(Verb verb) : verb_(std::move(verb)) {}

    /// `body` is (const project::Project&, const Options&, Io&) -> Status, with the project loaded and checked;
    /// (const std::filesystem::path& folder, const Options&, Io&) -> Status, with the folder given or the current one;
    /// or (const Options&, Io&) -> Status, for what needs no project.
    template <class Function>
    Verb run(Function body) {
        verb_.takes_project_ = !std::is_invocable_v<Function, const Options&, Io&>;
        verb_.body_ = [body = std::move(body)](const Call& call, Io& io) -> Status {
            Options options;
            base::ConfigReading reading({});
            base::read_config(reading, call.options, options);
            SHORTLIST_TRY(reading.status());
            if constexpr (std::is_invocable_v<Function, const Options&, Io&>) {
                return body(options, io);
            } else if constexpr (std::is_invocable_v<Function, const project::Project&, const Options&, Io&>) {
                SHORTLIST_ASSIGN(const project::Project project, project::load_project(call.project));
                return body(project, options, io);
            } else {
                return body(call.project.empty() ? std::filesystem::path(".") : call.project, options, io);
            }
        };
        return std::move(verb_);
    }

    /// `body` gets the call as it was given: for options that lie over those of the project file.
    Verb run_raw(Body body) {
        verb_.takes_project_ = true;
        verb_.body_ = std::move(body);
        return std::move(verb_);
    }

private:
    Verb verb_;
};

template <class Options>
Verb::WithOptions<Options> Verb::option() {
    flags_ = base::list_flags(base::shape_of<Options>());
    return WithOptions<Options>(std::move(*this));
}

/// Every verb, in the order of the help page.
[[nodiscard]] std::vector<Verb> all_verbs();

}  // namespace shortlist::cli
