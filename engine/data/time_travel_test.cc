#include "engine/data/time_travel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/data/catalogue.h"

namespace shortlist::data {
namespace {

ItemUpsert price(const std::string& item, double value) {
    ItemUpsert upsert;
    upsert.id = item;
    upsert.attributes.emplace_back("price", value);
    return upsert;
}

Event event_at(TimeUs time, const std::string& item) {
    Event event;
    event.time = time;
    event.user = "u";
    event.item = item;
    event.type = "choose";
    event.context = {{"device", "phone"}};
    return event;
}

// Times 10, 20, 15 (late), 40, 30 (late), with a's price 1, 2 and 3 before the 2nd, the 4th and behind the last, and a tick of 45.
Dataset small_log() {
    Dataset data;
    data.items.attributes.push_back(make_attribute("price", AttributeType::Number));
    data.events.context_names = {"device"};
    data.events.context_values.resize(1);
    data.events.context_values[0].add("");
    data.events.context.resize(1);
    append_record(event_at(10, "a"), data);
    append_record(price("a", 1), data);
    append_record(event_at(20, "a"), data);
    append_record(event_at(15, "b"), data);
    append_record(price("a", 2), data);
    append_record(event_at(40, "c"), data);
    append_record(event_at(30, "a"), data);
    append_record(price("a", 3), data);
    append_record(Tick{45}, data);
    apply_changes(data);
    data.imported_events = 4;
    return data;
}

float price_of_a(const Dataset& data) { return data.items.attributes[0].numbers[data.items.ids.find("a")]; }

TEST(TimeTravel, sees_the_records_up_to_the_first_one_of_later) {
    struct Case {
        TimeUs time;
        std::size_t events;
        std::size_t changes;
        float price;
    };
    for (const auto& [time, events, changes, price] : {Case{45, 5, 4, 3}, Case{44, 5, 3, 3}, Case{40, 5, 3, 3}, Case{39, 3, 1, 1}, Case{20, 3, 1, 1},
                                                       Case{19, 1, 0, std::nanf("")}, Case{9, 0, 0, std::nanf("")}}) {
        Dataset data = small_log();
        cut_behind(time, data);
        EXPECT_EQ(data.events.size(), events) << time;
        EXPECT_EQ(data.events.context[0].size(), events) << time;
        EXPECT_EQ(data.changes.size(), changes) << time;
        EXPECT_EQ(data.imported_events, std::min<std::size_t>(events, 4)) << time;
        EXPECT_EQ(std::isnan(price), std::isnan(price_of_a(data))) << time;
        if (!std::isnan(price)) {
            EXPECT_EQ(price_of_a(data), price) << time;
        }
    }
}

TEST(TimeTravel, to_an_offset_keeps_so_many_events_and_the_changes_before_them) {
    Dataset data = small_log();
    cut_at(1, data);
    EXPECT_EQ(data.events.size(), 1U);
    EXPECT_EQ(data.changes.size(), 1U);
    EXPECT_EQ(price_of_a(data), 1.0F);
    Dataset whole = small_log();
    cut_at(1000, whole);
    EXPECT_EQ(whole.events.size(), 5U);
    EXPECT_EQ(price_of_a(whole), 3.0F);
}

TEST(TimeTravel, to_a_number_of_changes_leaves_out_those_that_came_after_the_last_event) {
    Dataset data = small_log();
    const Dataset whole = small_log();
    ASSERT_EQ(whole.changes.size(), 4U);
    cut_at(whole.events.size(), 3, data);
    EXPECT_EQ(data.events.size(), whole.events.size());
    EXPECT_EQ(data.changes.size(), 3U);
    cut_at(1, 0, data);
    EXPECT_TRUE(std::isnan(price_of_a(data)));
}

}  // namespace
}  // namespace shortlist::data
