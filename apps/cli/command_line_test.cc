#include "apps/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <sstream>
#include <stdexcept>

namespace shortlist::cli {

namespace {

using testing::HasSubstr;

struct GreetOptions {
    std::string who;
    std::uint32_t times = 1;
    bool loud = false;
    bool color = true;
    std::vector<std::string> only;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("who", who, base::text(1, 20), "Whom to greet.");
        v.field("times", times, base::range(1, 5), "How often.");
        v.field("loud", loud, base::any<bool>(), "Shout.");
        v.field("color", color, base::any<bool>(), "In color.");
        v.field("only", only, base::text(1, 20), "Words to keep.");
    }
};

std::vector<Verb> verbs() {
    return {Verb("greet", "Greet somebody.")
                .arguments({"who"})
                .example("shortlist greet ann")
                .option<GreetOptions>()
                .run([](const GreetOptions& options, Io& io) -> Status {
                    if (options.who == "nobody") return base::not_found("there is nobody");
                    if (options.who == "bug") throw std::runtime_error("a bug");
                    std::string text;
                    for (std::uint32_t i = 0; i < options.times; ++i) text += options.who + (options.loud ? "!" : ".");
                    for (const auto& word : options.only) text += word + ",";
                    if (!options.color) text += "gray";
                    render(io, text, {{"text", text}});
                    return {};
                }),
            Verb("bundles list", "List.").option<NoOptions>().run([](const NoOptions&, Io&) -> Status { return {}; }),
            Verb("bundles show", "Show.").option<NoOptions>().run([](const project::Project&, const NoOptions&, Io&) -> Status { return {}; })};
}

struct Outcome {
    int code;
    std::string out;
    std::string err;
};

Outcome run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const auto all = verbs();
    const int code = run_command_line(all, std::move(arguments), Io{out, err});
    return {code, out.str(), err.str()};
}

}  // namespace

TEST(CommandLine, passes_flags_and_positional_arguments_to_the_verb) {
    EXPECT_EQ(run({"greet", "ann"}).out, "ann.");
    EXPECT_EQ(run({"greet", "--who", "ann", "--times", "2", "--loud"}).out, "ann!ann!");
    EXPECT_EQ(run({"greet", "--who=ann", "--only", "x", "--only", "y", "--no-color"}).out, "ann.x,y,gray");
    EXPECT_EQ(run({"greet", "ann"}).code, 0);
}

TEST(CommandLine, names_the_flag_the_value_and_what_is_allowed) {
    const auto outcome = run({"greet", "ann", "--times", "9"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "error: --times: must be a whole number, 1 to 5, got '9'\n");
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(run({"greet"}).err, "error: --who: is required: Whom to greet.\n");
}

TEST(CommandLine, names_the_nearest_verb_and_flag) {
    EXPECT_EQ(run({"gret", "ann"}).err, "error: there is no command 'gret'; did you mean 'shortlist greet'? 'shortlist --help' lists all\n");
    EXPECT_THAT(run({"greet", "ann", "--tines", "2"}).err, HasSubstr("'shortlist greet' has no option '--tines'; did you mean '--times'?"));
    EXPECT_THAT(run({"greet", "ann", "bob"}).err, HasSubstr("'bob' is one argument too many"));
    EXPECT_THAT(run({"bundles"}).err, HasSubstr("'bundles' needs a second word: shortlist bundles list, shortlist bundles show"));
    EXPECT_THAT(run({"bundles", "lst"}).err, HasSubstr("did you mean 'shortlist bundles list'?"));
    EXPECT_EQ(run({"greet", "--times"}).code, 2);
    EXPECT_EQ(run({"greet", "ann", "--times", "1", "--times", "2"}).code, 2) << "which of the two?";
}

TEST(CommandLine, gives_machines_one_document_whatever_happens) {
    const auto parse = [](const Outcome& outcome) {
        EXPECT_EQ(outcome.err, "");
        EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
        return boost::json::parse(outcome.out).as_object();
    };
    EXPECT_EQ(parse(run({"greet", "ann", "--json"})).at("text").as_string(), "ann.");
    EXPECT_EQ(parse(run({"--json", "greet", "ann"})).at("text").as_string(), "ann.");
    EXPECT_EQ(parse(run({"greet", "nobody", "--json"})).at("error").at("code").as_string(), "not_found");
    EXPECT_EQ(parse(run({"gret", "--json"})).at("error").at("code").as_string(), "invalid_argument");
    EXPECT_EQ(parse(run({"greet", "bug", "--json"})).at("error").at("code").as_string(), "internal");
    EXPECT_TRUE(parse(run({"--json"})).contains("next"));
    EXPECT_TRUE(parse(run({"greet", "--help", "--json"})).contains("help"));
}

TEST(CommandLine, turns_each_error_into_its_exit_code) {
    EXPECT_EQ(run({"greet", "nobody"}).code, 3);
    EXPECT_EQ(run({"greet", "bug"}).code, 11);
    EXPECT_EQ(run({"greet", "bug"}).err, "error: unexpected: a bug\n");
    EXPECT_EQ(run({"bundles", "show", "--project", "/no/such/folder"}).code, 3);
}

TEST(CommandLine, shows_three_commands_when_nothing_is_asked) {
    const auto outcome = run({});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2 + 1 + 3);
}

TEST(HelpPage, lists_every_verb_and_every_flag_with_what_is_allowed) {
    const std::string all = run({"--help"}).out;
    EXPECT_THAT(all, HasSubstr("  greet               Greet somebody.\n"));
    EXPECT_THAT(all, HasSubstr("  bundles show        Show.\n"));
    const std::string one = run({"greet", "--help"}).out;
    EXPECT_THAT(one, HasSubstr("usage: shortlist greet who [options]\n"));
    EXPECT_THAT(one, HasSubstr("  --times VALUE               How often. [1 to 5; default 1]\n"));
    EXPECT_THAT(one, HasSubstr("  --loud                      Shout.\n"));
    EXPECT_THAT(one, HasSubstr("  --only VALUE                Words to keep. May be repeated.\n"));
    EXPECT_THAT(one, HasSubstr("examples:\n  shortlist greet ann\n"));
}

}  // namespace shortlist::cli
