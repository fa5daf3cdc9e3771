#include "engine/data/cells_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace shortlist::data {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

// Reference: date -u -d ... +%s
TEST(ParseIsoTime, reads_dates_times_fractions_and_zones) {
    EXPECT_EQ(parse_iso_time("1970-01-01"), 0);
    EXPECT_EQ(parse_iso_time("2022-04-25"), 1'650'844'800 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56Z"), 1'709'210'096 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29 12:34"), 1'709'210'040 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56.25+02:00"), (1'709'210'096 - 7200) * kSecondUs + 250'000);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56-0530"), (1'709'210'096 + 19800) * kSecondUs);
    EXPECT_EQ(parse_iso_time("1969-12-31T23:59:59Z"), -kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-12-31t23:59:59z"), 1'735'689'599 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2000-02-29T10:59:60"), 951'822'000 * kSecondUs) << "a leap second is the second behind it";
    EXPECT_EQ(parse_iso_time("9999-12-31"), 253'402'214'400 * kSecondUs);
}

TEST(ParseIsoTime, keeps_microseconds_of_a_fraction) {
    EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.9"), 900'000);
    EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.05"), 50'000);
    EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.123456789Z"), 123'456);
}

TEST(ParseIsoTime, takes_offsets_of_up_to_fifteen_hours) {
    EXPECT_EQ(parse_iso_time("1970-01-02T00:00+14:59"), kDayUs - 14 * kHourUs - 59 * kMinuteUs);
    EXPECT_EQ(parse_iso_time("1970-01-01T00:00-03"), 3 * kHourUs);
}

TEST(ParseIsoTime, refuses_what_no_calendar_holds) {
    for (const auto* text : {"",
                             "2022",
                             "2022-00-01",
                             "2022-13-01",
                             "2022-01-00",
                             "2022-01-32",
                             "2023-02-29",
                             "1900-02-29",
                             "2022-04-31",
                             "2022-04-25T",
                             "2022-04-25T24:00",
                             "2022-04-25T10:60",
                             "2022-04-25x",
                             "2022-04-25T10:00:00.",
                             "2022-04-25T10:00+15:00",
                             "2022-04-25T10:00Z ",
                             "22-04-25",
                             "2022-4-25",
                             "-022-04-25",
                             "20x2-04-25",
                             "2022/04/25",
                             "2022-04/25",
                             "2022-04-2",
                             "2022-04-25T1",
                             "2022-04-25T1000",
                             "2022-04-25T10:0",
                             "2022-04-25T10:00:",
                             "2022-04-25T10:00:0",
                             "2022-04-25T10:00:61",
                             "2022-04-25T10:00:00.x",
                             "2022-04-25T10:00x",
                             "2022-04-25T10:00+1",
                             "2022-04-25T10:00+10:60",
                             "2022-04-25T10:00+10:0"}) {
        EXPECT_FALSE(parse_iso_time(text)) << text;
    }
}

TEST(ParseNumber, takes_the_whole_text_or_nothing) {
    EXPECT_EQ(parse_number(" 1.5 "), 1.5);
    EXPECT_EQ(parse_number("+2"), 2.0);
    EXPECT_EQ(parse_number("-3e2"), -300.0);
    EXPECT_TRUE(std::isinf(*parse_number("1e999")));
    EXPECT_EQ(parse_number("1e-999"), 0.0);
    EXPECT_FALSE(parse_number("1e999x"));
    EXPECT_EQ(parse_number("\t7\t"), 7.0);
    for (const auto* text : {"", " ", "1,5", "0x10", "1.5m", "one", "--1", "+-1", "++1", "+"}) EXPECT_FALSE(parse_number(text)) << text;
}

Column text_column(const std::vector<std::string>& texts) {
    StringColumn column;
    for (const auto& text : texts) column.push_back(text);
    return {"c", column, {}, false};
}

template <class T>
Column number_column(const std::vector<T>& numbers) {
    return {"c", numbers, {}, false};
}

/// Three rows of one text each, of which the first is missing and the second empty.
Column column_with_gaps(bool coded) {
    if (coded) return {"c", CodedColumn{{1, 0, 1}, std::get<StringColumn>(text_column({"", "1"}).values)}, {0, 1, 1}, false};
    Column column = text_column({"1", "", "1"});
    column.valid = {0, 1, 1};
    return column;
}

Column vector_column() { return {"c", VectorColumn{2, {1, 2, NAN, NAN, 5, INFINITY}}, {1, 0, 1}, false}; }

Column list_column() {
    StringListColumn lists;
    for (const auto* text : {"a", "b", "c"}) lists.strings.push_back(text);
    lists.offsets = {0, 2, 2, 3};
    return {"c", lists, {1, 0, 1}, false};
}

TEST(TimesOf, the_first_number_settles_the_unit) {
    struct Case {
        std::int64_t number;
        TimeUnit unit;
    };
    for (const auto& [number, unit] : {Case{1'650'844'800, TimeUnit::Seconds}, Case{1'650'844'800'000, TimeUnit::Milliseconds},
                                       Case{1'650'844'800'000'000, TimeUnit::Microseconds}, Case{1'650'844'800'000'000'000, TimeUnit::Nanoseconds}}) {
        const Column column{"c", std::vector<std::int64_t>{number}, {}, false};
        RowFaults faults(1);
        TimeUnit settled = TimeUnit::Auto;
        EXPECT_THAT(times_of({column, 0}, settled, faults), ElementsAre(1'650'844'800 * kSecondUs));
        EXPECT_EQ(settled, unit);
    }
}

TEST(TimesOf, a_later_batch_keeps_the_unit) {
    TimeUnit unit = TimeUnit::Auto;
    RowFaults faults(1);
    EXPECT_THAT(times_of({text_column({"1650844800000"}), 0}, unit, faults), ElementsAre(1'650'844'800 * kSecondUs));
    EXPECT_THAT(times_of({text_column({"5"}), 0}, unit, faults), ElementsAre(5000));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None));
}

TEST(TimesOf, a_number_on_the_border_of_two_units_has_the_smaller_one) {
    for (const auto& [number, unit] :
         {std::pair{1e11, TimeUnit::Milliseconds}, std::pair{1e14, TimeUnit::Microseconds}, std::pair{1e17, TimeUnit::Nanoseconds}}) {
        RowFaults faults(1);
        TimeUnit settled = TimeUnit::Auto;
        EXPECT_THAT(times_of({number_column<double>({number}), 0}, settled, faults), ElementsAre(100'000'000 * kSecondUs));
        EXPECT_EQ(settled, unit);
    }
}

TEST(TimesOf, takes_numbers_with_a_fraction_dates_and_numbers_as_text) {
    RowFaults faults(5);
    TimeUnit unit = TimeUnit::Seconds;
    const auto texts = text_column({"1.5", " 2 ", "1970-01-01T00:00:03Z", "soon", ""});
    EXPECT_THAT(times_of({texts, 0}, unit, faults), ElementsAre(1'500'000, 2'000'000, 3'000'000, kNoTime, kNoTime));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::None, Fault::NotATime, Fault::None));
}

TEST(TimesOf, lie_before_the_year_10000) {
    constexpr std::int64_t kLast = 253'402'300'800;  // date -u -d 10000-01-01 +%s
    TimeUnit unit = TimeUnit::Seconds;
    RowFaults whole(3);
    EXPECT_THAT(times_of({number_column<std::int64_t>({kLast, kLast + 1, -kLast - 1}), 0}, unit, whole),
                ElementsAre(kLast * kSecondUs, kNoTime, kNoTime));
    EXPECT_THAT(whole.fault, ElementsAre(Fault::None, Fault::OutOfRange, Fault::OutOfRange));
    RowFaults broken(4);
    constexpr auto kLastSecond = static_cast<double>(kLast);
    EXPECT_THAT(times_of({number_column<double>({kLastSecond, kLastSecond + 1, INFINITY, NAN}), 0}, unit, broken),
                ElementsAre(kLast * kSecondUs, kNoTime, kNoTime, kNoTime));
    EXPECT_THAT(broken.fault, ElementsAre(Fault::None, Fault::OutOfRange, Fault::NotFinite, Fault::NotFinite));
}

TEST(TimesOf, time_stamps_are_microseconds_whatever_the_unit) {
    RowFaults faults(2);
    TimeUnit unit = TimeUnit::Seconds;
    EXPECT_THAT(times_of({{"c", std::vector<std::int64_t>{7, 8}, {1, 0}, true}, 0}, unit, faults), ElementsAre(7, kNoTime));
}

TEST(CellsOf, a_list_is_no_id_number_flag_or_time_where_it_is_there) {
    for (const auto& column : {vector_column(), list_column()}) {
        const auto faults_of = [&column](const auto& read) {
            RowFaults faults(3);
            read({column, 4}, faults);
            EXPECT_THAT(faults.column, ElementsAre(4, 0, 4));
            EXPECT_EQ(faults.fault[0], faults.fault[2]);
            EXPECT_TRUE(faults.good(1)) << "a missing cell has no fault";
            return faults.fault[0];
        };
        EXPECT_EQ(faults_of([](const Cells& cells, RowFaults& faults) { EXPECT_THAT(numbers_of(cells, false, faults), Each(testing::IsNan())); }),
                  Fault::NotANumber);
        EXPECT_EQ(faults_of([](const Cells& cells, RowFaults& faults) { EXPECT_THAT(flags_of(cells, faults), ElementsAre(0, 0, 0)); }),
                  Fault::NotTrueOrFalse);
        EXPECT_EQ(faults_of([](const Cells& cells, RowFaults& faults) {
                      TimeUnit unit = TimeUnit::Auto;
                      EXPECT_THAT(times_of(cells, unit, faults), Each(kNoTime));
                  }),
                  Fault::NotATime);
        EXPECT_THAT(texts_of({column, 4}).codes, ElementsAre(kNoRow, kNoRow, kNoRow));
    }
}

TEST(CellsOf, missing_and_empty_texts_are_no_values) {
    for (const bool coded : {false, true}) {
        const Column column = column_with_gaps(coded);
        RowFaults faults(3);
        const auto numbers = numbers_of({column, 0}, /*nan_is_missing=*/false, faults);
        EXPECT_TRUE(std::isnan(numbers[0]) && std::isnan(numbers[1]));
        EXPECT_EQ(numbers[2], 1.0);
        EXPECT_THAT(flags_of({column, 0}, faults), ElementsAre(0, 0, 1));
        const auto texts = texts_of({column, 0});
        EXPECT_EQ(texts.codes[0], kNoRow);
        EXPECT_EQ(texts.codes[1], kNoRow);
        EXPECT_EQ(texts.values[texts.codes[2]], "1");
        EXPECT_THAT(faults.fault, Each(Fault::None));
    }
}

TEST(RowFaults, keeps_the_first_fault_of_a_row) {
    RowFaults faults(1);
    faults.flag(0, Fault::NotANumber, 2);
    faults.flag(0, Fault::NotATime, 3);
    EXPECT_EQ(faults.fault[0], Fault::NotANumber);
    EXPECT_EQ(faults.column[0], 2);
}

TEST(TextsOf, equal_cells_share_a_code) {
    EXPECT_THAT(texts_of({number_column<std::int64_t>({5, 7, 5}), 0}).codes, ElementsAre(0U, 1U, 0U));
    EXPECT_EQ(texts_of({number_column<std::int64_t>({5, 7, 5}), 0}).values.size(), 2U);
    EXPECT_THAT(texts_of({text_column({"b", "a", "b"}), 0}).codes, ElementsAre(0U, 1U, 0U));
    EXPECT_EQ(texts_of({text_column({"b", "a", "b"}), 0}).values.size(), 2U);
    EXPECT_THAT(texts_of({{"c", std::vector<std::int64_t>{5, 5}, {0, 1}, false}, 0}).codes, ElementsAre(kNoRow, 0U));
}

TEST(IdsOf, a_whole_number_among_floats_has_no_fraction) {
    const Column column{"c", std::vector<double>{12.0, 12.5, std::nan("")}, {}, false};
    RowFaults faults(3);
    const auto ids = ids_of({column, 6}, /*required=*/true, faults);
    EXPECT_EQ(ids.values[ids.codes[0]], "12");
    EXPECT_EQ(ids.values[ids.codes[1]], "12.5");
    EXPECT_EQ(faults.fault[2], Fault::MissingId);
    EXPECT_THAT(faults.column, ElementsAre(0, 0, 6));
}

TEST(IdsOf, a_missing_one_is_a_fault_only_where_it_is_required) {
    RowFaults faults(2);
    static_cast<void>(ids_of({text_column({"a", ""}), 0}, /*required=*/false, faults));
    EXPECT_THAT(faults.fault, Each(Fault::None));
}

TEST(IdsOf, allows_256_bytes_and_no_more) {
    RowFaults faults(2);
    static_cast<void>(ids_of({text_column({std::string(256, 'a'), std::string(257, 'a')}), 0}, /*required=*/true, faults));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::IdTooLong));
}

TEST(FlagsOf, reads_words_and_digits_and_nothing_else) {
    RowFaults good(11);
    EXPECT_THAT(flags_of({text_column({"1", "true", "True", "TRUE", " 1.0 ", "0", "false", "False", "FALSE", "0.0", ""}), 0}, good),
                ElementsAre(1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0));
    EXPECT_THAT(good.fault, Each(Fault::None));
    RowFaults bad(3);
    EXPECT_THAT(flags_of({text_column({"2", "yes", "tRUE"}), 0}, bad), Each(0));
    EXPECT_THAT(bad.fault, Each(Fault::NotTrueOrFalse));
}

TEST(FlagsOf, takes_zero_and_one_among_numbers) {
    RowFaults faults(5);
    EXPECT_THAT(flags_of({{"c", std::vector<double>{1, 0, 2, 0.5, 1}, {1, 1, 1, 1, 0}, false}, 0}, faults), ElementsAre(1, 0, 0, 0, 0));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::NotTrueOrFalse, Fault::NotTrueOrFalse, Fault::None));
}

TEST(NumbersOf, are_finite_and_fit_a_float) {
    constexpr double kLargest = std::numeric_limits<float>::max();
    const auto column = number_column<double>({kLargest, 2 * kLargest, -2 * kLargest, INFINITY, NAN});
    RowFaults faults(5);
    const auto numbers = numbers_of({column, 0}, /*nan_is_missing=*/false, faults);
    EXPECT_EQ(numbers[0], kLargest);
    EXPECT_TRUE(std::isnan(numbers[1]));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::OutOfRange, Fault::OutOfRange, Fault::NotFinite, Fault::NotFinite));
    RowFaults with_gaps(5);
    EXPECT_TRUE(std::isnan(numbers_of({column, 0}, /*nan_is_missing=*/true, with_gaps)[4]));
    EXPECT_EQ(with_gaps.fault[3], Fault::NotFinite);
    EXPECT_EQ(with_gaps.fault[4], Fault::None);
}

TEST(PositionsOf, are_whole_and_not_negative) {
    RowFaults faults(4);
    EXPECT_THAT(positions_of({text_column({"0", "", "1.5", "-1"}), 0}, faults), ElementsAre(0, kNoPosition, kNoPosition, kNoPosition));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::OutOfRange, Fault::OutOfRange));
}

TEST(PositionsOf, end_with_the_last_32_bit_number) {
    RowFaults faults(2);
    EXPECT_THAT(positions_of({number_column<std::int64_t>({2'147'483'647, 2'147'483'648}), 0}, faults), ElementsAre(2'147'483'647, kNoPosition));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::OutOfRange));
}

TEST(ListsOf, cuts_at_the_separator_or_reads_a_json_list) {
    RowFaults faults(4);
    const auto lists = lists_of({text_column({"a| b", "[\"a\", 'b', 3]", "", "[a"}), 0}, "|", faults);
    EXPECT_THAT(lists[0], ElementsAre("a", "b"));
    EXPECT_THAT(lists[1], ElementsAre("a", "b", "3"));
    EXPECT_TRUE(lists[2].empty());
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::None, Fault::NotAList));
}

TEST(ListsOf, quotes_belong_to_json_lists_and_empty_parts_are_left_out) {
    RowFaults faults(4);
    const auto lists = lists_of({text_column({"a,,\"b\"", R"([""])", R"(["a', "])", "[]"}), 0}, "", faults);
    EXPECT_THAT(lists, ElementsAre(ElementsAre("a", "\"b\""), IsEmpty(), ElementsAre("a', "), IsEmpty()));
    EXPECT_THAT(faults.fault, Each(Fault::None));
}

TEST(ListsOf, cuts_at_separators_of_several_characters) {
    RowFaults faults(1);
    EXPECT_THAT(lists_of({text_column({"a, b::c"}), 0}, "::", faults)[0], ElementsAre("a, b", "c"));
}

TEST(ListsOf, texts_of_a_json_list_may_hold_commas_and_quotes) {
    RowFaults faults(2);
    const auto lists = lists_of({text_column({R"(["b, c", "a \"d\"", "\u00e9"])", R"(["b, c", 'a'])"}), 0}, "", faults);
    EXPECT_THAT(lists[0], ElementsAre("b, c", "a \"d\"", "\xc3\xa9"));
    EXPECT_THAT(lists[1], ElementsAre("\"b", "c\"", "a")) << "not quite JSON";
}

TEST(ListsOf, takes_a_column_of_lists) {
    RowFaults faults(3);
    EXPECT_THAT(lists_of({list_column(), 0}, "", faults), ElementsAre(ElementsAre("a", "b"), IsEmpty(), ElementsAre("c")));
    EXPECT_THAT(faults.fault, Each(Fault::None));
}

TEST(ListsOf, holds_parts_to_the_rules_for_ids_and_lists_to_65536_parts) {
    std::string longest = "a";
    for (int i = 1; i < 65536; ++i) longest += ",a";
    RowFaults faults(3);
    static_cast<void>(lists_of({text_column({"a," + std::string(257, 'a'), longest, longest + ",a"}), 5}, "", faults));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::IdTooLong, Fault::None, Fault::OutOfRange));
    EXPECT_THAT(faults.column, ElementsAre(5, 0, 5));
}

TEST(VectorsOf, reads_numbers_and_flags_what_is_none) {
    RowFaults faults(3);
    const auto vectors = vectors_of({text_column({"[1, 2.5]", "1 2", "1,x"}), 0}, "", faults);
    EXPECT_THAT(vectors[0], ElementsAre(1.0F, 2.5F));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::NotANumber, Fault::NotANumber));
}

TEST(VectorsOf, hold_numbers_that_fit_a_float) {
    RowFaults faults(2);
    const auto vectors = vectors_of({text_column({"3.4028234663852886e38", "3.5e38"}), 0}, "", faults);
    EXPECT_THAT(vectors[0], ElementsAre(std::numeric_limits<float>::max()));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::NotANumber));
}

TEST(VectorsOf, takes_a_column_of_vectors_and_flags_what_is_not_finite) {
    RowFaults faults(3);
    const auto vectors = vectors_of({vector_column(), 0}, "", faults);
    EXPECT_THAT(vectors, ElementsAre(ElementsAre(1.0F, 2.0F), IsEmpty(), ElementsAre(5.0F, INFINITY)));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::NotFinite));
}

TEST(CellText, shows_any_cell_cut_to_200_bytes) {
    EXPECT_EQ(cell_text(column_with_gaps(false), 2), "1");
    EXPECT_EQ(cell_text(column_with_gaps(true), 2), "1");
    EXPECT_EQ(cell_text(column_with_gaps(true), 0), "") << "it is missing";
    EXPECT_EQ(cell_text(text_column({std::string(201, 'a')}), 0), std::string(200, 'a') + "...");
    EXPECT_EQ(cell_text(list_column(), 0), "(a list)");
    EXPECT_EQ(cell_text(number_column<std::int64_t>({-7}), 0), "-7");
}

TEST(CellText, shows_whole_numbers_below_9e15_without_an_exponent) {
    const auto column = number_column<double>({12, 8e15, 9e15, 1e300, 0.5});
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < 5; ++row) texts.push_back(cell_text(column, row));
    EXPECT_THAT(texts, ElementsAre("12", "8000000000000000", "9e+15", "1e+300", "0.5"));
}

}  // namespace
}  // namespace shortlist::data
