#include "engine/base/config_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/config_sample_internal.h"

namespace shortlist::base::sample {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Outcome {
    Everything value;
    std::string problems;
};

Outcome read(const ConfigNode& tree, ConfigSource source = {"f.yaml", {}}) {
    Outcome outcome;
    ConfigReading reading(std::move(source));
    read_config(reading, tree, outcome.value);
    if (auto status = reading.status(); !status) outcome.problems = status.error().message;
    return outcome;
}

// The problems of a tree with a title and one more entry.
std::string problems_with(const std::string& key, ConfigNode value) { return read(map({{"title", scalar("t")}, {key, std::move(value)}})).problems; }

}  // namespace

TEST(ConfigReader, fills_every_type) {
    const auto [value, problems] = read(map({{"enabled", scalar("true")},
                                             {"count", scalar("5")},
                                             {"seed", scalar("18446744073709551615")},
                                             {"share", scalar("1e-1")},
                                             {"small", scalar("0.5")},
                                             {"title", scalar("on")},
                                             {"window", scalar("12h")},
                                             {"color", scalar("dark_blue")},
                                             {"limit", scalar("7")},
                                             {"paths", list({scalar("a"), quoted("b")})},
                                             {"circles", map({{"z", map({{"radius", scalar("2")}})}, {"a", map({})}})},
                                             {"labels", map({{"k", scalar("v")}})},
                                             {"shape", map({{"kind", scalar("square")}, {"side", scalar("9")}})},
                                             {"when", map({{"hour", scalar("3")}})},
                                             {"parts", list({map({{"radius", scalar("4")}})})}}));
    EXPECT_EQ(problems, "");
    EXPECT_TRUE(value.enabled);
    EXPECT_EQ(value.count, 5);
    EXPECT_EQ(value.seed, 18446744073709551615U);
    EXPECT_EQ(value.share, 0.1);
    EXPECT_EQ(value.small, 0.5F);
    EXPECT_EQ(value.title, "on");
    EXPECT_EQ(value.window.us, 12 * kHourUs);
    EXPECT_EQ(value.color, Color::DarkBlue);
    EXPECT_EQ(value.limit, 7.0);
    EXPECT_THAT(value.paths, ElementsAre("a", "b"));
    EXPECT_EQ(value.labels.at("k"), "v");
    EXPECT_EQ(std::get<Square>(value.shape).side, 9U);
    EXPECT_EQ(value.when.hour, 3);
    EXPECT_FALSE(value.parts.automatic);
    ASSERT_EQ(value.parts.circles.size(), 1U);
    EXPECT_EQ(value.parts.circles[0].radius, 4);
    ASSERT_EQ(value.circles.size(), 2U);
    EXPECT_EQ(value.circles[0].first, "z") << "names keep the order of the file";
    EXPECT_EQ(value.circles[1].second.radius, 1.5);
}

TEST(ConfigReader, keeps_the_defaults_of_what_is_not_named) {
    const auto [value, problems] = read(map({{"title", scalar("t")}}));
    EXPECT_EQ(problems, "");
    EXPECT_EQ(value.count, 3);
    EXPECT_FALSE(value.limit.has_value());
}

TEST(ConfigReader, takes_short_forms) {
    const auto [value, problems] = read(map({{"title", scalar("t")}, {"when", scalar("noon")}, {"paths", scalar("one")}, {"parts", scalar("auto")}}));
    EXPECT_EQ(problems, "");
    EXPECT_EQ(value.when.hour, 12);
    EXPECT_THAT(value.paths, ElementsAre("one"));
    EXPECT_TRUE(value.parts.automatic);
}

TEST(ConfigReader, collects_every_problem_in_the_order_of_the_file) {
    const auto problems = read(map({{"share", scalar("2", 4)}, {"count", scalar("many", 2)}, {"titel", scalar("x", 3)}})).problems;
    EXPECT_EQ(
        problems,
        "f.yaml:1:1: title: is required: Its title.\n"
        "f.yaml:2:5: count: must be a whole number, 1 to 5, got 'many'\n"
        "f.yaml:3:1: titel: is not a known key; did you mean 'title'? Allowed: enabled, count, seed, share, small, title, password, window, color, "
        "limit, paths, circles, labels, shape, when, parts, place\n"
        "f.yaml:4:5: share: must be a number, 0 to 1, got '2'");
}

TEST(ConfigReader, refuses_values_of_the_wrong_type_and_says_what_is_allowed) {
    EXPECT_THAT(problems_with("enabled", scalar("yes")), HasSubstr("enabled: must be true or false (spelled exactly so), got 'yes'"));
    EXPECT_THAT(problems_with("enabled", quoted("true")), HasSubstr("got the quoted text 'true'"));
    EXPECT_THAT(problems_with("count", quoted("3")), HasSubstr("count: must be a whole number, 1 to 5, got the quoted text '3'"));
    EXPECT_THAT(problems_with("count", scalar("2.5")), HasSubstr("got '2.5'"));
    EXPECT_THAT(problems_with("count", scalar("6")), HasSubstr("1 to 5, got '6'"));
    EXPECT_THAT(problems_with("seed", scalar("-1")), HasSubstr("0 to 18446744073709551615, got '-1'"));
    EXPECT_THAT(problems_with("seed", scalar("18446744073709551616")), HasSubstr("got '18446744073709551616'"));
    EXPECT_THAT(problems_with("share", scalar("nan")), HasSubstr("must be a number, 0 to 1, got 'nan'"));
    EXPECT_THAT(problems_with("share", list({})), HasSubstr("got a list"));
    EXPECT_THAT(problems_with("window", ConfigNode{}), HasSubstr("window: must be a duration such as 12h, 0s to 1d, got no value"));
    EXPECT_THAT(problems_with("window", scalar("12")), HasSubstr("got '12'; allowed: 0s to 1d"));
    EXPECT_THAT(problems_with("window", scalar("2d")), HasSubstr("window: must be 0s to 1d, got '2d'"));
    EXPECT_THAT(problems_with("color", scalar("darkblue")),
                HasSubstr("'darkblue' is not one of the choices; did you mean 'dark_blue'? Allowed: red, dark_blue"));
    EXPECT_THAT(problems_with("paths", list({scalar("a"), map({})})), HasSubstr("paths[1]: must be text, got a map"));
    EXPECT_THAT(problems_with("circles", scalar("x")), HasSubstr("circles: must be a map of names, got 'x'"));
    EXPECT_THAT(problems_with("circles", map({{"a", map({{"radios", scalar("1")}})}})),
                HasSubstr("circles.a.radios: is not a known key; did you mean 'radius'?"));
    EXPECT_THAT(problems_with("when", scalar("dusk")), HasSubstr("when: must be noon, got 'dusk'"));
    EXPECT_THAT(problems_with("parts", map({})), HasSubstr("parts: must be a list or a single value, got a map"));
}

TEST(ConfigReader, takes_the_bounds_themselves) {
    const auto accepted = [](const std::string& key, const std::string& text) { return problems_with(key, scalar(text)).empty(); };
    for (const auto* count : {"1", "5"}) EXPECT_TRUE(accepted("count", count)) << count;
    for (const auto* count : {"0", "6", "-1", "", "5x", "+5"}) EXPECT_FALSE(accepted("count", count)) << count;
    for (const auto* share : {"0", "1", "1.0", "0.5e0"}) EXPECT_TRUE(accepted("share", share)) << share;
    for (const auto* share : {"-0.001", "1.001", "", "0.5x", "inf"}) EXPECT_FALSE(accepted("share", share)) << share;
    for (const auto* window : {"0s", "1d", "24h"}) EXPECT_TRUE(accepted("window", window)) << window;
    for (const auto* window : {"86400000001us", "-1s"}) EXPECT_FALSE(accepted("window", window)) << window;
    for (const auto* seed : {"0", "18446744073709551615"}) EXPECT_TRUE(accepted("seed", seed)) << seed;
    EXPECT_EQ(problems_with("paths", list({scalar("x"), scalar(std::string(20, 'x'))})), "");
    EXPECT_THAT(problems_with("paths", list({scalar("")})), HasSubstr("paths[0]: must be text of 1 to 20 bytes, got 0: ''"));
    EXPECT_THAT(problems_with("paths", list({scalar(std::string(21, 'x'))})), HasSubstr("got 21: 'xxxxxxxxxxxxxxxxxxxxx'"));
    EXPECT_THAT(problems_with("share", quoted("1")), HasSubstr("must be a number, 0 to 1, got the quoted text '1'"));
    EXPECT_THAT(problems_with("limit", map({})), HasSubstr("must be a number, 0 to 9, got a map"));
}

TEST(ConfigReader, knows_what_other_programs_take_for_true_and_false) {
    for (const auto* word : {"yes", "No", "ON", "off", "True", "FALSE", "y", "n"}) {
        EXPECT_THAT(problems_with("enabled", scalar(word)), HasSubstr("true or false (spelled exactly so), got '" + std::string(word) + "'"));
        EXPECT_THAT(problems_with("enabled", quoted(word)), HasSubstr("must be true or false, got the quoted text"));
    }
    EXPECT_THAT(problems_with("enabled", scalar("1")), HasSubstr("must be true or false, got '1'"));
    EXPECT_THAT(problems_with("enabled", list({})), HasSubstr("must be true or false, got a list"));
    EXPECT_FALSE(read(map({{"title", scalar("t")}, {"enabled", scalar("false")}})).value.enabled);
}

TEST(ConfigReader, counts_text_in_bytes_and_refuses_what_is_not_utf8) {
    EXPECT_THAT(problems_with("labels", map({{"k", scalar(std::string(21, 'x'))}})), HasSubstr("labels.k: must be text of 1 to 20 bytes, got 21"));
    EXPECT_THAT(problems_with("labels", map({{"k", scalar("\xff")}})), HasSubstr("must be valid UTF-8, got '\\xff'"));
}

TEST(ConfigReader, chooses_a_struct_by_its_kind) {
    EXPECT_THAT(problems_with("shape", map({})), HasSubstr("shape.kind: is required: one of circle, square"));
    EXPECT_THAT(problems_with("shape", map({{"kind", scalar("squere")}})),
                HasSubstr("shape.kind: 'squere' is not one of the choices; did you mean 'square'? Allowed: circle, square"));
    EXPECT_THAT(problems_with("shape", map({{"kind", scalar("circle")}, {"side", scalar("1")}})), HasSubstr("shape.side: is not a known key"));
    EXPECT_THAT(problems_with("shape", map({{"kind", scalar("square")}})), HasSubstr("shape.side: is required"));
}

TEST(ConfigReader, replaces_environment_variables_in_text) {
    const ConfigSource source{"f.yaml", [](const std::string& name) { return name == "USER" ? std::optional<std::string>("ann") : std::nullopt; }};
    EXPECT_EQ(read(map({{"title", scalar("a-${USER}-b")}}), source).value.title, "a-ann-b");
    EXPECT_EQ(read(map({{"title", scalar("t")}, {"place", scalar("${USER}")}}), source).value.place, "${USER}")
        << "the place of a secret is left to its reader";
    EXPECT_EQ(read(map({{"title", scalar("$5 {x}")}}), source).value.title, "$5 {x}");
    EXPECT_EQ(read(map({{"title", scalar("${USER}${USER}}")}}), source).value.title, "annann}");
    EXPECT_EQ(read(map({{"title", scalar("}${USER}.")}}), source).value.title, "}ann.");
    EXPECT_EQ(read(map({{"title", scalar("t")}, {"when", scalar("${USER}")}}), source).problems, "f.yaml:1:5: when: must be noon, got 'ann'");
    EXPECT_THAT(read(map({{"title", scalar("t")}, {"color", scalar("${USER}")}}), source).problems, HasSubstr("'ann' is not one of the choices"));
    EXPECT_THAT(read(map({{"title", scalar("${}")}}), source).problems, HasSubstr("the environment has no variable ''"));
    EXPECT_EQ(read(map({{"title", scalar("${HOME}")}}), source).problems, "f.yaml:1:5: title: the environment has no variable 'HOME'");
    EXPECT_THAT(read(map({{"title", scalar("${HOME")}}), source).problems, HasSubstr("has '${' without '}'"));
}

TEST(ConfigReader, leaves_references_alone_without_an_environment) { EXPECT_EQ(read(map({{"title", scalar("${HOME}")}})).value.title, "${HOME}"); }

TEST(ConfigReader, takes_an_empty_tree_for_an_empty_map) { EXPECT_EQ(read(ConfigNode{}).problems, "f.yaml: title: is required: Its title."); }

TEST(ConfigReader, spells_flags_with_hyphens) {
    ConfigReading reading({});
    reading.problem(map({}), "search_beam.width_max", "is wrong");
    EXPECT_EQ(reading.status().error().message, "--search-beam-width-max: is wrong");
    ConfigReading whole({});
    whole.problem(map({}), "", "all is wrong");
    EXPECT_EQ(whole.status().error().message, "all is wrong");
}

TEST(ConfigReader, names_flags_where_there_is_no_file) {
    EXPECT_EQ(read(map({{"title", scalar("t")}, {"shape", map({{"kind", scalar("square")}, {"side", scalar("0")}})}}), {}).problems,
              "--shape-side: must be a whole number, 1 to 100, got '0'");
}

TEST(ConfigReader, places_a_problem_across_fields_at_the_nearest_node) {
    const auto tree = map({{"paths", list({scalar("a", 7), scalar("b", 8)})}});
    ConfigReading reading({"f.yaml", {}});
    reading.problem(tree, "paths[1]", "is not good");
    reading.problem(tree, "paths[0].deeper", "is too deep");
    EXPECT_TRUE(reading.has_problem("paths"));
    EXPECT_TRUE(reading.has_problem("paths[1].below"));
    EXPECT_TRUE(reading.has_problem("paths[0].deeper.still"));
    EXPECT_FALSE(reading.has_problem("paths[0].deep"));
    EXPECT_FALSE(reading.has_problem("paths[0].deeper_still"));
    EXPECT_TRUE(reading.has_problem(""));
    EXPECT_FALSE(ConfigReading({"f.yaml", {}}).has_problem("paths"));
    EXPECT_FALSE(reading.has_problem("path"));
    EXPECT_FALSE(reading.has_problem("paths[2]"));
    EXPECT_EQ(reading.status().error().message, "f.yaml:7:5: paths[0].deeper: is too deep\nf.yaml:8:5: paths[1]: is not good");
}

}  // namespace shortlist::base::sample
