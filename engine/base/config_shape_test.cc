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

TEST(ConfigReference, has_a_row_for_each_key_and_a_table_for_each_kind) {
    const std::string page = reference_page(shape_of<Everything>(), "Project file", "What it holds.");
    EXPECT_THAT(page, HasSubstr("# Project file\n\nWhat it holds.\n\n## `enabled`"));
    EXPECT_THAT(page, HasSubstr("| `count` | whole number | `3` | 1 to 5 | How many. |"));
    EXPECT_THAT(page, HasSubstr("| `title` | text | required | 1 to 10 bytes | Its title. |"));
    EXPECT_THAT(page, HasSubstr("| `limit` | number | none | 0 to 9 | A limit, if any. |"));
    EXPECT_THAT(page, HasSubstr("| `window` | duration | `1h` | 0s to 1d | How long. |"));
    EXPECT_THAT(page, HasSubstr("| `circles.NAME.radius` | number | `1.5` | 0 to 10 | Its radius. |"));
    EXPECT_THAT(page, HasSubstr("| `parts[].radius` |"));
    EXPECT_THAT(page, HasSubstr("### `shape`, `kind: square`\n"));
    EXPECT_THAT(page, HasSubstr("| `shape.side` | whole number | required | 1 to 100 | Its side. |"));
}

TEST(ConfigShape, writes_bounds_as_a_person_does) {
    EXPECT_EQ(format_bounds(0, 1e6), "0 to 1000000");
    EXPECT_EQ(format_bounds(0.5, 1), "0.5 to 1");
    EXPECT_EQ(format_bounds(-1e30, 3), "at most 3");
    EXPECT_EQ(format_bounds(3, 1e30), "at least 3");
    EXPECT_EQ(format_bounds(-1e30, 1e30), "any");
}

}  // namespace shortlist::base::sample
