#include "engine/base/config_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/config_sample_internal.h"

namespace shortlist::base::sample {

using testing::HasSubstr;

namespace {

struct Options {
    std::size_t search_beam_width = 8;
    bool verbose = false;
    bool color = true;
    std::vector<std::string> only;
    Circle circle;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("search_beam_width", search_beam_width, range(1, 1000000), "Width of the beam.");
        v.field("verbose", verbose, any<bool>(), "Say more.");
        v.field("color", color, any<bool>(), "Use colors.");
        v.field("only", only, text(1, 20), "Names to keep.");
        v.field("circle", circle, "A circle.");
    }
};

struct Small {
    std::uint32_t count = 3;
    std::vector<std::string> paths;
    std::variant<Circle, Square> shape;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("count", count, range(1, 5), "How \"many\".");
        v.required_field("paths", paths, text(1, 20), "Files.");
        v.field("shape", shape, "Shape.");
    }
};

ConfigFlag flag(const std::string& name) {
    for (auto& flag : list_flags(shape_of<Options>())) {
        if (flag.name == name) return flag;
    }
    return {};
}

}  // namespace

TEST(ConfigFlags, are_named_after_the_fields_with_range_and_default_in_the_help) {
    EXPECT_EQ(flag("--search-beam-width").help, "Width of the beam. [1 to 1000000; default 8]");
    EXPECT_EQ(flag("--circle-radius").help, "Its radius. [0 to 10; default 1.5]");
    EXPECT_TRUE(flag("--verbose").is_switch);
    EXPECT_TRUE(flag("--no-color").is_switch) << "a switch that is on by default is turned off";
    EXPECT_TRUE(flag("--only").repeated);
}

TEST(ConfigFlags, are_there_for_each_scalar_and_each_list) {
    std::vector<std::string> lines;
    for (const auto& flag : list_flags(shape_of<Everything>())) lines.push_back(flag.name + ": " + flag.help + (flag.required ? " (required)" : ""));
    EXPECT_THAT(lines, testing::ElementsAre("--enabled: Whether it is on.", "--count: How many. [1 to 5; default 3]",
                                            "--seed: Seed. [at least 0; default 42]", "--share: Which share. [0 to 1; default 0.25]",
                                            "--small: A float. [0 to 1; default 0.1]", "--title: Its title. (required)", "--password: A secret.",
                                            "--window: How long. [0s to 1d; default 1h]", "--color: Its color. [red, dark_blue; default red]",
                                            "--limit: A limit, if any. [0 to 9]", "--paths: Files.", "--when: When.",
                                            "--parts: Parts. [default auto]", "--place: Where the secret is."));
    EXPECT_THAT(flag("--circle-radius").path, testing::ElementsAre("circle", "radius"));
    EXPECT_FALSE(flag("--search-beam-width").is_switch);
    EXPECT_FALSE(flag("--search-beam-width").repeated);
}

TEST(ConfigFlags, given_twice_leave_the_last_value) {
    const auto tree = tree_of_flags({{flag("--search-beam-width"), {"16", "17"}}, {flag("--circle-radius"), {"3"}}, {flag("--only"), {}}});
    ASSERT_EQ(tree.children.size(), 3U);
    EXPECT_EQ(tree.find("search_beam_width")->text, "17");
    EXPECT_EQ(tree.find("circle")->find("radius")->text, "3");
    EXPECT_EQ(tree.find("only")->kind, ConfigNode::Kind::Sequence);
    EXPECT_EQ(tree.find("only")->children.size(), 0U);
}

TEST(ConfigFlags, of_one_part_meet_in_one_map) {
    ConfigFlag a{.name = "--a-b", .path = {"a", "b"}, .help = ""};
    ConfigFlag b{.name = "--a-c", .path = {"a", "c"}, .help = ""};
    const auto tree = tree_of_flags({{a, {"1"}}, {b, {"2"}}});
    ASSERT_EQ(tree.children.size(), 1U);
    EXPECT_EQ(tree.children[0].children.size(), 2U);
}

TEST(ConfigFlags, make_a_tree_that_the_reader_takes) {
    const auto tree = tree_of_flags(
        {{flag("--search-beam-width"), {"16"}}, {flag("--no-color"), {"false"}}, {flag("--only"), {"a", "b"}}, {flag("--circle-radius"), {"3"}}});
    Options options;
    ConfigReading reading({});
    read_config(reading, tree, options);
    ASSERT_TRUE(reading.status()) << reading.status().error().message;
    EXPECT_EQ(options.search_beam_width, 16U);
    EXPECT_FALSE(options.color);
    EXPECT_THAT(options.only, testing::ElementsAre("a", "b"));
    EXPECT_EQ(options.circle.radius, 3);
}

TEST(ConfigSchema, describes_each_type_and_refuses_other_keys) {
    EXPECT_EQ(json_schema(shape_of<Small>(), "Small"), R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Small",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "count": {
      "description": "How \"many\".",
      "type": "integer",
      "minimum": 1,
      "maximum": 5,
      "default": 3
    },
    "paths": {
      "description": "Files.",
      "anyOf": [
        {
          "type": "string",
          "minLength": 1
        },
        {
          "type": "array",
          "items": {
            "type": "string",
            "minLength": 1
          }
        }
      ]
    },
    "shape": {
      "description": "Shape.",
      "oneOf": [
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "kind": {
              "const": "circle"
            },
            "radius": {
              "description": "Its radius.",
              "type": "number",
              "minimum": 0,
              "maximum": 10,
              "default": 1.5
            }
          },
          "required": [
            "kind"
          ]
        },
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "kind": {
              "const": "square"
            },
            "side": {
              "description": "Its side.",
              "type": "integer",
              "minimum": 1,
              "maximum": 100
            }
          },
          "required": [
            "kind",
            "side"
          ]
        }
      ]
    }
  },
  "required": [
    "paths"
  ]
}
)");
}

struct Rest {
    bool on = true;
    std::string name = "a\"b\\";
    Duration window{kHourUs};
    Color color = Color::DarkBlue;
    std::optional<double> limit;
    std::uint64_t seed = 42;
    double any_number = 0.5;
    std::vector<Circle> circles;
    std::map<std::string, std::string> labels;
    When when;
    Parts parts;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("on", on, any<bool>(), "A\n\x1f.");
        v.field("name", name, text(), "");
        v.field("window", window, range(0, kDayUs), "");
        v.field("color", color, one_of<Color>({{"red", Color::Red}, {"dark_blue", Color::DarkBlue}}), "");
        v.field("limit", limit, range(-1e18, 1e18), "");
        v.field("seed", seed, any<std::uint64_t>(), "");
        v.field("any_number", any_number, any<double>(), "");
        v.field("circles", circles, "");
        v.field("labels", labels, text(1, 20), "");
        v.field("when", when, "");
        v.field("parts", parts, "");
    }
};

// The schema of one field of Rest, without the line breaks and indentation that Small's shows.
std::string schema_of(const std::string& field) {
    std::string flat;
    for (const char c : json_schema(shape_of<Rest>(), "Rest")) {
        if (c != '\n' && (c != ' ' || (!flat.empty() && flat.back() == ':'))) flat += c;
    }
    const auto begin = flat.find("\"" + field + "\": {") + field.size() + 4;
    std::size_t depth = 0;
    for (std::size_t end = begin; end < flat.size(); ++end) {
        depth += flat[end] == '{' ? 1 : 0;
        depth -= flat[end] == '}' ? 1 : 0;
        if (depth == 0) return flat.substr(begin, end + 1 - begin);
    }
    return "";
}

TEST(ConfigSchema, writes_every_kind_of_field) {
    const std::string circle =
        R"({"type": "object","additionalProperties": false,"properties": {"radius": {"description": "Itsradius.","type": "number",)"
        R"("minimum": 0,"maximum": 10,"default": 1.5}},"required": []})";
    EXPECT_EQ(schema_of("on"), R"({"description": "A\u000a\u001f.","type": "boolean","default": true})");
    EXPECT_EQ(schema_of("name"), R"({"description": "","type": "string","default": "a\"b\\"})");
    EXPECT_EQ(schema_of("window"), R"({"description": "","type": "string","pattern": "^[0-9]+(us|ms|s|m|h|d)$","default": "1h"})");
    EXPECT_EQ(schema_of("color"), R"({"description": "","enum": ["red","dark_blue"],"default": "dark_blue"})");
    EXPECT_EQ(schema_of("limit"), R"({"description": "","type": "number"})") << "no value, and no bound worth naming";
    EXPECT_EQ(schema_of("seed"), R"({"description": "","type": "integer","minimum": 0,"default": 42})");
    EXPECT_EQ(schema_of("any_number"), R"({"description": "","type": "number","default": 0.5})");
    EXPECT_EQ(schema_of("circles"), R"({"description": "","type": "array","items": )" + circle + "}");
    EXPECT_EQ(schema_of("labels"), R"({"description": "","type": "object","additionalProperties": {"type": "string","minLength": 1}})");
    EXPECT_EQ(schema_of("when"),
              R"({"description": "","anyOf": [{"type": "string"},{"type": "object","additionalProperties": false,"properties": {"hour": )"
              R"({"description": "Houroftheday.","type": "integer","minimum": 0,"maximum": 23,"default": 0}},"required": []}]})");
    EXPECT_EQ(schema_of("parts"),
              R"({"description": "","anyOf": [{"type": "string"},{"type": "array","items": )" + circle + R"(}],"default": "auto"})");
}

TEST(ConfigReference, writes_a_page_of_tables) {
    EXPECT_EQ(reference_page(shape_of<Small>(), "Small", "Little."), R"(# Small

Little.

## `count`

How "many".

| key | type | default | allowed | what it does |
| --- | --- | --- | --- | --- |
| `count` | whole number | `3` | 1 to 5 | How "many". |

## `paths`

Files.

| key | type | default | allowed | what it does |
| --- | --- | --- | --- | --- |
| `paths` | list of text | required | 1 to 20 bytes | Files. |

## `shape`

Shape.

| key | type | default | allowed | what it does |
| --- | --- | --- | --- | --- |
| `shape` | map by kind |  | kind: circle, square | Shape. |

### `shape`, `kind: circle`

| key | type | default | allowed | what it does |
| --- | --- | --- | --- | --- |
| `shape.radius` | number | `1.5` | 0 to 10 | Its radius. |

### `shape`, `kind: square`

| key | type | default | allowed | what it does |
| --- | --- | --- | --- | --- |
| `shape.side` | whole number | required | 1 to 100 | Its side. |
)");
}

struct Pipes {
    std::string either = "a|b";
    std::string nothing;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("either", either, text(), "One | other.");
        v.field("nothing", nothing, text(1, 9), "None.");
    }
};

TEST(ConfigReference, keeps_bars_within_their_cell) {
    const std::string page = reference_page(shape_of<Pipes>(), "", "");
    EXPECT_THAT(page, HasSubstr("| `either` | text | `a\\|b` | 0 to 4096 bytes | One \\| other. |"));
    EXPECT_THAT(page, HasSubstr("| `nothing` | text | empty | 1 to 9 bytes | None. |"));
}

TEST(ConfigReference, has_a_row_for_each_key_and_a_table_for_each_kind) {
    const std::string page = reference_page(shape_of<Everything>(), "Project file", "What it holds.");
    EXPECT_THAT(page, HasSubstr("# Project file\n\nWhat it holds.\n\n## `enabled`"));
    EXPECT_THAT(page, HasSubstr("| `count` | whole number | `3` | 1 to 5 | How many. |"));
    EXPECT_THAT(page, HasSubstr("| `title` | text | required | 1 to 10 bytes | Its title. |"));
    EXPECT_THAT(page, HasSubstr("| `limit` | number | none | 0 to 9 | A limit, if any. |"));
    EXPECT_THAT(page, HasSubstr("| `window` | duration | `1h` | 0s to 1d | How long. |"));
    EXPECT_THAT(page, HasSubstr("| `circles.NAME.radius` | number | `1.5` | 0 to 10 | Its radius. |"));
    EXPECT_THAT(page, HasSubstr("| `parts[].radius` |"));
    EXPECT_THAT(page, HasSubstr("| `parts` | text | `auto` |  | Parts. |"));
    EXPECT_THAT(page, HasSubstr("| `when` | map or text |  |  | When. |\n| `when.hour` | whole number | `0` | 0 to 23 | Hour of the day. |"));
    EXPECT_THAT(page, HasSubstr("| `circles` | map of map |"));
    EXPECT_THAT(page, HasSubstr("### `shape`, `kind: square`\n"));
    EXPECT_THAT(page, HasSubstr("| `shape.side` | whole number | required | 1 to 100 | Its side. |"));
}

TEST(ConfigShape, writes_bounds_as_a_person_does) {
    EXPECT_EQ(format_bounds(0, 1e6), "0 to 1000000");
    EXPECT_EQ(format_bounds(0.5, 1), "0.5 to 1");
    EXPECT_EQ(format_bounds(-1e30, 3), "at most 3");
    EXPECT_EQ(format_bounds(3, 1e30), "at least 3");
    EXPECT_EQ(format_bounds(-1e30, 1e30), "any");
    EXPECT_EQ(format_bounds(-1e18, 1e18), "any");
    EXPECT_EQ(format_bounds(-1e17, 1e17), "-1e+17 to 1e+17");
    EXPECT_EQ(format_bounds(-1e14, 1e14), "-100000000000000 to 100000000000000");
    EXPECT_EQ(format_duration_bounds(range(0, kDayUs)), "0s to 1d");
    EXPECT_EQ(format_duration_bounds(range(1000, 1e18)), "at least 1ms");
    EXPECT_EQ(type_of(shape_of<Everything>().fields.at(10)), "list of text");
}

}  // namespace shortlist::base::sample
