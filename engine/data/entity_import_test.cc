// From files of items and users to the catalogue: which column is the id, what becomes of former values, what is a fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr std::string_view kEvents = "user,item,time,type,value\na,x,1650000001,watch,1\n";

class EntityImportTest : public ImportTest {
protected:
    ImportReport import_items(std::string_view csv) {
        config.items.path = {"items.csv"};
        folder.write("items.csv", csv);
        return import_events(kEvents);
    }
    std::string items_error(std::string_view csv) {
        config.items.path = {"items.csv"};
        folder.write("items.csv", csv);
        folder.write("events.csv", kEvents);
        return import_error();
    }
    void expect_items(const std::vector<std::string>& expected) {
        const Dataset data = load();
        std::vector<std::string> ids;
        for (std::uint32_t row = 0; row < data.items.size(); ++row) ids.emplace_back(data.items.ids[row]);
        EXPECT_EQ(ids, expected);
    }
};

TEST_F(EntityImportTest, the_column_id_is_the_id_where_there_is_one) {
    import_items("item,id\nother,x\n");
    expect_items({"x"});
}

TEST_F(EntityImportTest, without_a_column_id_it_is_called_as_in_the_events) {
    import_items("name,item\nother,x\n");
    expect_items({"x"});
}

TEST_F(EntityImportTest, a_configured_id_stands_above_both) {
    config.items.id = "sku";
    import_items("id,item,sku\nno,neither,x\n");
    expect_items({"x"});
}

TEST_F(EntityImportTest, without_any_of_them_the_column_id_is_missed) {
    EXPECT_THAT(items_error("name\nx\n"), HasSubstr("items.csv: there is no column 'id'; there are name"));
}

TEST_F(EntityImportTest, reads_attributes_from_the_columns_they_name) {
    config.items.attributes["price"] = {AttributeType::Number, "cost", ""};
    config.items.attributes["size"].type = AttributeType::Number;
    import_items("size,id,cost\n7,x,1.5\n");
    const Dataset data = load();
    EXPECT_EQ(data.items.find("price")->numbers[0], 1.5F);
    EXPECT_EQ(data.items.find("size")->numbers[0], 7.0F);
}

TEST_F(EntityImportTest, the_format_may_be_said_where_the_name_does_not_tell_it) {
    config.items.path = {"items.list"};
    config.items.format = FileFormat::Csv;
    folder.write("items.list", "item\nx\n");
    import_events(kEvents);
    expect_items({"x"});
}

TEST_F(EntityImportTest, counts_the_rows_of_items_and_users_and_names_its_stages) {
    config.users.path = {"users.csv"};
    folder.write("users.csv", "id\na\nb\nc\n");
    std::vector<std::string> stages;
    options.progress = [&stages](std::string_view stage, double) { stages.emplace_back(stage); };
    const auto report = import_items("id\nx\ny\n");
    EXPECT_EQ(report.entity_rows_read, 5U);
    EXPECT_EQ(report.items, 2U);
    EXPECT_EQ(report.users, 3U);
    EXPECT_EQ(report.unknown_items, 0U);
    EXPECT_THAT(stages, ElementsAre("items", "users", "events"));
}

TEST_F(EntityImportTest, a_missing_cell_leaves_the_value_that_was_known) {
    for (const auto& [name, type] :
         {std::pair{"kind", AttributeType::Category}, std::pair{"price", AttributeType::Number}, std::pair{"tags", AttributeType::Categories},
          std::pair{"title", AttributeType::Text}, std::pair{"uploaded", AttributeType::Time}, std::pair{"vector", AttributeType::Vector}}) {
        config.items.attributes[name].type = type;
    }
    import_items("id,kind,price,tags,title,uploaded,vector\nx,music,1.5,\"a,b\",Song,2022-04-25,\"1,2\"\n");
    import_items("id,kind,price,tags,title,uploaded,vector\nx,,,,,,\n");
    const Dataset data = load();
    EXPECT_EQ(data.items.find("kind")->values[data.items.find("kind")->codes[0]], "music");
    EXPECT_EQ(data.items.find("price")->numbers[0], 1.5F);
    EXPECT_THAT(data.items.find("tags")->offsets, ElementsAre(0U, 2U));
    EXPECT_EQ(data.items.find("title")->texts[0], "Song");
    EXPECT_EQ(data.items.find("uploaded")->times[0], 1'650'844'800 * kSecondUs);
    EXPECT_THAT(data.items.find("vector")->numbers, ElementsAre(1.0F, 2.0F));
}

TEST_F(EntityImportTest, an_attribute_of_another_type_or_name_begins_without_values) {
    config.items.attributes["a"].type = AttributeType::Number;
    import_items("id,a,b\nx,1,p\ny,2,q\n");
    config.items.attributes.clear();
    config.items.attributes["a"].type = AttributeType::Categories;
    config.items.attributes["b"].type = AttributeType::Category;
    import_items("id,a,b\ny,2,q\n");
    const Dataset data = load();
    ASSERT_EQ(data.items.attributes.size(), 2U);
    EXPECT_THAT(data.items.find("a")->offsets, ElementsAre(0U, 0U, 1U));
    EXPECT_THAT(data.items.find("b")->codes, ElementsAre(0U, 1U));
    EXPECT_EQ(data.items.find("b")->width, 1U);
}

TEST_F(EntityImportTest, each_column_of_times_settles_its_own_unit) {
    config.items.attributes["made"].type = AttributeType::Time;
    config.items.attributes["sold"].type = AttributeType::Time;
    import_items("id,made,sold\nx,1650844800,1650844800000\ny,1650844801,1650844801000\n");
    const Dataset data = load();
    for (const auto* name : {"made", "sold"}) {
        EXPECT_THAT(data.items.find(name)->times, ElementsAre(1'650'844'800 * kSecondUs, 1'650'844'801 * kSecondUs)) << name;
    }
}

TEST_F(EntityImportTest, a_bad_cell_is_quarantined_with_the_name_of_its_column) {
    config.max_bad_rows = 1;
    config.items.attributes["price"].type = AttributeType::Number;
    config.items.attributes["size"].type = AttributeType::Number;
    const auto report = import_items("id,price,size\nx,1,2\ny,1,big\nx,1,2\n,1,2\n");
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("id stands twice", 1U), Pair("missing id", 1U), Pair("not a number", 1U)));
    const auto lines = folder.read("quarantine/import.ndjson");
    EXPECT_THAT(lines, HasSubstr(R"("row":1,"reason":"not a number","field":"size","value":"big"})"));
    EXPECT_THAT(lines, HasSubstr(R"("row":2,"reason":"id stands twice","field":"id","value":"x"})"));
    expect_items({"x"});
}

TEST_F(EntityImportTest, items_that_are_bad_past_the_limit_fail_under_their_name) {
    EXPECT_THAT(items_error("id\nx\n\"\"\n"), HasSubstr("items: 1 of 2 rows are bad (1 missing id)"));
}

TEST_F(EntityImportTest, bad_items_within_the_limit_do_not_count_against_the_events) {
    config.max_bad_rows = 0.5;
    folder.write("events.csv", std::string(kEvents) + ",x,1650000001,watch,1\n");
    config.items.path = {"items.csv"};
    folder.write("items.csv", "id\nx\n\"\"\n");
    EXPECT_TRUE(import()) << import_error();
}

TEST_F(EntityImportTest, texts_have_at_most_65536_bytes_of_utf8_without_nul) {
    config.max_bad_rows = 1;
    config.items.attributes["title"].type = AttributeType::Text;
    const std::string longest(65536, 'a');
    const auto report = import_items("id,title\nx," + longest + "\ny,a" + longest + "\nz,\xff\nw," + std::string("a\0b", 3) + "\nv,\n");
    EXPECT_THAT(report.quarantined, ElementsAre(Pair("NUL byte", 1U), Pair("invalid UTF-8", 1U), Pair("text too long", 1U)));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr("\"field\":\"title\""));
    EXPECT_THAT(load().items.find("title")->texts, ElementsAre(longest, ""));
}

TEST_F(EntityImportTest, vectors_have_the_length_of_the_first_in_all_files) {
    config.max_bad_rows = 1;
    config.items.attributes["price"].type = AttributeType::Number;
    config.items.attributes["vector"].type = AttributeType::Vector;
    config.items.path = {"items.csv", "more.csv"};
    folder.write("items.csv", "id,price,vector\nx,1,\ny,1,\"1,2\"\nz,1,\"1,2,3\"\nw,1,\"3,4\"\n");
    folder.write("more.csv", "id,price,vector\nv,1,\"1,2,3\"\nu,1,\"5,6\"\n");
    EXPECT_THAT(import_events(kEvents).quarantined, ElementsAre(Pair("vector of another length", 2U)));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr("\"field\":\"vector\",\"value\":\"1,2,3\""));
    expect_items({"x", "y", "w", "u"});
    EXPECT_EQ(load().items.find("vector")->numbers[6], 5.0F);
}

}  // namespace
}  // namespace shortlist::data
