#include "engine/data/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array kTypes{AttributeType::Number, AttributeType::Category, AttributeType::Categories,
                            AttributeType::Text,   AttributeType::Vector,   AttributeType::Time};

/// A value that an attribute of this type takes.
AttributeValue value_of(AttributeType type) {
    switch (type) {
        case AttributeType::Number: return 1.5;
        case AttributeType::Category:
        case AttributeType::Text: return std::string("news");
        case AttributeType::Categories: return std::vector<std::string>{"a", "b"};
        case AttributeType::Vector: return std::vector<float>{1, 2};
        case AttributeType::Time: return std::int64_t{7};
    }
    return 0.0;
}

/// Rows x, y and z; y has a value of every type of attribute, and the others none.
EntityTable table_of_every_type() {
    EntityTable table;
    for (const auto type : kTypes) table.attributes.push_back(make_attribute(attribute_type_name(type), type, type == AttributeType::Vector ? 0 : 1));
    for (const auto* id : {"x", "y", "z"}) table.add(id);
    EntityEditor editor(table);
    for (std::size_t a = 0; a < kTypes.size(); ++a) EXPECT_TRUE(editor.set(1, a, value_of(kTypes[a])));
    return table;
}

class Catalogue : public testing::Test {
protected:
    std::filesystem::path path() const { return folder.path() / "items.parquet"; }
    std::string load_error(const std::vector<AttributeShape>& shapes) const {
        const auto table = load_entities(path(), shapes);
        return table ? "no error" : table.error().message;
    }
    TemporaryFolder folder;
};

TEST_F(Catalogue, gives_back_every_type_of_attribute) {
    const EntityTable table = table_of_every_type();
    ASSERT_TRUE(save_entities(table, path()));
    const auto loaded = load_entities(path(), shapes_of(table));
    ASSERT_TRUE(loaded) << loaded.error().message;
    ASSERT_EQ(loaded->size(), 3U);
    EXPECT_EQ(loaded->ids[2], "z");
    EXPECT_EQ(shapes_of(*loaded), shapes_of(table));
    EXPECT_EQ(loaded->find("vector")->width, 2U) << "the first vector settled it";
    EXPECT_EQ(loaded->find("number")->width, 1U);
    for (const auto* numbers : {&loaded->find("number")->numbers, &loaded->find("vector")->numbers}) EXPECT_TRUE(std::isnan(numbers->front()));
    EXPECT_EQ(loaded->find("number")->numbers[1], 1.5F);
    EXPECT_EQ(loaded->find("vector")->numbers.size(), 6U);
    EXPECT_EQ(loaded->find("vector")->numbers[3], 2.0F);
    EXPECT_THAT(loaded->find("category")->codes, ElementsAre(0U, 1U, 0U));
    EXPECT_EQ(loaded->find("category")->values[1], "news");
    EXPECT_THAT(loaded->find("categories")->offsets, ElementsAre(0U, 0U, 2U, 2U));
    EXPECT_THAT(loaded->find("categories")->codes, ElementsAre(1U, 2U));
    EXPECT_EQ(loaded->find("categories")->values[2], "b");
    EXPECT_THAT(loaded->find("text")->texts, ElementsAre("", "news", ""));
    EXPECT_THAT(loaded->find("time")->times, ElementsAre(kNoTime, 7, kNoTime));
}

TEST_F(Catalogue, leaves_out_vectors_that_no_row_has) {
    EntityTable table;
    table.attributes = {make_attribute("v", AttributeType::Vector, 0), make_attribute("n", AttributeType::Number)};
    table.add("x");
    ASSERT_TRUE(save_entities(table, path()));
    const auto loaded = load_entities(path(), shapes_of(table));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(loaded->find("v")->numbers.empty());
    EXPECT_EQ(loaded->find("n")->numbers.size(), 1U);
}

TEST_F(Catalogue, category_codes_keep_their_numbers_also_where_no_row_has_them) {
    EntityTable table;
    table.attributes = {make_attribute("kind", AttributeType::Category)};
    EntityEditor editor(table);
    const auto row = editor.add("x");
    for (const auto* kind : {"c", "b", "a"}) ASSERT_TRUE(editor.set(row, 0, std::string(kind)));
    ASSERT_TRUE(save_entities(table, path()));
    const auto loaded = load_entities(path(), shapes_of(table));
    ASSERT_TRUE(loaded);
    EXPECT_THAT(loaded->find("kind")->codes, ElementsAre(3U));
    EXPECT_EQ(loaded->find("kind")->values[1], "c");
}

// Parquet's writer gives up a dictionary at 1 MiB.
TEST_F(Catalogue, takes_more_texts_than_a_dictionary_of_parquet_holds) {
    EntityTable table;
    table.attributes = {make_attribute("title", AttributeType::Text)};
    for (int i = 0; i < 30'000; ++i) {
        const std::string text = std::string(100, 'a') + std::to_string(i);
        table.attributes[0].texts[table.add(text)] = text;
    }
    ASSERT_TRUE(save_entities(table, path()));
    const auto loaded = load_entities(path(), shapes_of(table));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->attributes[0].texts, table.attributes[0].texts);
    EXPECT_EQ(digest_of_ids(*loaded, 30'000), digest_of_ids(table, 30'000));
}

TEST_F(Catalogue, a_column_of_another_type_than_its_shape_is_damage) {
    for (const auto stored : kTypes) {
        EntityTable table;
        table.attributes = {make_attribute("a", stored, stored == AttributeType::Vector ? 2 : 1)};
        table.add("x");
        ASSERT_TRUE(save_entities(table, path()));
        for (const auto asked : kTypes) {
            const bool both_text = (stored == AttributeType::Text || stored == AttributeType::Category) &&
                                   (asked == AttributeType::Text || asked == AttributeType::Category);
            if (asked == stored || both_text) continue;
            EXPECT_THAT(load_error({{"a", asked, 2}}), HasSubstr("attribute 'a' is not of the type " + std::string(attribute_type_name(asked))))
                << attribute_type_name(stored);
        }
    }
    EntityTable table;
    table.attributes = {make_attribute("a", AttributeType::Vector, 3)};
    table.add("x");
    ASSERT_TRUE(save_entities(table, path()));
    EXPECT_THAT(load_error({{"a", AttributeType::Vector, 2}}), HasSubstr("attribute 'a' is not of the type vector")) << "of another length";
}

TEST_F(Catalogue, a_file_that_the_reader_refuses_is_damage) {
    ASSERT_TRUE(save_entities(table_of_every_type(), path()));
    EXPECT_EQ(load_entities(path(), {{"colour", AttributeType::Text, 1}}).error().code, ErrorCode::DataLoss);
    EXPECT_THAT(load_error({{"colour", AttributeType::Text, 1}}), HasSubstr("items.parquet: there is no column"));
    folder.write("items.parquet", "no Parquet");
    EXPECT_EQ(load_entities(path(), {}).error().code, ErrorCode::DataLoss);
    std::filesystem::remove(path());
    EXPECT_EQ(load_entities(path(), {}).error().code, ErrorCode::Unavailable);
}

TEST_F(Catalogue, ids_that_are_no_texts_or_stand_twice_are_damage) {
    ColumnBatch batch;
    batch.rows = 2;
    batch.columns.push_back({"id", std::vector<std::int64_t>{1, 2}, {}, false});
    ASSERT_TRUE(write_parquet(path(), batch));
    EXPECT_THAT(load_error({}), HasSubstr("its ids are not distinct texts"));
    batch.columns[0].values = CodedColumn{{0, 0}, {}};
    std::get<CodedColumn>(batch.columns[0].values).values.push_back("x");
    ASSERT_TRUE(write_parquet(path(), batch));
    EXPECT_THAT(load_error({}), HasSubstr("its ids are not distinct texts"));
}

TEST(EntityEditor, refuses_values_of_another_type_and_changes_nothing_then) {
    EntityTable table = table_of_every_type();
    {
        EntityEditor editor(table);
        for (std::size_t a = 0; a < kTypes.size(); ++a) {
            const bool takes_text =
                kTypes[a] == AttributeType::Category || kTypes[a] == AttributeType::Text || kTypes[a] == AttributeType::Categories;
            for (const auto type : kTypes) {
                const auto value = value_of(type);
                const bool taken = type == kTypes[a] || (takes_text && std::holds_alternative<std::string>(value));
                if (taken) continue;
                EXPECT_FALSE(editor.set(0, a, value)) << attribute_type_name(kTypes[a]) << " of a " << attribute_type_name(type);
            }
        }
        EXPECT_FALSE(editor.set(0, 4, std::vector<float>{1, 2, 3})) << "a vector of another length";
        EXPECT_FALSE(editor.set(0, 4, std::vector<float>{}));
    }
    for (const auto* name : {"number", "vector"}) EXPECT_TRUE(std::isnan(table.find(name)->numbers[0]));
    EXPECT_EQ(table.find("category")->codes[0], 0U);
    EXPECT_EQ(table.find("categories")->offsets[1], 0U);
    EXPECT_EQ(table.find("text")->texts[0], "");
    EXPECT_EQ(table.find("time")->times[0], kNoTime);
}

TEST(EntityEditor, no_vector_settles_no_width) {
    EntityTable table;
    table.attributes = {make_attribute("v", AttributeType::Vector, 0)};
    EntityEditor editor(table);
    const auto row = editor.add("x");
    EXPECT_FALSE(editor.set(row, 0, std::vector<float>{}));
    EXPECT_TRUE(editor.set(row, 0, std::vector<float>{1, 2, 3}));
    EXPECT_EQ(table.find("v")->width, 3U);
}

TEST(EntityEditor, one_text_is_a_list_of_one_category) {
    EntityTable table = table_of_every_type();
    {
        EntityEditor editor(table);
        EXPECT_TRUE(editor.set(1, 2, std::string("c")));
        EXPECT_TRUE(editor.set(editor.add("new"), 2, std::vector<std::string>{"a", "c"}));
    }
    EXPECT_THAT(table.find("categories")->offsets, ElementsAre(0U, 0U, 1U, 1U, 3U));
    EXPECT_THAT(table.find("categories")->codes, ElementsAre(3U, 1U, 3U));
    {
        EntityEditor editor(table);
        EXPECT_TRUE(editor.set(0, 2, std::string("b")));
    }
    EXPECT_THAT(table.find("categories")->offsets, ElementsAre(0U, 1U, 2U, 2U, 4U)) << "the lists of other rows stay";
}

TEST(ApplyUpsert, sets_the_attributes_it_names_and_adds_what_is_new) {
    EntityTable table = table_of_every_type();
    ItemUpsert upsert;
    upsert.id = "y";
    upsert.attributes = {{"number", 2.5}, {"unknown", 1.0}};
    EXPECT_EQ(apply_upsert(upsert, table), 1U);
    EXPECT_EQ(table.find("number")->numbers[1], 2.5F);
    EXPECT_EQ(table.find("text")->texts[1], "news");
    upsert.id = "new";
    EXPECT_EQ(apply_upsert(upsert, table), 3U);
    EXPECT_EQ(table.find("number")->numbers[3], 2.5F);
}

TEST(AttributeType, is_read_back_from_its_name) {
    for (const auto type : kTypes) EXPECT_EQ(parse_attribute_type(attribute_type_name(type)).value(), type);
    EXPECT_EQ(parse_attribute_type("numbr").error().message,
              "no attribute type is called 'numbr'; there are number, category, categories, text, vector, time; did you mean 'number'?");
    EXPECT_EQ(parse_attribute_type("x").error().message,
              "no attribute type is called 'x'; there are number, category, categories, text, vector, time");
}

TEST(DigestOfIds, is_of_the_first_ids_and_of_where_each_ends) {
    EntityTable table;
    for (const auto* id : {"ab", "c", "d"}) table.add(id);
    // printf 2:ab1:c | sha256sum
    EXPECT_EQ(digest_of_ids(table, 2), "430fb1b4ac43316eca81fab27a1930ab8eff8fef6a1dc7903dce44bbc2790dc5");
    EXPECT_NE(digest_of_ids(table, 3), digest_of_ids(table, 2));
}

}  // namespace
}  // namespace shortlist::data
