#include "engine/project/yaml_text.h"

#include <gtest/gtest.h>

#include "engine/project/yaml.h"

namespace shortlist::project {

namespace {

using base::ConfigNode;

bool same(const ConfigNode& a, const ConfigNode& b) {
    return a.kind == b.kind && a.key == b.key && a.text == b.text &&
           (a.kind != ConfigNode::Kind::Scalar || a.quoted == b.quoted || b.text == a.text) && std::ranges::equal(a.children, b.children, same);
}

}  // namespace

TEST(YamlText, a_file_read_and_written_reads_as_the_same_tree) {
    const std::string text =
        "name: 'shop: one'\n"
        "serve: {port: '${PORT}', listen: '0.0.0.0'}\n"
        "top: ${VALUE}\n"
        "data:\n"
        "  events: {path: [a.csv, 'b,c.csv', \"tab\\there\"], columns: {user: 'it''s', time: none}}\n"
        "signals:\n"
        "  liked: {type: 'yes', value: {at_least: 0.5}, weight: -3}\n"
        "retrievers:\n"
        "  - {name: trending, half_life: 7d}\n"
        "  - name: taste\n"
        "    kind: ials\n"
        "features: auto\n"
        "empty: []\n"
        "share: 1e-3\n"
        "words: a b # comment\n"
        "lines: |\n  one\n  two\n";
    const auto tree = parse_yaml(text, "a.yaml");
    ASSERT_TRUE(tree) << tree.error().message;
    const std::string written = yaml_text(*tree);
    const auto again = parse_yaml(written, "b.yaml");
    ASSERT_TRUE(again) << again.error().message << "\n" << written;
    EXPECT_TRUE(same(*tree, *again)) << written;
    EXPECT_EQ(yaml_text(*again), written);
}

TEST(YamlText, numbers_and_durations_stay_plain_and_texts_that_look_like_them_stay_texts) {
    const auto tree = parse_yaml("a: 7d\nb: '7d'\nc: 0.5\nd: '0.5'\ne: true\nf: 'true'\n", "a.yaml").value();
    EXPECT_EQ(yaml_text(tree), "a: 7d\nb: '7d'\nc: 0.5\nd: '0.5'\ne: true\nf: 'true'\n");
}

}  // namespace shortlist::project
