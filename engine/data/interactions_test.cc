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
    EXPECT_EQ(signals.match("share", 1.0F), 0U);
    EXPECT_EQ(signals.find("liked").value(), 1U);
    EXPECT_EQ(signals.find("watchd").error().message, "no signal is called 'watchd'; there are watched, liked; did you mean 'watched'?");
    EXPECT_EQ(signals.find("x").error().message, "no signal is called 'x'; there are watched, liked");
}

TEST(SignalSet, bounds_are_both_allowed_and_may_stand_alone) {
    SignalConfig short_watch;
    short_watch.type = "watch";
    short_watch.value.at_most = 0.5;
    SignalConfig middle = short_watch;
    middle.value.at_least = 0.25;
    const auto signals = SignalSet::create({{"short", short_watch}, {"middle", middle}}).value();
    EXPECT_EQ(signals.match("watch", 0.5F), 3U);
    EXPECT_EQ(signals.match("watch", 0.51F), 0U);
    EXPECT_EQ(signals.match("watch", 0.25F), 3U);
    EXPECT_EQ(signals.match("watch", 0.2F), 1U);
    EXPECT_EQ(signals.match("watch", kNoValue), 0U);
}

TEST(SignalSet, matches_a_table_as_it_matches_each_event) {
    const auto events = table_of({{0, 0, "share", 1.0F}, {0, 0, "like", kNoValue}, {0, 0, "watch", 0.9F}, {0, 0, "watch", 0.1F}});
    EXPECT_EQ(watched_and_liked().match(events), (std::vector<SignalMask>{0, 2, 1, 0}));
    EXPECT_EQ(watched_and_liked().match(table_of({{0, 0, "watch", 0.9F}})), (std::vector<SignalMask>{1})) << "no event is a like";
}

TEST(SignalSet, holds_at_most_32_signals) {
    std::vector<Signal> signals(32);
    for (auto& signal : signals) signal.config.type = "watch";
    EXPECT_EQ(SignalSet::create(signals)->match("watch", 1.0F), ~SignalMask{0});
    signals.emplace_back();
    EXPECT_EQ(SignalSet::create(signals).error().message, "signals: at most 32 are allowed; got 33");
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
    EXPECT_EQ(chosen.users, 3U);
    EXPECT_EQ(chosen.item_count, 4U);
    EXPECT_EQ(turned.users, 4U);
    EXPECT_EQ(turned.item_count, 3U);
    const auto of_user = chosen.of(0);
    EXPECT_EQ(std::vector<ItemRow>(of_user.begin(), of_user.end()), (std::vector<ItemRow>{1, 2}));
    EXPECT_EQ(collect_interactions({events, masks, 0, events.size()}, 1, 3, 4).items, (std::vector<ItemRow>{0})) << "likes";
    EXPECT_EQ(collect_interactions({events, masks, 0, events.size()}, 0, 3, 4).weights, (std::vector<float>{1, 1, 1})) << "at most 1";
    EXPECT_EQ(transpose(turned).items, chosen.items);
    EXPECT_EQ(transpose(turned).weights, chosen.weights);
}

TEST(Interactions, reads_only_the_range_it_is_given) {
    const auto events = table_of({{0, 2, "watch", 0.9F}, {0, 1, "watch", 0.9F}, {0, 0, "watch", 0.9F}});
    const auto masks = watched_and_liked().match(events);
    EXPECT_EQ(collect_interactions({events, masks, 1, 2}, 0, 1, 3).items, (std::vector<ItemRow>{1}));
}

}  // namespace
}  // namespace shortlist::data
