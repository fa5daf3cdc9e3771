#include "engine/data/entity_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/byte_strings.h"

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

std::string bytes_of(const EntityTable& table) {
    return base::bytes_written([&table](base::ByteWriter& out) { write_table(table, out); });
}

std::optional<EntityTable> read_back(std::string_view bytes) {
    base::StringReader in(bytes);
    auto table = read_table(in);
    return in.ok() && in.left() == 0 ? std::optional(std::move(table)) : std::nullopt;
}

EntityTable table_of_all_types() {
    EntityTable table;
    for (const auto type : {AttributeType::Number, AttributeType::Category, AttributeType::Categories, AttributeType::Text, AttributeType::Time}) {
        table.attributes.push_back(make_attribute("a" + std::to_string(static_cast<int>(type)), type));
    }
    table.attributes.push_back(make_attribute("v", AttributeType::Vector, 3));
    table.attributes.push_back(make_attribute("unsettled", AttributeType::Vector, 0));
    for (const auto* id : {"x", "y", "z"}) table.add(id);
    table.attributes[0].numbers[1] = 2.5F;
    table.attributes[1].codes[2] = table.attributes[1].values.add("red");
    table.attributes[2].codes = {table.attributes[2].values.add("a"), table.attributes[2].values.add("b")};
    table.attributes[2].offsets = {0, 0, 2, 2};
    table.attributes[3].texts[0] = "a text";
    table.attributes[4].times[1] = 99;
    table.attributes[5].numbers[4] = -1;
    return table;
}

TEST(EntityTable, is_read_back_from_its_bytes) {
    const auto table = table_of_all_types();
    const auto bytes = bytes_of(table);
    auto back = read_back(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(bytes_of(*back), bytes);
    EXPECT_EQ(back->ids.find("z"), 2U);
    EXPECT_EQ(back->attributes[1].values[back->attributes[1].codes[2]], "red");
    EXPECT_EQ(back->attributes[5].numbers[4], -1.0F);
    EXPECT_EQ(back->add("new"), 3U) << "it can grow";
    EXPECT_TRUE(read_back(bytes_of(EntityTable())));
}

TEST(EntityTable, is_not_read_from_bytes_that_lead_to_what_is_not_there) {
    const auto refused = [](const std::function<void(EntityTable&)>& break_it) {
        auto table = table_of_all_types();
        break_it(table);
        return !read_back(bytes_of(table));
    };
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[0].numbers.pop_back(); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[1].codes[0] = 2; }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[1].codes.push_back(0); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[2].codes[1] = 3; }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[2].offsets[1] = 3; }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[2].offsets[3] = 1; }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[2].offsets[0] = 1; }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[3].texts.clear(); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[4].times.clear(); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[5].numbers.pop_back(); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[5].type = static_cast<AttributeType>(17); }));
    EXPECT_TRUE(refused([](EntityTable& table) { table.attributes[1].values = Dictionary(); }));
    const auto bytes = bytes_of(table_of_all_types());
    for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(read_back(bytes.substr(0, length))) << length;
    std::string twice = bytes;
    twice[twice.find('y')] = 'x';
    EXPECT_FALSE(read_back(twice)) << "one id has two rows";
}

}  // namespace
}  // namespace shortlist::data
