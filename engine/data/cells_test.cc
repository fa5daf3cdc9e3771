#include "engine/data/cells_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace shortlist::data {
namespace {

using testing::ElementsAre;

// Reference: date -u -d ... +%s
TEST(ParseIsoTime, reads_dates_times_fractions_and_zones) {
    EXPECT_EQ(parse_iso_time("1970-01-01"), 0);
    EXPECT_EQ(parse_iso_time("2022-04-25"), 1'650'844'800 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56Z"), 1'709'210'096 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29 12:34"), 1'709'210'040 * kSecondUs);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56.25+02:00"), (1'709'210'096 - 7200) * kSecondUs + 250'000);
    EXPECT_EQ(parse_iso_time("2024-02-29T12:34:56-0530"), (1'709'210'096 + 19800) * kSecondUs);
    EXPECT_EQ(parse_iso_time("1969-12-31T23:59:59Z"), -kSecondUs);
}

TEST(ParseIsoTime, refuses_what_no_calendar_holds) {
    for (const auto* text :
         {"", "2022", "2022-13-01", "2023-02-29", "1900-02-29", "2022-04-31", "2022-04-25T", "2022-04-25T24:00", "2022-04-25T10:60", "2022-04-25x",
          "2022-04-25T10:00:00.", "2022-04-25T10:00+15:00", "2022-04-25T10:00Z ", "22-04-25", "2022-4-25", "-022-04-25"}) {
        EXPECT_FALSE(parse_iso_time(text)) << text;
    }
}

TEST(ParseNumber, takes_the_whole_text_or_nothing) {
    EXPECT_EQ(parse_number(" 1.5 "), 1.5);
    EXPECT_EQ(parse_number("+2"), 2.0);
    EXPECT_EQ(parse_number("-3e2"), -300.0);
    EXPECT_TRUE(std::isinf(*parse_number("1e999")));
    for (const auto* text : {"", "1,5", "0x10", "1.5m", "one", "--1"}) EXPECT_FALSE(parse_number(text)) << text;
}

Column text_column(const std::vector<std::string>& texts) {
    StringColumn column;
    for (const auto& text : texts) column.push_back(text);
    return {"c", column, {}, false};
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
}

TEST(IdsOf, a_whole_number_among_floats_has_no_fraction) {
    const Column column{"c", std::vector<double>{12.0, 12.5, std::nan("")}, {}, false};
    RowFaults faults(3);
    const auto ids = ids_of({column, 0}, /*required=*/true, faults);
    EXPECT_EQ(ids.values[ids.codes[0]], "12");
    EXPECT_EQ(ids.values[ids.codes[1]], "12.5");
    EXPECT_EQ(faults.fault[2], Fault::MissingId);
}

TEST(IdsOf, allows_256_bytes_and_no_more) {
    RowFaults faults(2);
    static_cast<void>(ids_of({text_column({std::string(256, 'a'), std::string(257, 'a')}), 0}, /*required=*/true, faults));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::IdTooLong));
}

TEST(FlagsOf, reads_words_and_digits_and_nothing_else) {
    RowFaults faults(6);
    EXPECT_THAT(flags_of({text_column({"1", "true", "0", "False", "", "2"}), 0}, faults), ElementsAre(1, 1, 0, 0, 0, 0));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::None, Fault::None, Fault::None, Fault::NotTrueOrFalse));
}

TEST(PositionsOf, are_whole_and_not_negative) {
    RowFaults faults(4);
    EXPECT_THAT(positions_of({text_column({"0", "", "1.5", "-1"}), 0}, faults), ElementsAre(0, kNoPosition, kNoPosition, kNoPosition));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::None, Fault::OutOfRange, Fault::OutOfRange));
}

TEST(ListsOf, cuts_at_the_separator_or_reads_a_json_list) {
    RowFaults faults(4);
    const auto lists = lists_of({text_column({"a| b", "[\"a\", 'b', 3]", "", "[a"}), 0}, "|", faults);
    EXPECT_THAT(lists[0], ElementsAre("a", "b"));
    EXPECT_THAT(lists[1], ElementsAre("a", "b", "3"));
    EXPECT_TRUE(lists[2].empty());
    EXPECT_EQ(faults.fault[3], Fault::NotAList);
}

TEST(VectorsOf, reads_numbers_and_flags_what_is_none) {
    RowFaults faults(3);
    const auto vectors = vectors_of({text_column({"[1, 2.5]", "1 2", "1,x"}), 0}, "", faults);
    EXPECT_THAT(vectors[0], ElementsAre(1.0F, 2.5F));
    EXPECT_THAT(faults.fault, ElementsAre(Fault::None, Fault::NotANumber, Fault::NotANumber));
}

}  // namespace
}  // namespace shortlist::data
