#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Array = std::shared_ptr<arrow::Array>;

/// The array of a builder; nothing is a null.
template <class Builder, class T>
Array filled(Builder& builder, const std::vector<std::optional<T>>& values) {
    for (const auto& value : values) EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
    return builder.Finish().ValueOrDie();
}

template <class Builder, class T>
Array array_of(const std::vector<std::optional<T>>& values) {
    Builder builder;
    return filled(builder, values);
}

Array texts(const std::vector<std::optional<std::string>>& values) { return array_of<arrow::StringBuilder>(values); }
Array floats(const std::vector<std::optional<float>>& values) { return array_of<arrow::FloatBuilder>(values); }

/// Lists of the items between each two offsets; a null offset before the last makes its list missing.
Array lists(const std::vector<std::optional<std::int32_t>>& offsets, const Array& items) {
    return arrow::ListArray::FromArrays(*array_of<arrow::Int32Builder>(offsets), *items).ValueOrDie();
}

Column column_of(const Array& array) {
    auto column = column_from_arrow("c", *array);
    EXPECT_TRUE(column.has_value()) << (column ? "" : column.error().message);
    return std::move(column).value();
}

std::vector<std::string> strings_in(const StringColumn& column) {
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < column.size(); ++i) strings.emplace_back(column[i]);
    return strings;
}

std::vector<std::string> strings_in(const Array& array) { return strings_in(std::get<StringColumn>(column_of(array).values)); }
std::vector<std::int64_t> whole_in(const Array& array) { return std::get<std::vector<std::int64_t>>(column_of(array).values); }

TEST(ColumnFromArrow, integers_of_any_width_are_whole_numbers) {
    EXPECT_THAT(whole_in(array_of<arrow::Int8Builder, std::int8_t>({-128, 127})), ElementsAre(-128, 127));
    EXPECT_THAT(whole_in(array_of<arrow::UInt8Builder, std::uint8_t>({0, 255})), ElementsAre(0, 255));
    EXPECT_THAT(whole_in(array_of<arrow::Int16Builder, std::int16_t>({-32768})), ElementsAre(-32768));
    EXPECT_THAT(whole_in(array_of<arrow::UInt16Builder, std::uint16_t>({65535})), ElementsAre(65535));
    EXPECT_THAT(whole_in(array_of<arrow::Int32Builder, std::int32_t>({-5})), ElementsAre(-5));
    EXPECT_THAT(whole_in(array_of<arrow::UInt32Builder, std::uint32_t>({4'294'967'295U})), ElementsAre(4'294'967'295));
    EXPECT_THAT(whole_in(array_of<arrow::Int64Builder, std::int64_t>({-7})), ElementsAre(-7));
}

TEST(ColumnFromArrow, says_which_rows_have_a_value) {
    EXPECT_THAT(column_of(array_of<arrow::Int64Builder, std::int64_t>({1, {}, 3})).valid, ElementsAre(1, 0, 1));
    EXPECT_THAT(column_of(array_of<arrow::Int64Builder, std::int64_t>({1, 2})).valid, IsEmpty());
    EXPECT_EQ(column_of(texts({"a"})).name, "c");
}

TEST(ColumnFromArrow, unsigned_numbers_past_the_signed_range_are_texts) {
    constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    EXPECT_THAT(whole_in(array_of<arrow::UInt64Builder, std::uint64_t>({5, kLast})), ElementsAre(5, kLast));
    const auto column = column_of(array_of<arrow::UInt64Builder, std::uint64_t>({5, kLast + 1, {}}));
    EXPECT_THAT(strings_in(std::get<StringColumn>(column.values)), ElementsAre("5", "9223372036854775808", ""));
    EXPECT_THAT(column.valid, ElementsAre(1, 1, 0));
}

TEST(ColumnFromArrow, floats_and_booleans_stay_what_they_are) {
    EXPECT_THAT(std::get<std::vector<float>>(column_of(floats({0.5F, 2})).values), ElementsAre(0.5F, 2.0F));
    EXPECT_THAT(std::get<std::vector<double>>(column_of(array_of<arrow::DoubleBuilder, double>({0.5})).values), ElementsAre(0.5));
    const auto flags = column_of(array_of<arrow::BooleanBuilder, bool>({true, false, {}, true}));
    EXPECT_THAT(std::get<std::vector<std::uint8_t>>(flags.values), testing::SizeIs(4));
    EXPECT_THAT(std::get<std::vector<std::uint8_t>>(flags.values)[0], 1);
    EXPECT_THAT(std::get<std::vector<std::uint8_t>>(flags.values)[1], 0);
    EXPECT_THAT(std::get<std::vector<std::uint8_t>>(flags.values)[3], 1);
    EXPECT_THAT(flags.valid, ElementsAre(1, 1, 0, 1));
}

TEST(ColumnFromArrow, texts_and_bytes_of_any_kind_are_texts) {
    EXPECT_THAT(strings_in(texts({"a", {}, ""})), ElementsAre("a", "", ""));
    EXPECT_THAT(strings_in(array_of<arrow::LargeStringBuilder, std::string>({"a", {}})), ElementsAre("a", ""));
    EXPECT_THAT(strings_in(array_of<arrow::BinaryBuilder, std::string>({"a", {}})), ElementsAre("a", ""));
    EXPECT_THAT(strings_in(array_of<arrow::LargeBinaryBuilder, std::string>({"a", {}})), ElementsAre("a", ""));
}

TEST(ColumnFromArrow, decimals_are_texts_for_they_may_be_ids) {
    arrow::Decimal128Builder builder(arrow::decimal128(30, 2));
    EXPECT_THAT(strings_in(filled<arrow::Decimal128Builder, arrow::Decimal128>(builder, {arrow::Decimal128(1250), {}})), ElementsAre("12.50", ""));
}

TEST(ColumnFromArrow, a_column_of_nulls_is_missing_in_every_row) {
    const auto column = column_of(std::make_shared<arrow::NullArray>(2));
    EXPECT_THAT(strings_in(std::get<StringColumn>(column.values)), ElementsAre("", ""));
    EXPECT_THAT(column.valid, ElementsAre(0, 0));
}

TEST(ColumnFromArrow, time_stamps_and_dates_are_microseconds) {
    for (const auto& [unit, time] : {std::pair{arrow::TimeUnit::SECOND, 7'000'000}, std::pair{arrow::TimeUnit::MILLI, 7000},
                                     std::pair{arrow::TimeUnit::MICRO, 7}, std::pair{arrow::TimeUnit::NANO, 0}}) {
        arrow::TimestampBuilder builder(arrow::timestamp(unit), arrow::default_memory_pool());
        const auto column = column_of(filled<arrow::TimestampBuilder, std::int64_t>(builder, {7, {}}));
        EXPECT_EQ(std::get<std::vector<std::int64_t>>(column.values)[0], time);
        EXPECT_THAT(column.valid, ElementsAre(1, 0));
        EXPECT_TRUE(column.time_us);
    }
    arrow::TimestampBuilder nanoseconds(arrow::timestamp(arrow::TimeUnit::NANO), arrow::default_memory_pool());
    EXPECT_THAT(whole_in(filled<arrow::TimestampBuilder, std::int64_t>(nanoseconds, {7000})), ElementsAre(7));
    EXPECT_THAT(whole_in(array_of<arrow::Date32Builder, std::int32_t>({2})), ElementsAre(2 * kDayUs));
    EXPECT_TRUE(column_of(array_of<arrow::Date32Builder, std::int32_t>({2})).time_us);
    EXPECT_THAT(whole_in(array_of<arrow::Date64Builder, std::int64_t>({86'400'000})), ElementsAre(kDayUs));
    EXPECT_TRUE(column_of(array_of<arrow::Date64Builder, std::int64_t>({0})).time_us);
    EXPECT_FALSE(column_of(array_of<arrow::Int64Builder, std::int64_t>({0})).time_us);
}

TEST(ColumnFromArrow, a_time_that_does_not_fit_is_the_largest) {
    constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
    arrow::TimestampBuilder seconds(arrow::timestamp(arrow::TimeUnit::SECOND), arrow::default_memory_pool());
    EXPECT_THAT(whole_in(filled<arrow::TimestampBuilder, std::int64_t>(seconds, {kLargest, 1})), ElementsAre(kLargest, kSecondUs));
}

Array coded(const std::vector<std::optional<std::int32_t>>& codes, const Array& values) {
    return std::make_shared<arrow::DictionaryArray>(arrow::dictionary(arrow::int32(), values->type()), array_of<arrow::Int32Builder>(codes), values);
}

TEST(ColumnFromArrow, a_dictionary_keeps_its_codes) {
    const auto column = column_of(coded({1, {}, 0}, texts({"a", "b"})));
    const auto& held = std::get<CodedColumn>(column.values);
    EXPECT_THAT(held.codes, ElementsAre(1U, 0U, 0U));
    EXPECT_THAT(strings_in(held.values), ElementsAre("a", "b"));
    EXPECT_THAT(column.valid, ElementsAre(1, 0, 1));
}

TEST(ColumnFromArrow, an_empty_dictionary_gets_a_value_that_codes_may_name) {
    const auto column = column_of(coded({{}, {}}, texts({})));
    EXPECT_THAT(std::get<CodedColumn>(column.values).codes, ElementsAre(0U, 0U));
    EXPECT_THAT(strings_in(std::get<CodedColumn>(column.values).values), ElementsAre(""));
}

TEST(ColumnFromArrow, a_dictionary_of_no_texts_or_with_a_code_outside_is_refused) {
    const auto message = [](const Array& array) { return column_from_arrow("c", *array).error().message; };
    EXPECT_THAT(message(coded({0}, array_of<arrow::Int64Builder, std::int64_t>({1}))), HasSubstr("'c' is a dictionary of int64; only"));
    EXPECT_THAT(message(coded({0}, texts({"a", {}}))), HasSubstr("only dictionaries of texts are read"));
    EXPECT_EQ(column_from_arrow("c", *coded({2}, texts({"a", "b"}))).error().code, ErrorCode::DataLoss);
    EXPECT_THAT(message(coded({-1}, texts({"a"}))), HasSubstr("'c' has a code outside its dictionary"));
}

TEST(ColumnFromArrow, lists_of_one_length_of_floats_are_vectors) {
    for (const auto& items : {floats({1, 2, {}, 4}), array_of<arrow::DoubleBuilder, double>({1, 2, {}, 4})}) {
        const auto column = column_of(lists({0, 2, {}, 2, 4}, items));
        const auto& vectors = std::get<VectorColumn>(column.values);
        EXPECT_EQ(vectors.width, 2U);
        EXPECT_THAT(column.valid, ElementsAre(1, 0, 0, 1)) << "one list is missing, one is empty";
        ASSERT_EQ(vectors.values.size(), 8U);
        EXPECT_EQ(vectors.values[1], 2.0F);
        for (const std::size_t missing : {2, 3, 4, 5, 6}) EXPECT_TRUE(std::isnan(vectors.values[missing])) << missing;
        EXPECT_EQ(vectors.values[7], 4.0F);
    }
}

TEST(ColumnFromArrow, lists_of_floats_of_several_lengths_are_lists_of_texts) {
    const auto column = column_of(lists({0, 2, 3}, floats({1, 2.5F, 3})));
    const auto& held = std::get<StringListColumn>(column.values);
    EXPECT_THAT(held.offsets, ElementsAre(0U, 2U, 3U));
    EXPECT_EQ(held.strings[1], "2.5");
    EXPECT_THAT(column.valid, IsEmpty());
    EXPECT_TRUE(std::holds_alternative<StringListColumn>(column_of(lists({0, 0}, floats({}))).values)) << "nothing tells a length";
}

TEST(ColumnFromArrow, lists_of_texts_and_of_whole_numbers_are_lists_of_texts) {
    const auto column = column_of(lists({0, 1, {}, 1, 3}, texts({"a", "b", {}})));
    const auto& held = std::get<StringListColumn>(column.values);
    EXPECT_THAT(held.offsets, ElementsAre(0U, 1U, 1U, 1U, 3U));
    EXPECT_THAT(strings_in(held.strings), ElementsAre("a", "b", ""));
    EXPECT_THAT(column.valid, ElementsAre(1, 1, 0, 1));
    const auto numbers = column_of(lists({0, 2}, array_of<arrow::Int64Builder, std::int64_t>({7, 8})));
    EXPECT_THAT(strings_in(std::get<StringListColumn>(numbers.values).strings), ElementsAre("7", "8"));
    const auto large = column_of(lists({0, 1}, array_of<arrow::LargeStringBuilder, std::string>({"x"})));
    EXPECT_THAT(strings_in(std::get<StringListColumn>(large.values).strings), ElementsAre("x"));
}

TEST(ColumnFromArrow, reads_large_lists_and_lists_of_a_fixed_size) {
    const auto large = arrow::LargeListArray::FromArrays(*array_of<arrow::Int64Builder, std::int64_t>({0, 1, 2}), *floats({1, 2})).ValueOrDie();
    EXPECT_THAT(std::get<VectorColumn>(column_of(large).values).values, ElementsAre(1.0F, 2.0F));
    const auto fixed = arrow::FixedSizeListArray::FromArrays(floats({1, 2, 3, 4}), 2).ValueOrDie();
    EXPECT_EQ(std::get<VectorColumn>(column_of(fixed).values).width, 2U);
    EXPECT_THAT(std::get<VectorColumn>(column_of(fixed->Slice(1)).values).values, ElementsAre(3.0F, 4.0F));
}

TEST(ColumnFromArrow, names_a_type_that_is_not_read) {
    const auto nested = lists({0, 1}, lists({0, 1}, texts({"a"})));
    EXPECT_THAT(column_from_arrow("c", *nested).error().message, HasSubstr("column 'c' holds lists of list<item: string>, which are not read"));
    const auto structs = arrow::StructArray::Make({texts({"a"})}, std::vector<std::string>{"x"}).ValueOrDie();
    EXPECT_THAT(column_from_arrow("c", *structs).error().message, HasSubstr("column 'c' has the type struct<x: string>; numbers, booleans"));
}

}  // namespace
}  // namespace shortlist::data
