#include "engine/data/interactions.h"

#include <gtest/gtest.h>

namespace shortlist::data {
namespace {

struct Row {
    UserRow user;
    ItemRow item;
    const char* type;
    float value;
};

EventTable table_of(const std::vector<Row>& rows) {
    EventTable events;
    for (const auto& row : rows) {
        events.time.push_back(static_cast<TimeUs>(events.time.size()));
        events.user.push_back(row.user);
        events.item.push_back(row.item);
        events.type.push_back(static_cast<std::uint16_t>(events.types.add(row.type)));
        events.value.push_back(row.value);
    }
    return events;
}

SignalSet watched_and_liked() {
    SignalConfig watched;
    watched.type = "watch";
    watched.value.at_least = 0.5;
    SignalConfig liked;
    liked.type = "like";
    return SignalSet::create({{"watched", watched}, {"liked", liked}}).value();
}

TEST(SignalSet, reads_type_and_value) {
    const auto signals = watched_and_liked();
    EXPECT_EQ(signals.match("watch", 0.5F), 1U);
    EXPECT_EQ(signals.match("watch", 0.49F), 0U);
    EXPECT_EQ(signals.match("watch", kNoValue), 0U);
    EXPECT_EQ(signals.match("like", kNoValue), 2U);
    EXPECT_EQ(signals.find("liked").value(), 1U);
    EXPECT_NE(signals.find("watchd").error().message.find("did you mean 'watched'"), std::string::npos);
}

// User 0 watched item 2 twice and item 1 once; user 1 nothing that counts; user 2 item 2.
TEST(Interactions, count_each_pair_once_with_how_often_as_weight) {
    const auto events = table_of({{0, 2, "watch", 0.9F},
                                  {1, 2, "watch", 0.1F},
                                  {0, 1, "watch", 0.5F},
                                  {0, 2, "watch", 0.7F},
                                  {2, 2, "watch", 1.0F},
                                  {0, 0, "like", kNoValue}});
    const auto masks = watched_and_liked().match(events);
    const auto chosen = collect_interactions({events, masks, 0, events.size()}, 0, 3, 4, 5.0F);
    EXPECT_EQ(chosen.offsets, (std::vector<std::uint64_t>{0, 2, 2, 3}));
    EXPECT_EQ(chosen.items, (std::vector<ItemRow>{1, 2, 2}));
    EXPECT_EQ(chosen.weights, (std::vector<float>{1, 2, 1}));
    const auto turned = transpose(chosen);
    EXPECT_EQ(turned.offsets, (std::vector<std::uint64_t>{0, 0, 1, 3, 3}));
    EXPECT_EQ(turned.items, (std::vector<ItemRow>{0, 0, 2}));
    EXPECT_EQ(turned.weights, (std::vector<float>{1, 2, 1}));
}

TEST(Interactions, reads_only_the_range_it_is_given) {
    const auto events = table_of({{0, 2, "watch", 0.9F}, {0, 1, "watch", 0.9F}, {0, 0, "watch", 0.9F}});
    const auto masks = watched_and_liked().match(events);
    EXPECT_EQ(collect_interactions({events, masks, 1, 2}, 0, 1, 3).items, (std::vector<ItemRow>{1}));
}

}  // namespace
}  // namespace shortlist::data
