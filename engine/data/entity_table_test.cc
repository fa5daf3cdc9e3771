#include "engine/data/entity_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace shortlist::data {
namespace {

TEST(Dictionary, keeps_the_row_of_a_string_for_ever) {
    Dictionary dictionary;
    EXPECT_EQ(dictionary.add("a"), 0U);
    EXPECT_EQ(dictionary.add("b"), 1U);
    EXPECT_EQ(dictionary.add("a"), 0U);
    EXPECT_EQ(dictionary.find("b"), 1U);
    EXPECT_EQ(dictionary.find("c"), kNoRow);
    EXPECT_EQ(dictionary[1], "b");
}

TEST(Dictionary, a_copy_does_not_look_into_the_original) {
    Dictionary copy;
    {
        Dictionary original;
        for (int i = 0; i < 1000; ++i) original.add("a long enough string to live on the heap " + std::to_string(i));
        copy = original;
    }
    EXPECT_EQ(copy.find("a long enough string to live on the heap 998"), 998U);
}

TEST(EntityTable, a_new_row_has_every_attribute_missing) {
    EntityTable table;
    for (const auto type : {AttributeType::Number, AttributeType::Category, AttributeType::Categories, AttributeType::Text, AttributeType::Time}) {
        table.attributes.push_back(make_attribute("a" + std::to_string(static_cast<int>(type)), type));
    }
    table.attributes.push_back(make_attribute("v", AttributeType::Vector, 3));
    EXPECT_EQ(table.add("x"), 0U);
    EXPECT_EQ(table.add("x"), 0U);
    EXPECT_EQ(table.add("y"), 1U);
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.attributes[0].numbers.size(), 2U);
    EXPECT_TRUE(std::isnan(table.attributes[0].numbers[1]));
    EXPECT_EQ(table.attributes[1].codes, (std::vector<std::uint32_t>{0, 0}));
    EXPECT_EQ(table.attributes[2].offsets, (std::vector<std::uint64_t>{0, 0, 0}));
    EXPECT_EQ(table.attributes[3].texts.size(), 2U);
    EXPECT_EQ(table.attributes[4].times[1], kNoTime);
    EXPECT_EQ(table.find("v")->numbers.size(), 6U);
    EXPECT_EQ(table.find("w"), nullptr);
}

}  // namespace
}  // namespace shortlist::data
