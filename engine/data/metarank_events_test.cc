#include "engine/data/metarank_events_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace shortlist::data {

namespace {

using testing::ElementsAre;

/// The rows that an event stands for, as JSON; or the error.
std::vector<std::string> rows_of(SourceTable table, std::string_view event) {
    const auto parsed = boost::json::parse({event.data(), event.size()});
    MetarankRows rows(table);
    if (const auto begun = rows.begin(parsed.as_object()); !begun) return {"error: " + begun.error().message};
    std::vector<std::string> texts;
    while (const auto* row = rows.next()) texts.push_back(boost::json::serialize(*row));
    return texts;
}

}  // namespace

TEST(MetarankRows, an_item_and_a_user_are_described_by_their_fields) {
    EXPECT_THAT(rows_of(SourceTable::Items,
                        R"({"event": "item", "id": "e1", "timestamp": "1599391467000", "item": "item1", "fields": [
                            {"name": "title", "value": "You favourite cat"}, {"name": "color", "value": ["white", "black"]},
                            {"name": "is_cute", "value": true}, {"name": "item", "value": 7}, {"name": "deep", "value": {"a": 1}}, {"value": 1}, 5]})"),
                ElementsAre(R"({"item":"item1","timestamp":"1599391467000","title":"You favourite cat","color":["white","black"],"is_cute":true,)"
                            R"("field_item":7})"));
    EXPECT_THAT(rows_of(SourceTable::Users, R"({"event": "user", "timestamp": 1, "user": "u1", "fields": [{"name": "age", "value": 33}]})"),
                ElementsAre(R"({"user":"u1","timestamp":1,"age":33})"));
}

TEST(MetarankRows, a_ranking_is_an_impression_of_each_item_with_request_and_position) {
    EXPECT_THAT(rows_of(SourceTable::Events,
                        R"({"event": "ranking", "id": "r1", "timestamp": "1599391467000", "user": "u1", "session": "s1",
                            "fields": [{"name": "query", "value": "cat"}], "items": [{"id": "i3", "relevancy": 2.0}, {"id": "i1"}]})"),
                ElementsAre(R"({"user":"u1","timestamp":"1599391467000","query":"cat","type":"impression","request_id":"r1","item":"i3",)"
                            R"("relevancy":2E0,"id":"r1/0","position":0})",
                            R"({"user":"u1","timestamp":"1599391467000","query":"cat","type":"impression","request_id":"r1","position":1,)"
                            R"("item":"i1","id":"r1/1"})"));
    EXPECT_TRUE(rows_of(SourceTable::Events, R"({"event": "ranking", "id": "r1", "items": []})").empty());
}

TEST(MetarankRows, an_interaction_names_its_ranking_and_a_session_stands_for_a_user_that_is_not_there) {
    EXPECT_THAT(rows_of(SourceTable::Events,
                        R"({"event": "interaction", "id": "e2", "ranking": "r1", "timestamp": "1599391468000", "session": "s1", "type": "click",
                            "item": "i1", "fields": [{"name": "count", "value": 1}]})"),
                ElementsAre(R"({"user":"s1","timestamp":"1599391468000","count":1,"id":"e2","item":"i1","type":"click","request_id":"r1"})"));
}

TEST(MetarankRows, an_event_of_another_table_has_no_rows) {
    for (const auto* event : {R"({"event": "item", "item": "i"})", R"({"event": "user", "user": "u"})"}) {
        EXPECT_TRUE(rows_of(SourceTable::Events, event).empty());
    }
    EXPECT_TRUE(rows_of(SourceTable::Items, R"({"event": "ranking", "id": "r", "items": [{"id": "i"}]})").empty());
    EXPECT_TRUE(rows_of(SourceTable::Users, R"({"event": "interaction", "user": "u", "item": "i"})").empty());
}

TEST(MetarankRows, what_is_none_of_the_four_is_an_error) {
    EXPECT_THAT(rows_of(SourceTable::Events, R"({"event": "click"})"), ElementsAre("error: not an item, user, ranking or interaction"));
    EXPECT_THAT(rows_of(SourceTable::Events, R"({})"), ElementsAre("error: not an item, user, ranking or interaction"));
    EXPECT_THAT(rows_of(SourceTable::Events, R"({"event": "ranking", "id": "r"})"), ElementsAre("error: a ranking without items"));
}

}  // namespace shortlist::data
