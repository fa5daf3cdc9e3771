#include "engine/base/config_print.h"

#include <gtest/gtest.h>

#include "engine/base/config_sample_internal.h"

namespace shortlist::base::sample {

namespace {

ConfigValue entry(const std::vector<ConfigValue>& values, const std::string& key) {
    for (const auto& value : values) {
        if (value.key == key) return value;
    }
    return {key, "absent", "absent"};
}

}  // namespace

TEST(ConfigPrint, gives_each_value_its_origin) {
    const auto source = map({{"count", scalar("4", 2)},
                             {"title", scalar("${USER}", 3)},
                             {"shape", map({{"kind", scalar("square", 5)}, {"side", scalar("7", 6)}})},
                             {"when", scalar("noon", 8)}});
    Everything value;
    ConfigReading reading({"f.yaml", [](const std::string&) { return "ann"; }});
    read_config(reading, source, value);
    ASSERT_TRUE(reading.status());
    const auto values = list_values(write_config(value), source, "f.yaml");
    const auto expect = [&](const std::string& key, const std::string& text, const std::string& origin) {
        EXPECT_EQ(entry(values, key).value, text) << key;
        EXPECT_EQ(entry(values, key).origin, origin) << key;
    };
    expect("count", "4", "f.yaml:2");
    expect("title", "${USER}", "f.yaml:3 (environment)");
    expect("shape.kind", "square", "f.yaml:5");
    expect("shape.side", "7", "f.yaml:6");
    expect("when", "noon", "f.yaml:8");
    expect("share", "0.25", "default");
    expect("small", "0.1", "default");
    expect("window", "1h", "default");
    expect("color", "red", "default");
    expect("limit", "none", "default");
    expect("paths", "[]", "default");
    expect("labels", "{}", "default");
    expect("parts", "auto", "default");
}

TEST(ConfigPrint, masks_secrets_and_shows_that_there_is_none) {
    Everything value;
    EXPECT_EQ(entry(list_values(write_config(value), {}, "f"), "password").value, "");
    value.password = "hunter2";
    EXPECT_EQ(entry(list_values(write_config(value), {}, "f"), "password").value, "***");
}

// A short form says all of what the long form would; what a list or a map does not say keeps its default.
TEST(ConfigPrint, follows_lists_and_maps_to_the_line_of_each_part) {
    const auto source = map({{"title", scalar("t", 2)},
                             {"paths", scalar("one", 3)},
                             {"when", scalar("dawn", 4)},
                             {"circles", map({{"big", map({{"radius", scalar("9", 6)}})}, {"plain", map({})}})},
                             {"parts", list({map({{"radius", scalar("4", 8)}}), map({})})}});
    Everything value;
    value.paths = {"one"};
    value.when.hour = 5;
    value.circles = {{"big", {9}}, {"plain", {}}};
    value.parts.list_form() = {{4}, {}, {}};
    const auto values = list_values(write_config(value), source, "f.yaml");
    const auto origin = [&](const std::string& key) { return entry(values, key).origin; };
    EXPECT_EQ(origin("paths[0]"), "f.yaml:3");
    EXPECT_EQ(origin("when.hour"), "f.yaml:4");
    EXPECT_EQ(origin("circles.big.radius"), "f.yaml:6");
    EXPECT_EQ(origin("circles.plain.radius"), "default");
    EXPECT_EQ(origin("parts[0].radius"), "f.yaml:8");
    EXPECT_EQ(origin("parts[1].radius"), "default");
    EXPECT_EQ(origin("parts[2].radius"), "default");
    EXPECT_EQ(entry(values, "parts[0].radius").value, "4");
    EXPECT_EQ(entry(list_values(write_config(value), map({{"limit", ConfigNode{}}}), "f.yaml"), "limit").origin, "default") << "says nothing";
}

TEST(NearestNode, goes_as_far_as_the_tree_does) {
    const auto tree = map({{"a", map({{"b", list({scalar("zero", 2), map({{"c", scalar("deep", 3)}})})}})}, {"x", scalar("flat", 4)}});
    EXPECT_EQ(nearest_node(tree, "a.b[0]").text, "zero");
    EXPECT_EQ(nearest_node(tree, "a.b[1].c").text, "deep");
    EXPECT_EQ(nearest_node(tree, "a.b[1].d").kind, ConfigNode::Kind::Map);
    EXPECT_EQ(nearest_node(tree, "a.b[2]").key, "b");
    EXPECT_EQ(nearest_node(tree, "a.b[x]").key, "b");
    EXPECT_EQ(nearest_node(tree, "x.y.z").text, "flat");
    EXPECT_EQ(nearest_node(tree, "y").kind, ConfigNode::Kind::Map);
    EXPECT_EQ(&nearest_node(tree, ""), &tree);
    EXPECT_EQ(tree.find("y"), nullptr);
    EXPECT_EQ(nearest_node(tree, "x").find("x"), nullptr);
}

TEST(ConfigWriter, writes_what_the_reader_reads_back) {
    Everything value;
    value.share = 0.1 + 0.2;
    value.window.us = 90 * kSecondUs;
    value.color = Color::DarkBlue;
    value.paths = {"b", "a"};
    value.circles = {{"z", {2.5}}, {"a", {0.5}}};
    value.shape = Square{11};
    value.when.hour = 5;
    value.parts.list_form().push_back({3});
    Everything again;
    ConfigReading reading({"f.yaml", {}});
    auto tree = write_config(value);
    std::erase_if(tree.children, [](const ConfigNode& child) { return child.kind == ConfigNode::Kind::Null; });
    read_config(reading, tree, again);
    ASSERT_TRUE(reading.status()) << reading.status().error().message;
    EXPECT_EQ(again.share, value.share);
    EXPECT_EQ(again.window, value.window);
    EXPECT_EQ(again.color, value.color);
    EXPECT_EQ(again.paths, value.paths);
    EXPECT_EQ(again.circles[0].first, "z");
    EXPECT_EQ(again.circles[1].second.radius, 0.5);
    EXPECT_EQ(std::get<Square>(again.shape).side, 11U);
    EXPECT_EQ(again.when.hour, 5);
    EXPECT_EQ(again.parts.circles.at(0).radius, 3);
}

}  // namespace shortlist::base::sample
