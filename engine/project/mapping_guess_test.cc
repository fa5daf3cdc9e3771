#include "engine/project/mapping_guess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/project/text_columns_testing_internal.h"

namespace shortlist::project {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// Columns of a user and an item beside others, of as many rows.
std::vector<ColumnLook> with_ids(const std::vector<data::Column>& others, std::size_t rows) {
    std::vector<data::Column> columns{column("user", different(rows, "u")), column("item", different(rows, "i"))};
    columns.insert(columns.end(), others.begin(), others.end());
    return looks(columns, rows);
}

// One after the other, what was decided and why.
std::vector<std::string> lines_of(const std::vector<Guess>& guesses) {
    std::vector<std::string> lines;
    for (const auto& guess : guesses) lines.push_back(guess.what + ": " + guess.choice + " (" + guess.why + ")");
    return lines;
}

std::vector<std::string> names_of(const std::vector<SignalGuess>& signals) {
    std::vector<std::string> names;
    for (const auto& signal : signals) names.push_back(signal.name);
    return names;
}

}  // namespace

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
    EXPECT_EQ(guess->signals[0].weight, 1);
    EXPECT_EQ(guess->signals[1].weight, 3);
    EXPECT_EQ(guess->signals[1].at_least, std::nullopt);
    EXPECT_EQ(guess->signals[2].weight, -1);
    EXPECT_THAT(lines_of(guess->guesses), ElementsAre("user: User-ID (by its name)", "item: video_id (by its name)", "time: time_ms (by its name)",
                                                      "type: event (by its name)", "value: value (by its name)", "context: device (2 categories)",
                                                      "signal watch: type watch, value at least 0.5, weight 1 (by what the type is called)",
                                                      "signal like: type like, weight 3 (by what the type is called)",
                                                      "signal skip: type skip, weight -1 (by what the type is called)"));
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
    EXPECT_EQ(guess->signals[0].at_least, 0.5);
    EXPECT_EQ(guess->type, "");
    EXPECT_THAT(guess->context, ElementsAre());
    EXPECT_THAT(lines_of(guess->guesses), ElementsAre("user: user_id (by its name)", "item: video_id (by its name)", "time: time_ms (by its name)",
                                                      "flag click: is_click (its values are 0 and 1)", "flag hate: is_hate (its values are 0 and 1)",
                                                      "value watch: play_time_ms / duration_ms (by their names: the share that was played)",
                                                      "signal watch: type watch, value at least 0.5, weight 1 (by what the type is called)",
                                                      "signal click: type click, weight 1 (by what the type is called)",
                                                      "signal hate: type hate, weight -1 (by what the type is called)"));
}

TEST(GuessEvents, takes_no_amount_where_only_one_half_of_a_share_is_there) {
    const auto flag = column("has_shared", {"true", "false"});
    for (const auto* half : {"play_time", "duration"}) {
        const auto guess = guess_events(with_ids({flag, column(half, {"10", "20"})}, 2), {});
        EXPECT_EQ(guess->amount, "") << half;
        EXPECT_EQ(guess->amount_type, "");
        EXPECT_THAT(guess->flags, ElementsAre(Pair("shared", "has_shared")));
        EXPECT_THAT(names_of(guess->signals), ElementsAre("shared"));
        EXPECT_THAT(guess->context, ElementsAre()) << "a flag is no circumstance";
    }
    EXPECT_EQ(guess_events(with_ids({flag, column("play_time", {"10", "20"}), column("duration", {"10", "long"})}, 2), {})->amount, "")
        << "a length that is no number";
}

// Without flags, too, the share that was played is a signal.
TEST(GuessEvents, maps_a_table_of_amounts_alone) {
    const auto guess =
        guess_events(with_ids({column("watch_time", {"10", "20"}), column("length", {"40", "80"}), column("rating", {"1", "5"})}, 2), {});
    EXPECT_EQ(guess->amount, "watch_time");
    EXPECT_EQ(guess->amount_divided_by, "length");
    EXPECT_EQ(guess->value, "") << "one amount is enough";
    EXPECT_THAT(names_of(guess->signals), ElementsAre("watch"));
}

TEST(GuessEvents, wants_a_value_in_a_column_that_it_takes_by_its_name) {
    const auto guess =
        guess_events(looks({column("user_id", {"", ""}), column("uid", {"u1", ""}), column("item_id", {"", ""}), column("sku", {"", "i1"}),
                            column("event_id", {"", ""}), column("request_id", {"", ""}), column("req_id", {"", "r1"}),
                            column("position", {"-1", "2"}), column("pos", {"0.5", "2"}), column("slot", {"0", "2"}), column("value", {"big", "2"})},
                           2),
                     {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->user, "uid");
    EXPECT_EQ(guess->item, "sku");
    EXPECT_EQ(guess->event_id, "");
    EXPECT_EQ(guess->request_id, "req_id");
    EXPECT_EQ(guess->position, "slot") << "whole, from zero on";
    EXPECT_EQ(guess->value, "");
    EXPECT_EQ(guess_events(with_ids({column("event_id", {"e1", ""})}, 2), {})->event_id, "event_id");
    EXPECT_EQ(guess_events(with_ids({column("position", {"0", "-1"})}, 2), {})->position, "");
}

TEST(GuessEvents, takes_a_column_of_few_texts_for_the_type) {
    EXPECT_EQ(guess_events(with_ids({column("event", different(50, "t"))}, 50), {})->type, "event");
    EXPECT_EQ(guess_events(with_ids({column("event", different(51, "t"))}, 51), {})->type, "");
    EXPECT_EQ(guess_events(with_ids({column("event", different(kLookValuesMax + 1, "t"))}, kLookValuesMax + 1), {})->type, "");
    EXPECT_EQ(guess_events(with_ids({column("event", {"0", "1"})}, 2), {})->type, "") << "a flag is no type";
}

TEST(GuessEvents, takes_columns_of_some_categories_for_context) {
    const auto context_of = [](const std::vector<std::string>& cells) {
        return guess_events(with_ids({column("place", cells)}, cells.size()), {})->context.size();
    };
    EXPECT_EQ(context_of({"home", "home"}), 0U) << "says nothing";
    EXPECT_EQ(context_of({"home", "away"}), 1U);
    EXPECT_EQ(context_of(different(200, "p")), 1U);
    EXPECT_EQ(context_of(different(201, "p")), 0U);
    EXPECT_EQ(context_of(different(kLookValuesMax + 1, "p")), 0U);
    EXPECT_EQ(context_of({"home", "away", "7"}), 0U);
    EXPECT_EQ(context_of({"home", "home|away"}), 0U);
    EXPECT_EQ(context_of({"home", "away", "2022-04-25"}), 0U);
}

TEST(GuessEvents, takes_the_types_in_the_order_of_their_counts_and_dislikes_behind) {
    const auto guess = guess_events(
        with_ids({column("type", {"rare", "beta", "beta", "alpha", "alpha", "skip", "skip", "skip", "hide", "shown", "expose"})}, 11), {});
    EXPECT_THAT(names_of(guess->signals), ElementsAre("alpha", "beta", "rare", "skip", "hide"));
    const auto many = guess_events(with_ids({column("type", different(21, "t"))}, 21), {});
    EXPECT_EQ(many->signals.size(), 20U);
}

TEST(GuessEvents, names_signals_by_what_a_project_file_allows) {
    const std::string longest(64, 'x');
    const auto guess = guess_events(with_ids({column("type", {"azAZ09_-", "to cart!", "to_cart_", longest, longest + "x"})}, 5), {});
    EXPECT_THAT(names_of(guess->signals), testing::UnorderedElementsAre("azAZ09_-", "to_cart_", longest));
    for (const auto& signal : guess->signals) {
        if (signal.name == "to_cart_") {
            EXPECT_EQ(signal.type, "to cart!") << "the first of the name";
        }
    }
}

TEST(GuessEvents, bounds_what_was_played_only_where_the_value_can_be_a_share) {
    const auto bound_of = [](const std::vector<std::string>& values) {
        return guess_events(with_ids({column("type", {"play", "play"}), column("value", values)}, 2), {})->signals.at(0).at_least;
    };
    EXPECT_EQ(bound_of({"0", "0.5"}), 0.5);
    EXPECT_EQ(bound_of({"0.25", "0.5"}), 0.5);
    EXPECT_EQ(bound_of({"-0.25", "0.5"}), std::nullopt);
    EXPECT_EQ(bound_of({"10", "20"}), std::nullopt) << "whole: seconds, or how often";
    EXPECT_EQ(bound_of({"few", "many"}), std::nullopt);
    EXPECT_EQ(guess_events(with_ids({column("type", {"like", "like"}), column("value", {"0", "0.5"})}, 2), {})->signals.at(0).at_least, std::nullopt);
}

TEST(GuessEvents, weighs_types_by_what_people_call_them) {
    const auto guess = guess_events(with_ids({column("type", {"Purchase", "view", "Add-To-Cart", "unlike"})}, 4), {});
    for (const auto& signal : guess->signals) {
        EXPECT_EQ(signal.weight, signal.type == "Purchase" ? 5 : signal.type == "view" ? 1 : signal.type == "unlike" ? -1 : 3) << signal.type;
    }
}

TEST(GuessEvents, takes_the_upper_fifth_of_a_rating_scale_for_a_choice) {
    const auto guess = guess_events(looks({column("userId", {"1", "2"}), column("movieId", {"5", "6"}), column("rating", {"0.5", "5"})}, 2), {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->time, "");
    ASSERT_EQ(guess->signals.size(), 1U);
    EXPECT_EQ(guess->signals[0].name, "liked");
    EXPECT_EQ(guess->signals[0].at_least, 4.0);
    EXPECT_EQ(guess->signals[0].weight, 1);
    EXPECT_THAT(lines_of(guess->guesses),
                ElementsAre("user: userId (by its name)", "item: movieId (by its name)",
                            "time: none (no column holds times; features and splits by time are not possible)", "value: rating (by its name)",
                            "signal liked: type interaction, value at least 4, weight 1 (by what the type is called)"));
}

TEST(GuessEvents, takes_for_a_rating_scale_what_begins_at_zero_and_ends_at_two_to_ten) {
    const auto bound_of = [](const std::string& low, const std::string& high) {
        return guess_events(with_ids({column("rating", {low, high})}, 2), {})->signals.at(0).at_least;
    };
    EXPECT_EQ(bound_of("0", "10"), 8.0);
    EXPECT_EQ(bound_of("0", "2"), 1.6);
    EXPECT_EQ(bound_of("0", "10.5"), std::nullopt);
    EXPECT_EQ(bound_of("0.5", "1"), std::nullopt);
    EXPECT_EQ(bound_of("-1", "5"), std::nullopt);
    const auto none = guess_events(with_ids({}, 2), {});
    EXPECT_THAT(names_of(none->signals), ElementsAre("interaction"));
    EXPECT_EQ(none->signals[0].at_least, std::nullopt);
}

TEST(GuessEvents, finds_times_under_any_name) {
    const auto guess = guess_events(looks({column("user", {"1"}), column("item", {"5"}), column("moment", {"2022-04-25 10:00"})}, 1), {});
    EXPECT_EQ(guess->time, "moment");
    EXPECT_THAT(lines_of(guess->guesses), testing::Contains("time: moment (its values are times)"));
}

TEST(GuessEvents, gives_no_column_two_roles) {
    const auto guess = guess_events(
        looks({column("user", {"u", "v"}), column("item", {"1650000000", "1650000001"}), column("score", {"1650000000", "1650000009"})}, 2), {});
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->item, "item") << "ids that could be times are ids";
    EXPECT_EQ(guess->time, "score");
    EXPECT_EQ(guess->value, "");
    const auto told =
        guess_events(looks({column("user", {"u"}), column("visitor", {"v"})}, 1), {.user = "", .item = "user", .time = "", .type = "", .value = ""});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->user, "visitor");
    EXPECT_EQ(told->item, "user");
    EXPECT_THAT(lines_of(told->guesses), testing::Contains("item: user (as told)"));
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
    EXPECT_THAT(lines_of(guess->guesses), ElementsAre("id: video_id (as the events call it)", "attribute category: category (by its values)",
                                                      "attribute creator_id: category (by its values)",
                                                      "attribute duration_ms: number (by its values)", "attribute genres: categories (by its values)",
                                                      "attribute title: text (by its values)", "attribute uploaded_at: time (by its values)"));
}

// The type of a column beside an id.
data::AttributeType type_of(const data::Column& attribute, std::size_t rows) {
    const auto guess = guess_entities(looks({column("id", different(rows, "i")), attribute}, rows), "id").value();
    EXPECT_EQ(guess.attributes.size(), 1U) << attribute.name;
    return guess.attributes.at(0).type;
}

TEST(GuessEntities, takes_numbers_for_codes_where_the_name_says_so) {
    using data::AttributeType;
    EXPECT_EQ(type_of(column("shop_id", {"11", "12"}), 2), AttributeType::Category);
    EXPECT_EQ(type_of(column("zip_code", {"11", "12"}), 2), AttributeType::Category);
    EXPECT_EQ(type_of(column("genre", {"11", "12"}), 2), AttributeType::Category);
    EXPECT_EQ(type_of(column("price", {"11", "12"}), 2), AttributeType::Number);
    EXPECT_EQ(type_of(column("in_stock", {"0", "1"}), 2), AttributeType::Category) << "a flag";
    EXPECT_EQ(type_of(column("price", {"11", ""}), 2), AttributeType::Number) << "one value is enough";
    EXPECT_EQ(type_of({"embedding", data::VectorColumn{2, {1, 2, 3, 4}}, {}}, 2), AttributeType::Vector);
}

TEST(GuessEntities, takes_for_times_dates_and_numbers_that_are_called_so) {
    using data::AttributeType;
    EXPECT_EQ(type_of(column("founded", {"2001-01-01", "2002-01-01"}), 2), AttributeType::Time);
    EXPECT_EQ(type_of(column("founded", {"2001-01-01"}), 1), AttributeType::Time);
    EXPECT_EQ(type_of(column("release_time", {"1650000000", "1650000001"}), 2), AttributeType::Time);
    EXPECT_EQ(type_of(column("followers", {"1650000000", "1650000001"}), 2), AttributeType::Number);
    EXPECT_EQ(type_of(column("run_time", {"90", "95"}), 2), AttributeType::Number);
}

// Of ten values, two lists are an accident and three are not.
TEST(GuessEntities, takes_for_lists_what_has_more_than_one_list_in_five) {
    using data::AttributeType;
    EXPECT_EQ(type_of(column("tags", {"a|b", "b|c", "a", "b", "a", "b", "a", "b", "a", "b"}), 10), AttributeType::Category);
    EXPECT_EQ(type_of(column("tags", {"a|b", "b|c", "a|c", "b", "a", "b", "a", "b", "a", "b"}), 10), AttributeType::Categories);
}

// Text has a space in each value on average, and is mostly different from row to row.
TEST(GuessEntities, tells_text_from_categories_of_several_words) {
    using data::AttributeType;
    EXPECT_EQ(type_of(column("line", {"one two", "three four", "five six", "one two"}), 4), AttributeType::Text);
    EXPECT_EQ(type_of(column("line", {"one two", "three four", "one two", "three four"}), 4), AttributeType::Category);
    EXPECT_EQ(type_of(column("line", {"one", "three four", "five six", "seven"}), 4), AttributeType::Category);
    auto titles = different(kLookValuesMax + 1, "one two ");
    titles.insert(titles.end(), 2 * kLookValuesMax, "one two 0");
    EXPECT_EQ(type_of(column("brand", titles), titles.size()), AttributeType::Text) << "so many texts are no categories, however often they repeat";
}

TEST(GuessEntities, takes_more_than_a_thousand_words_for_text_unless_they_are_codes) {
    using data::AttributeType;
    EXPECT_EQ(type_of(column("label", different(1000, "w")), 1000), AttributeType::Category);
    EXPECT_EQ(type_of(column("label", different(1001, "w")), 1001), AttributeType::Text);
    EXPECT_EQ(type_of(column("label", different(kLookValuesMax + 1, "w")), kLookValuesMax + 1), AttributeType::Text);
    EXPECT_EQ(type_of(column("author", different(1001, "w")), 1001), AttributeType::Category);
}

TEST(GuessEntities, reads_names_by_their_letters_and_digits_alone) {
    const auto guess = guess_entities(
        looks({column("z09", {"1"}), column("a09", {"1"}), column("za9", {"1"}), column("za0", {"1"}), column("ZA_0-9", {"1"})}, 1), "za09");
    ASSERT_TRUE(guess) << guess.error().message;
    EXPECT_EQ(guess->id, "ZA_0-9");
    EXPECT_EQ(guess->guesses[0].why, "by its name");
}

TEST(GuessEntities, takes_for_the_id_what_is_called_so_and_never_repeats) {
    const auto id_of = [](const std::vector<std::string>& cells, const std::string& name) {
        const auto guess = guess_entities(looks({column("name", cells), column(name, cells)}, cells.size()), "item");
        return guess ? guess->id : "none";
    };
    EXPECT_EQ(id_of({"a", "b"}, "id"), "id");
    EXPECT_EQ(id_of({"a", "b"}, "movieId"), "movieId");
    EXPECT_EQ(id_of({"a", "a"}, "movieId"), "none");
    EXPECT_EQ(id_of({"a", "b"}, "movie"), "none");
    EXPECT_EQ(id_of(different(kLookValuesMax + 1, "a"), "movieId"), "movieId");
    auto often = different(kLookValuesMax + 1, "a");
    often.emplace_back("a0");
    EXPECT_EQ(id_of(often, "movieId"), "movieId") << "so many values prove that few repeat";
}

TEST(GuessEntities, refuses_a_file_without_ids) {
    EXPECT_EQ(guess_entities(looks({column("name", {"a"}), column("size", {"1"})}, 1), "item_id").error().message,
              "no column holds the ids that the events call 'item_id'. Columns: name, size");
}

}  // namespace shortlist::project
