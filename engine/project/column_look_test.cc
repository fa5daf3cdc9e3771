#include "engine/project/column_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/project/small_project_testing_internal.h"
#include "engine/project/text_columns_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

ColumnLook look_of(const std::vector<std::string>& cells) { return looks({column("c", cells)}, cells.size()).front(); }

template <class Values>
ColumnLook look_of_values(const Values& values, std::size_t rows) {
    return look_at(data::ColumnBatch{rows, {{"c", values, {}}}}).front();
}

TEST(ColumnLook, knows_flags_times_and_numbers_from_their_values) {
    const auto columns = looks(
        {column("flag", {"0", "1", "1"}), column("constant", {"1", "1", "1"}), column("seconds", {"1650000000", "1650000001", ""}),
         column("millis", {"1650000000000", "1650000001000", "1650000002000"}), column("date", {"2022-04-25", "2022-04-26T10:00:00Z", "2022-04-27"}),
         column("number", {"1.5", "-2", "3e2"}), column("word", {"a", "b|c", "d"})},
        3);
    EXPECT_TRUE(columns[0].is_flag());
    EXPECT_FALSE(columns[1].is_flag()) << "a flag that is never off says nothing";
    EXPECT_TRUE(columns[2].is_time());
    EXPECT_EQ(columns[2].present, 2U);
    EXPECT_TRUE(columns[3].is_time());
    EXPECT_TRUE(columns[4].is_time());
    EXPECT_TRUE(columns[5].is_number());
    EXPECT_FALSE(columns[5].is_time());
    EXPECT_EQ(columns[5].low, -2);
    EXPECT_EQ(columns[5].high, 300);
    EXPECT_EQ(columns[6].lists, 1U);
}

TEST(ColumnLook, counts_numbers_whole_numbers_dates_lists_and_words) {
    const auto look = look_of({"7", "2.5", "-3", "inf", "nan", "1x", "2022-04-25", "a|b", "c|", "two words", "three more words", "7", ""});
    EXPECT_EQ(look.present, 12U);
    EXPECT_EQ(look.numbers, 4U) << "7 twice, 2.5 and -3; what is not finite is none";
    EXPECT_EQ(look.whole, 3U);
    EXPECT_EQ(look.low, -3);
    EXPECT_EQ(look.high, 7);
    EXPECT_EQ(look.dates, 1U);
    EXPECT_EQ(look.lists, 2U);
    EXPECT_EQ(look.words, 3U);
    EXPECT_EQ(look.values.at("7"), 2U);
    EXPECT_EQ(look.values.size(), 11U);
    EXPECT_FALSE(look.is_number());
    EXPECT_FALSE(look.is_whole());
}

TEST(ColumnLook, knows_lists_and_vectors_that_are_written_as_json) {
    EXPECT_EQ(look_of({"[\"a\", \"b\"]", "[]", "[a", "b]"}).lists, 2U);
    EXPECT_TRUE(look_of({"[1, 2.5]", "", "[-1e3,0]"}).vectors);
    EXPECT_FALSE(look_of({"[1, 2]", "[1, 2, 3]"}).vectors) << "not of one length";
    EXPECT_FALSE(look_of({"[1]", "[2]"}).vectors);
    EXPECT_FALSE(look_of({"[1, 2]", "[1, x]"}).vectors);
    EXPECT_FALSE(look_of({"[1, 2]", "none"}).vectors);
}

TEST(ColumnLook, knows_the_bounds_of_numbers_that_lie_on_one_side_of_zero) {
    const auto above = look_of({"5", "3", "4"});
    EXPECT_EQ(above.low, 3);
    EXPECT_EQ(above.high, 5);
    const auto below = look_of({"-5", "-3", "-4"});
    EXPECT_EQ(below.low, -5);
    EXPECT_EQ(below.high, -3);
}

TEST(ColumnLook, takes_for_a_date_what_begins_with_digits_in_its_places) {
    for (const auto* date : {"2022-04-25", "0909-90-09", "2022-04-25 10:00"}) EXPECT_EQ(look_of({date}).dates, 1U) << date;
    for (const auto* text : {"2022-04-2", "2022/04/25", "x022-04-25", "2022-04-2x", "2022-04025", "202-204-25"})
        EXPECT_EQ(look_of({text}).dates, 0U) << text;
}

TEST(ColumnLook, takes_two_values_that_mean_no_and_yes_for_a_flag) {
    for (const auto& [no, yes] : {std::pair{"0", "1"}, {"false", "true"}, {"False", "True"}}) EXPECT_TRUE(look_of({yes, no, yes}).is_flag()) << yes;
    for (const auto& [one, other] : {std::pair{"0", "2"}, {"-1", "1"}, {"false", "untrue"}, {"fake", "true"}, {"False", "Wrong"}, {"Fake", "True"}}) {
        EXPECT_FALSE(look_of({one, other}).is_flag()) << one << " " << other;
    }
    EXPECT_FALSE(look_of({"0", "1", "2"}).is_flag());
    EXPECT_FALSE(look_of({"0"}).is_flag());
}

// 300,000,000 s is in 1979, 2,200,000,000 s in 2039; the same in milli-, micro- and nanoseconds.
TEST(ColumnLook, takes_whole_numbers_from_1979_to_2039_for_times_whatever_their_unit) {
    for (const std::string unit : {"", "000", "000000", "000000000"}) {
        EXPECT_TRUE(look_of({"300000000" + unit, "2200000000" + unit}).is_time()) << unit;
        EXPECT_FALSE(look_of({"299999999" + unit, "2200000000" + unit}).is_time()) << unit;
        EXPECT_FALSE(look_of({"300000000" + unit, "2200000001" + unit}).is_time()) << unit;
    }
    EXPECT_FALSE(look_of({"1650000000.5"}).is_time());
    EXPECT_FALSE(look_of({""}).is_time());
    EXPECT_FALSE(look_of({"2022-04-25", "soon"}).is_time());
}

TEST(ColumnLook, reads_every_kind_of_column_as_the_text_a_file_would_have) {
    EXPECT_THAT(look_of_values(std::vector<std::int64_t>{7, -8}, 2).values, ElementsAre(Pair("-8", 1U), Pair("7", 1U)));
    EXPECT_THAT(look_of_values(std::vector<double>{0.1, 2}, 2).values, ElementsAre(Pair("0.1", 1U), Pair("2", 1U)));
    EXPECT_THAT(look_of_values(std::vector<float>{0.1F, 2}, 2).values, ElementsAre(Pair("0.1", 1U), Pair("2", 1U)));
    EXPECT_THAT(look_of_values(std::vector<std::uint8_t>{1, 0, 1}, 3).values, ElementsAre(Pair("false", 1U), Pair("true", 2U)));
    data::CodedColumn coded{{1, 0, 1}, {}};
    for (const auto* text : {"a", "b"}) coded.values.push_back(text);
    EXPECT_THAT(look_of_values(coded, 3).values, ElementsAre(Pair("a", 1U), Pair("b", 2U)));
    data::StringListColumn lists;
    for (const auto* text : {"x", "y", "z"}) lists.strings.push_back(text);
    lists.offsets = {0, 2, 2, 3};
    const auto look = look_of_values(lists, 3);
    EXPECT_THAT(look.values, ElementsAre(Pair("", 1U), Pair("x|y|", 1U), Pair("z|", 1U)));
    EXPECT_EQ(look.lists, 2U);
    const auto vectors = look_of_values(data::VectorColumn{2, {1, 2, 3, 4}}, 2);
    EXPECT_TRUE(vectors.vectors);
    EXPECT_EQ(vectors.present, 2U);
    EXPECT_FALSE(look.vectors);
}

TEST(ColumnLook, keeps_the_first_values_and_says_that_there_are_more) {
    auto cells = different(kLookValuesMax, "v");
    EXPECT_FALSE(look_of(cells).many_values);
    cells.insert(cells.end(), {"v0", "one more"});
    const auto look = look_of(cells);
    EXPECT_TRUE(look.many_values);
    EXPECT_EQ(look.values.size(), kLookValuesMax);
    EXPECT_EQ(look.values.at("v0"), 2U) << "what is kept is counted on";
    EXPECT_EQ(look.present, kLookValuesMax + 2);
    EXPECT_FALSE(look.is_flag());
}

TEST(ColumnLook, looks_at_the_first_rows_alone) {
    std::vector<std::int64_t> numbers(kLookRowsMax + 5, 1);
    numbers.back() = 99;
    const auto look = look_of_values(numbers, numbers.size());
    EXPECT_EQ(look.present, kLookRowsMax);
    EXPECT_EQ(look.high, 1);
}

TEST(LookAtFile, opens_the_first_file_and_says_when_it_has_no_rows) {
    const TestFolder folder;
    folder.write("a.csv", "user,item\nu1,i1\n");
    folder.write("b.csv", "other\nx\n");
    folder.write("empty.csv", "user,item\n");
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    const auto columns = look_at_file(path("?.csv")).value();
    ASSERT_EQ(columns.size(), 2U);
    EXPECT_EQ(columns[1].name, "item");
    EXPECT_THAT(columns[1].values, ElementsAre(Pair("i1", 1U)));
    EXPECT_EQ(look_at_file(path("empty.csv")).error().message, "'" + path("empty.csv") + "' has no rows to look at");
    EXPECT_EQ(look_at_file(path("none.csv")).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace shortlist::project
