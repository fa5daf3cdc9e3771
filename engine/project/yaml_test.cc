#include "engine/project/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {

namespace {

using Kind = base::ConfigNode::Kind;

base::ConfigNode parse(const std::string& text) { return parse_yaml(text, "f.yaml").value(); }

std::string refusal(const std::string& text) {
    auto tree = parse_yaml(text, "f.yaml");
    return tree ? "accepted" : tree.error().message;
}

}  // namespace

TEST(Yaml, keeps_keys_in_order_with_their_places) {
    const auto root = parse("name: shorts\ndata:\n  events: {path: 'a b', k: 3}\nlist:\n  - x\n  - 2\n");
    ASSERT_EQ(root.kind, Kind::Map);
    ASSERT_EQ(root.children.size(), 3U);
    EXPECT_EQ(root.children[0].key, "name");
    EXPECT_EQ(root.children[0].text, "shorts");
    EXPECT_FALSE(root.children[0].quoted);
    EXPECT_EQ(root.children[0].at, (base::ConfigPosition{1, 7}));
    const auto* events = root.find("data")->find("events");
    ASSERT_NE(events, nullptr);
    EXPECT_EQ(events->key_at, (base::ConfigPosition{3, 3}));
    EXPECT_EQ(events->find("path")->text, "a b");
    EXPECT_TRUE(events->find("path")->quoted);
    EXPECT_EQ(events->find("k")->key_at, (base::ConfigPosition{3, 25}));
    EXPECT_EQ(root.find("list")->kind, Kind::Sequence);
    EXPECT_EQ(root.find("list")->children[1].at, (base::ConfigPosition{6, 5}));
}

TEST(Yaml, takes_an_empty_text_and_a_value_that_is_missing_for_null) {
    EXPECT_EQ(parse("").kind, Kind::Null);
    EXPECT_EQ(parse("# only a comment\n").kind, Kind::Null);
    EXPECT_EQ(parse("a:\n").children.at(0).kind, Kind::Null);
}

TEST(Yaml, leaves_what_a_scalar_means_to_the_reader) {
    const auto root = parse("a: yes\nb: 0\nc: 0.5\nd: 1e3\ne: -0.25\nf: 2022-04-01\ng: '010'\n");
    EXPECT_EQ(root.find("a")->text, "yes");
    EXPECT_EQ(root.find("b")->text, "0");
    EXPECT_EQ(root.find("c")->text, "0.5");
    EXPECT_EQ(root.find("e")->text, "-0.25");
    EXPECT_EQ(root.find("f")->text, "2022-04-01");
    EXPECT_EQ(root.find("g")->text, "010");
}

TEST(Yaml, refuses_the_same_key_twice) {
    EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the file has the key 'a' twice; the first is in line 1");
}

TEST(Yaml, refuses_anchors_aliases_merge_keys_and_tags) {
    EXPECT_EQ(refusal("a: &x 1\n"), "f.yaml:1:4: the file has an anchor (&name); write the value out instead");
    EXPECT_EQ(refusal("a: 1\n<<: {b: 1}\n"), "f.yaml:2:1: the file has a merge key (<<); write the keys out instead");
    EXPECT_THAT(refusal("a: !!int '3'\n"), testing::HasSubstr("f.yaml:1:4: the file has a tag ("));
    EXPECT_THAT(refusal("a: !!map {}\n"), testing::HasSubstr("the file has a tag ("));
    EXPECT_EQ(refusal("a: !mine [1]\n"), "f.yaml:1:4: the file has a tag (!mine); leave it out");
    EXPECT_EQ(refusal("'<<': 1\n"), "accepted") << "text";
    EXPECT_THAT(refusal("a: *x\n"), testing::HasSubstr("f.yaml:1:4"));
}

TEST(Yaml, never_expands_aliases) {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before + "]\n";
    }
    EXPECT_THAT(refusal(bomb), testing::HasSubstr("f.yaml:1:5: the file has an anchor"));
}

TEST(Yaml, refuses_numbers_that_mean_two_things) {
    EXPECT_EQ(refusal("a: 010\n"), "f.yaml:1:4: the file has '010', a number that begins with a zero; leave the zero out, or put text in quotes");
    EXPECT_THAT(refusal("a: -00.5\n"), testing::HasSubstr("begins with a zero"));
    EXPECT_EQ(refusal("a: .nan\n"), "f.yaml:1:4: the file has '.nan'; numbers must be finite");
    for (const std::string number : {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "-.inf", "+.inf"}) {
        EXPECT_EQ(refusal("[" + number + "]"), "f.yaml:1:2: the file has '" + number + "'; numbers must be finite");
        EXPECT_EQ(refusal("['" + number + "']"), "accepted") << "text";
    }
    for (const std::string number : {"00", "01", "09", "+01", "-01", "01.5", "00.09"}) {
        EXPECT_THAT(refusal("[" + number + "]"), testing::HasSubstr("'" + number + "', a number that begins with a zero"));
        EXPECT_EQ(refusal("['" + number + "']"), "accepted") << "text";
        EXPECT_EQ(refusal(number + ": 1"), "accepted") << "a key is text";
    }
    for (const std::string text : {"0", "-0", "0.5", "-0.5", "10", "1.01", "-10", "0x1", "01x", "01.5x", "01-02", ".5", "-", "+", ".", "''"}) {
        EXPECT_EQ(refusal("[" + text + "]"), "accepted") << text;
    }
}

TEST(Yaml, refuses_tabs_nul_bytes_and_what_is_not_utf8) {
    EXPECT_EQ(refusal("a:\n\tb: 1\n"), "f.yaml:2:1: the file has a tab; use spaces (in double quotes, write \\t)");
    EXPECT_EQ(refusal(std::string("a: 1\nb: \0x\n", 11)), "f.yaml:2:4: the file has a NUL byte; it must be text");
    EXPECT_EQ(refusal("a: 1\nb: 2\nc: \xff\nd: 3\n"), "f.yaml:3:1: the line is not valid UTF-8; save the file as UTF-8");
    EXPECT_EQ(refusal("a: \xff"), "f.yaml:1:1: the line is not valid UTF-8; save the file as UTF-8");
    EXPECT_EQ(refusal("\xc3\xa4: 1\n\n\xff"), "f.yaml:3:1: the line is not valid UTF-8; save the file as UTF-8");
    EXPECT_EQ(refusal("a:\t1"), "f.yaml:1:3: the file has a tab; use spaces (in double quotes, write \\t)");
    EXPECT_EQ(refusal(std::string("\0", 1)), "f.yaml:1:1: the file has a NUL byte; it must be text");
}

TEST(Yaml, refuses_more_than_one_document) {
    EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "f.yaml: the file has more than one document (---); keep one");
    EXPECT_EQ(parse("---\na: 1\n...\n").children.size(), 1U);
}

TEST(Yaml, refuses_keys_that_are_no_text) {
    EXPECT_EQ(refusal("? [a, b]\n: 1\n"), "f.yaml:1:3: the file has a key that is a list or a map; keys are text");
    EXPECT_EQ(refusal("a: 1\n~: 1\n"), "f.yaml:2:1: the file has a key that is empty or null; keys are text");
    EXPECT_EQ(parse("a: [~, [b], {c: ~}]").children.at(0).children.size(), 3U) << "which may be values";
}

TEST(Yaml, refuses_what_is_too_deep_or_too_long) {
    EXPECT_EQ(refusal(std::string(32, '[') + std::string(32, ']')), "accepted");
    EXPECT_EQ(refusal(std::string(33, '[') + std::string(33, ']')), "f.yaml:1:33: the file has more than 32 levels");
    EXPECT_NE(refusal(std::string(100'000, '[')), "accepted");
    EXPECT_NE(refusal(std::string(100'000, '{')), "accepted");
    std::string dashes;
    for (int i = 0; i < 10'000; ++i) dashes += "- ";
    EXPECT_EQ(refusal(dashes), "f.yaml:1:65: the file has more than 32 levels");
    EXPECT_EQ(refusal("a: " + std::string(kYamlBytesMax, 'x')), "f.yaml: has 1.0 MiB; at most 1.0 MiB are allowed");
    EXPECT_EQ(refusal(std::string(kYamlBytesMax, 'x')), "accepted");
}

TEST(Yaml, says_where_the_text_is_no_yaml) {
    EXPECT_THAT(refusal("a: [1, 2\nb: 3\n"), testing::StartsWith("f.yaml:"));
    EXPECT_THAT(refusal("a: 'x\n\n"), testing::HasSubstr("this is not valid YAML: "));
    EXPECT_THAT(refusal("a: \"x\nb: 3\n"), testing::HasSubstr("this is not valid YAML: "));
    EXPECT_THAT(refusal("a: {b: 1\n"), testing::HasSubstr("this is not valid YAML: "));
    EXPECT_THAT(refusal("a: b: c\n"), testing::HasSubstr("f.yaml:1:"));
}

TEST(Yaml, reads_maps_and_lists_within_each_other) {
    const auto root = parse("- {a: [1, [2, 3]], b: {c: d}}\n- last\n");
    ASSERT_EQ(root.kind, Kind::Sequence);
    ASSERT_EQ(root.children.size(), 2U);
    EXPECT_EQ(root.children[0].at, (base::ConfigPosition{1, 3}));
    EXPECT_EQ(root.children[0].key, "");
    const auto* a = root.children[0].find("a");
    ASSERT_EQ(a->children.size(), 2U);
    EXPECT_EQ(a->at, (base::ConfigPosition{1, 7}));
    EXPECT_EQ(a->children[1].children.at(1).text, "3");
    EXPECT_EQ(root.children[0].find("b")->find("c")->text, "d");
    EXPECT_EQ(root.children[1].text, "last");
    EXPECT_EQ(parse("~").at, (base::ConfigPosition{1, 1}));
}

TEST(Yaml, reads_a_file_up_to_the_limit) {
    const TestFolder folder;
    const auto read = [&](const std::string& name) { return parse_yaml(read_yaml_text(folder.path() / name).value(), name); };
    folder.write("good.yaml", "a: 1\n \r\n");
    EXPECT_EQ(read("good.yaml")->find("a")->text, "1");
    folder.write("bad.yaml", "a: [");
    EXPECT_THAT(read("bad.yaml").error().message, testing::StartsWith("bad.yaml:1:"));
    folder.write("long.yaml", std::string(kYamlBytesMax, 'x') + "y");
    EXPECT_EQ(read("long.yaml").error().message, "long.yaml: has 1.0 MiB; at most 1.0 MiB are allowed");
    folder.write("longest.yaml", std::string(kYamlBytesMax, 'x'));
    EXPECT_EQ(read("longest.yaml")->text.size(), kYamlBytesMax);
}

TEST(Yaml, names_a_file_that_is_not_there) { EXPECT_EQ(read_yaml_text("no/such.yaml").error().message, "there is no file 'no/such.yaml'"); }

}  // namespace shortlist::project
