#include "engine/project/mapping_guess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shortlist::project {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// A column of text cells, as a CSV file gives it; an empty cell is missing.
data::Column column(const std::string& name, const std::vector<std::string>& cells) {
    data::StringColumn values;
    std::vector<std::uint8_t> valid;
    for (const auto& cell : cells) {
        values.push_back(cell);
        valid.push_back(cell.empty() ? 0 : 1);
    }
    return {name, values, valid};
}

std::vector<ColumnLook> looks(const std::vector<data::Column>& columns, std::size_t rows) { return look_at(data::ColumnBatch{rows, columns}); }

std::vector<std::string> names_of(const std::vector<SignalGuess>& signals) {
    std::vector<std::string> names;
    for (const auto& signal : signals) names.push_back(signal.name);
    return names;
}

}  // namespace

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

TEST(GuessEvents, maps_a_log_of_typed_events) {
    const auto guess = guess_events(looks({column("User-ID", {"u1", "u2", "u1", "u1", "u2"}), column("video_id", {"v1", "v2", "v3", "v4", "v5"}),
                                           column("time_ms", {"1650000000000", "1650000000001", "1650000000002", "1650000000003", "1650000000004"}),
                                           column("event", {"impression", "watch", "watch", "like", "skip"}),
                                           column("value", {"", "0.25", "1.5", "", ""}), column("device", {"phone", "tv", "phone", "tv", "phone"})},
                                          5),
                                    {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->user, "User-ID");
    EXPECT_EQ(guess->item, "video_id");
    EXPECT_EQ(guess->time, "time_ms");
    EXPECT_EQ(guess->type, "event");
    EXPECT_EQ(guess->value, "value");
    EXPECT_THAT(guess->context, ElementsAre("device"));
    EXPECT_THAT(names_of(guess->signals), ElementsAre("watch", "like", "skip")) << "the frequent first, dislikes last, impressions are none";
    EXPECT_EQ(guess->signals[0].at_least, 0.5);
    EXPECT_EQ(guess->signals[1].weight, 3);
    EXPECT_EQ(guess->signals[2].weight, -1);
}

TEST(GuessEvents, maps_a_wide_table_of_flags_and_amounts) {
    const auto guess = guess_events(
        looks({column("user_id", {"1", "2", "3"}), column("video_id", {"7", "8", "9"}), column("date", {"20220425", "20220425", "20220426"}),
               column("time_ms", {"1650000000000", "1650000000001", "1650000000002"}), column("is_click", {"1", "1", "0"}),
               column("is_hate", {"0", "1", "0"}), column("play_time_ms", {"100", "200", "0"}), column("duration_ms", {"1000", "1000", "1000"})},
              3),
        {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->time, "time_ms");
    EXPECT_THAT(guess->flags, ElementsAre(Pair("click", "is_click"), Pair("hate", "is_hate")));
    EXPECT_EQ(guess->amount, "play_time_ms");
    EXPECT_EQ(guess->amount_divided_by, "duration_ms");
    EXPECT_THAT(names_of(guess->signals), ElementsAre("watch", "click", "hate"));
    EXPECT_EQ(guess->type, "");
}

TEST(GuessEvents, takes_the_upper_fifth_of_a_rating_scale_for_a_choice) {
    const auto guess = guess_events(looks({column("userId", {"1", "2"}), column("movieId", {"5", "6"}), column("rating", {"0.5", "5"})}, 2), {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->time, "");
    ASSERT_EQ(guess->signals.size(), 1U);
    EXPECT_EQ(guess->signals[0].name, "liked");
    EXPECT_EQ(guess->signals[0].at_least, 4.0);
}

TEST(GuessEvents, finds_times_under_any_name) {
    const auto guess = guess_events(looks({column("user", {"1"}), column("item", {"5"}), column("moment", {"2022-04-25 10:00"})}, 1), {});
    EXPECT_EQ(guess->time, "moment");
}

TEST(GuessEvents, does_as_it_is_told) {
    const auto columns = looks({column("who", {"1"}), column("user", {"x"}), column("what", {"5"})}, 1);
    const auto guess = guess_events(columns, {.user = "who", .item = "what", .time = "", .type = "", .value = ""});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->user, "who");
    EXPECT_EQ(guess->item, "what");
    EXPECT_THAT(guess_events(columns, {.user = "whoo", .item = "", .time = "", .type = "", .value = ""}).error().message,
                HasSubstr("there is no column 'whoo'; did you mean 'who'?"));
}

TEST(GuessEvents, says_how_to_name_what_it_cannot_tell) {
    const auto guess = guess_events(looks({column("user", {"1"}), column("b", {"5"})}, 1), {});
    ASSERT_FALSE(guess);
    EXPECT_EQ(guess.error().message, "cannot tell which column is the item's id; name it with --item COLUMN. Columns: user, b");
}

TEST(GuessEntities, tells_attribute_types_from_values) {
    const auto guess =
        guess_entities(looks({column("video_id", {"v1", "v2", "v3"}), column("category", {"a", "b", "a"}), column("creator_id", {"11", "12", "11"}),
                              column("duration_ms", {"10", "20", "30"}), column("genres", {"x|y", "x", "y|z"}),
                              column("title", {"a long night", "the short day", "no more words"}),
                              column("uploaded_at", {"1650000000", "1650000001", "1650000002"}), column("empty", {"", "", ""})},
                             3),
                       "video_id");
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->id, "video_id");
    std::vector<std::pair<std::string, data::AttributeType>> attributes;
    for (const auto& attribute : guess->attributes) attributes.emplace_back(attribute.name, attribute.type);
    using data::AttributeType;
    EXPECT_THAT(attributes, ElementsAre(Pair("category", AttributeType::Category), Pair("creator_id", AttributeType::Category),
                                        Pair("duration_ms", AttributeType::Number), Pair("genres", AttributeType::Categories),
                                        Pair("title", AttributeType::Text), Pair("uploaded_at", AttributeType::Time)));
}

TEST(GuessEntities, refuses_a_file_without_ids) {
    EXPECT_THAT(guess_entities(looks({column("name", {"a"})}, 1), "item_id").error().message,
                HasSubstr("no column holds the ids that the events call 'item_id'"));
}

}  // namespace shortlist::project
