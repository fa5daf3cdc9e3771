#include "engine/project/config_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/features/feature_config.h"

namespace shortlist::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The least a project file can have, by what is known of the times.
std::string data_with(const std::string& time, const std::string& more = "") {
    return "data: {events: {path: e.csv, columns: {user: u, item: i, time: " + time + "}}" + more + "}\n";
}

const std::string kTimed = data_with("t");
const std::string kOrdered = data_with("{order: file}");
const std::string kUntimed = data_with("none");
const std::string kTestFile = ", test_events: t.csv";

Result<Project> parse(const std::string& yaml) { return parse_project(yaml, "/nowhere", "f.yaml", {}); }

std::string refusal(const std::string& yaml) {
    const auto project = parse(yaml);
    return project ? "accepted" : project.error().message;
}

ProjectConfig config_of(const std::string& yaml) {
    auto project = parse(yaml);
    EXPECT_TRUE(project) << project.error().message;
    return project ? project->config : ProjectConfig{};
}

std::vector<std::string> signals_of(const ProjectConfig& config) {
    std::vector<std::string> names;
    for (const auto& signal : config.signals) names.push_back(signal.first);
    return names;
}

TEST(KafkaSection, names_topics_once_and_options_that_the_client_knows) {
    const auto refused = [](const std::string& section) { return refusal(kTimed + "serve: {kafka: {brokers: 'b:9092', " + section + "}}\n"); };
    EXPECT_EQ(refused("events: [clicks, views], items: films, options: {security.protocol: ssl, fetch.wait.max.ms: '10'}"), "accepted");
    EXPECT_EQ(refused("users: people"), "accepted");
    EXPECT_THAT(refused("group: g"), HasSubstr("serve.kafka.events: must name a topic"));
    EXPECT_THAT(refused("events: [clicks, views], lists: views"), HasSubstr("serve.kafka.lists: 'views' is consumed, too"));
    EXPECT_THAT(refused("events: [clicks, views], items: views"), HasSubstr("serve.kafka.items[0]: 'views' is named twice"));
    EXPECT_THAT(refused("events: e, options: {securty.protocol: ssl}"),
                HasSubstr("serve.kafka.options: securty.protocol: No such configuration property"));
    EXPECT_THAT(refused("events: e, options: {security.protocol: tls}"), HasSubstr("serve.kafka.options: security.protocol: "));
    for (const std::string ours : {"bootstrap.servers", "group.id", "enable.auto.commit", "auto.offset.reset"})
        EXPECT_THAT(refused("events: e, options: {" + ours + ": 'true'}"), HasSubstr(ours + ": is not for the project file to set"));
}

TEST(KafkaSection, hides_the_values_of_options_and_shows_which_variable_holds_one) {
    const auto project =
        parse_project(kTimed +
                          "serve: {kafka: {brokers: b, events: e, options: {sasl.username: 'literal-name', sasl.password: '${SECRET}', "
                          "ssl.key.password: 'half-${SECRET}'}}}\n",
                      "/nowhere", "f.yaml", [](const std::string&) { return std::optional<std::string>("from-outside"); });
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(project->config.serve.kafka.options.at("sasl.password"), "from-outside");
    std::string printed;
    for (const auto& value : list_config(*project)) printed += value.key + "=" + value.value + "\n";
    EXPECT_THAT(printed, HasSubstr("serve.kafka.options.sasl.username=***\n"));
    EXPECT_THAT(printed, HasSubstr("serve.kafka.options.sasl.password=${SECRET}\n"));
    EXPECT_THAT(printed, HasSubstr("serve.kafka.options.ssl.key.password=***\n"));
    for (const auto* secret : {"literal-name", "half-", "from-outside"}) EXPECT_THAT(printed, testing::Not(HasSubstr(secret)));
}

TEST(ProjectNames, have_one_to_64_letters_digits_underscores_and_hyphens) {
    for (const std::string part : {"surfaces: {'NAME': {}}\n", "signals: {'NAME': {type: t}}\n", "retrievers: [{kind: ials, name: 'NAME'}]\n"}) {
        const auto refused = [&](const std::string& name) {
            std::string yaml = kTimed + part;
            return refusal(yaml.replace(yaml.find("NAME"), 4, name));
        };
        for (const auto& name : {std::string("azAZ09_-"), std::string("x"), std::string(64, 'x')})
            EXPECT_EQ(refused(name), "accepted") << part << name;
        for (const auto& name : {std::string("a b"), std::string("a/b"), std::string("\xc3\xa4")}) {
            EXPECT_THAT(refused(name), HasSubstr("'" + name + "' cannot be a name; allowed: 1 to 64 letters, digits, _ and -")) << part;
        }
        for (const auto& name : {std::string(65, 'x'), std::string()}) EXPECT_NE(refused(name), "accepted") << part << name;
    }
}

// One bit of 32 is for impressions.
TEST(Signals, are_at_most_31) {
    std::string signals = "signals: {";
    for (int i = 0; i < 31; ++i) signals += "s" + std::to_string(i) + ": {type: t}, ";
    EXPECT_EQ(refusal(kTimed + signals + "}\n"), "accepted");
    EXPECT_EQ(refusal(kTimed + signals + "one_more: {type: t}}\n"), "f.yaml:2:10: signals: has 32 signals; at most 31 are allowed");
}

TEST(Signals, follow_from_the_mapping_where_the_file_names_none) {
    EXPECT_THAT(signals_of(config_of(kTimed)), ElementsAre("interaction"));
    const auto wide =
        config_of("data: {events: {path: e.csv, columns: {user: u, item: i, time: t}, flags: {click: c, buy: b}, values: {watch: w}}}\n");
    EXPECT_THAT(signals_of(wide), ElementsAre("buy", "click", "watch"));
    EXPECT_EQ(wide.signals[0].second.type, "buy");
    EXPECT_EQ(wide.signals[0].second.weight, 1);
    EXPECT_THAT(signals_of(config_of("data: {events: {path: e.csv, columns: {user: u, item: i, time: t}, values: {watch: w}}}\n")),
                ElementsAre("watch"));
    EXPECT_THAT(signals_of(config_of(kTimed + "signals: {liked: {type: like}}\n")), ElementsAre("liked"));
    EXPECT_EQ(refusal("data: {events: {path: e.csv, columns: {user: u, item: i, time: t, type: kind}}}\n"),
              "f.yaml:1:1: signals: is required here: the type of each event is in column 'kind'; name the one to learn from, such as signals: "
              "{liked: {type: like}}");
}

TEST(Signals, may_be_bounded_by_one_value_from_both_sides) {
    EXPECT_EQ(refusal(kTimed + "signals: {w: {type: watch, value: {at_least: 1, at_most: 1}}}\n"), "accepted");
    EXPECT_EQ(refusal(kTimed + "signals: {w: {type: watch, value: {at_least: 1}}, v: {type: watch, value: {at_most: 1}}}\n"), "accepted");
    EXPECT_THAT(refusal(kTimed + "signals: {w: {type: watch, value: {at_least: 1.5, at_most: 1}}}\n"),
                HasSubstr("signals.w.value: at_least is above at_most: no event counts"));
}

TEST(Retrievers, learn_from_the_first_signal_unless_they_name_one) {
    const auto config = config_of(kTimed +
                                  "signals: {a: {type: x}, b: {type: y}}\n"
                                  "retrievers: [{kind: ials, name: one}, {kind: popularity, name: two, signal: b}]\n");
    EXPECT_EQ(std::get<training::IalsRetrieverConfig>(config.retrievers[0]).signal, "a");
    EXPECT_EQ(std::get<training::PopularityRetrieverConfig>(config.retrievers[1]).signal, "b");
}

TEST(Features, read_signals_and_retrievers_that_there_are) {
    const auto feature = [](const std::string& fields) { return refusal(kTimed + "features: [{" + fields + "}]\n"); };
    EXPECT_EQ(feature("kind: count, of: item, signal: interaction"), "accepted");
    EXPECT_EQ(feature("kind: count, of: item, signal: impression"), "accepted");
    EXPECT_EQ(feature("kind: rate, of: item, signal: interaction, per: interaction"), "accepted");
    EXPECT_THAT(feature("kind: rate, of: item, signal: interaction, per: shown"), HasSubstr("features[0].per: there is no signal 'shown'"));
    EXPECT_EQ(feature("kind: dot, retriever: similar"), "accepted");
    EXPECT_THAT(feature("kind: dot, retriever: simlar"), HasSubstr("features[0].retriever: there is no retriever 'simlar'; did you mean 'similar'?"));
    EXPECT_EQ(refusal(kTimed + "features: [{kind: clock, name: a}, {kind: clock, name: b}]\n"), "accepted");
    EXPECT_THAT(refusal(kTimed + "features: [{kind: clock, name: a}, {kind: age, name: a}]\n"),
                HasSubstr("features[1]: another feature is called 'a'; give one of them a name of its own"));
}

TEST(ConfigChecks, judge_nothing_by_what_did_not_read) {
    EXPECT_EQ(refusal(kTimed + "signals: [liked]\nretrievers: [{kind: ials, signal: liked}]\n"),
              "f.yaml:2:10: signals: must be a map of names, got a list");
    EXPECT_THAT(refusal(kTimed + "signals: {w: {type: watch, value: {at_least: x, at_most: 1}}}\n"), testing::Not(HasSubstr("no event counts")));
}

TEST(Split, is_by_what_is_known_of_the_times) {
    EXPECT_EQ(config_of(kTimed).split.by, eval::SplitBy::Time);
    EXPECT_EQ(config_of(kOrdered).split.by, eval::SplitBy::LeaveOneOut);
    EXPECT_EQ(config_of(kUntimed).split.by, eval::SplitBy::Random);
    EXPECT_EQ(config_of(data_with("none", kTestFile)).split.by, eval::SplitBy::Given);
    EXPECT_EQ(config_of(data_with("t", kTestFile)).split.by, eval::SplitBy::Time);
    EXPECT_EQ(config_of(kOrdered + "split: {by: random}\n").split.by, eval::SplitBy::Random) << "as the file says";
    EXPECT_EQ(config_of(kOrdered + "split: {seed: 1}\n").split.by, eval::SplitBy::LeaveOneOut);
}

TEST(Split, needs_what_it_goes_by) {
    const std::string no_times = "split.by: 'time' needs times, and data.events.columns.time names no column; allowed: leave_one_out, given, random";
    EXPECT_THAT(refusal(kOrdered + "split: {by: time}\n"), HasSubstr(no_times));
    EXPECT_THAT(refusal(kUntimed + "split: {by: time}\n"), HasSubstr(no_times));
    EXPECT_THAT(refusal(kUntimed + "split: {by: leave_one_out}\n"), HasSubstr("split.by: 'leave_one_out' needs an order; allowed: given, random"));
    EXPECT_THAT(refusal(kUntimed + "split: {by: given}\n"), HasSubstr("split.by: 'given' needs data.test_events to name the files of the test part"));
    EXPECT_EQ(refusal(kTimed + "split: {by: leave_one_out}\n"), "accepted");
    EXPECT_EQ(refusal(kOrdered + "split: {by: leave_one_out}\n"), "accepted");
    EXPECT_EQ(refusal(data_with("none", kTestFile) + "split: {by: given}\n"), "accepted");
    EXPECT_EQ(refusal(kUntimed + "split: {by: random}\n"), "accepted");
}

TEST(HalfLives, are_dropped_without_times_and_refused_where_the_file_names_them) {
    const auto half_life = [](const std::string& yaml) {
        return std::get<training::PopularityRetrieverConfig>(config_of(yaml).retrievers[0]).half_life.us;
    };
    EXPECT_GT(half_life(kTimed + "retrievers: [{kind: popularity}]\n"), 0);
    EXPECT_EQ(half_life(kOrdered + "retrievers: [{kind: popularity}]\n"), 0);
    EXPECT_EQ(half_life(kOrdered + "retrievers: [{kind: popularity, half_life: 0s}]\n"), 0);
    EXPECT_EQ(half_life(kTimed + "retrievers: [{kind: popularity, half_life: 1h}]\n"), kHourUs);
    const std::string why = "half_life: a half-life needs times, and data.events.columns.time names no column";
    EXPECT_THAT(refusal(kOrdered + "retrievers: [{kind: ials}, {kind: popularity, half_life: 1us}]\n"), HasSubstr("retrievers[1]." + why));
    EXPECT_THAT(refusal(kOrdered + "features: [{kind: count, of: item, signal: interaction, half_life: 1us}]\n"), HasSubstr("features[0]." + why));
    EXPECT_EQ(refusal(kTimed + "features: [{kind: count, of: item, signal: interaction, half_life: 1d}]\n"), "accepted");
}

TEST(Features, that_read_the_time_need_times) {
    for (const std::string feature : {"kind: recency, of: item, signal: interaction", "kind: age, attribute: a", "kind: clock"}) {
        const std::string list = "features: [{kind: count, of: item, signal: interaction}, {" + feature + "}]\n";
        const std::string kind = feature.substr(6, feature.find(',') - 6);
        EXPECT_THAT(refusal(kOrdered + list),
                    HasSubstr("features[1].kind: '" + kind + "' needs times, and data.events.columns.time names no column"));
        EXPECT_EQ(refusal(kTimed + list), "accepted");
    }
}

}  // namespace
}  // namespace shortlist::project
