#include "engine/kafka/event_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/base/random.h"

namespace shortlist::kafka {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Partition partition(std::int32_t number) { return {"clicks", number}; }

data::Event event_at(std::string id, TimeUs time) {
    data::Event event;
    event.event_id = std::move(id);
    event.time = time;
    return event;
}

/// Ticks as `|` and their minute, events as their ids.
std::vector<std::string> words_of(const std::vector<data::Record>& records) {
    std::vector<std::string> words;
    for (const auto& record : records) {
        if (const auto* tick = std::get_if<data::Tick>(&record)) words.push_back("|" + std::to_string(tick->time / kMinuteUs));
        if (const auto* event = std::get_if<data::Event>(&record)) words.push_back(event->event_id);
        if (const auto* item = std::get_if<data::ItemUpsert>(&record)) words.push_back(item->id);
    }
    return words;
}

constexpr std::size_t kAll = 1'000'000;

/// An order of two partitions without lateness, in minutes.
class TwoPartitions : public testing::Test {
protected:
    TwoPartitions() {
        order.give(partition(0), std::nullopt, true, 0);
        order.give(partition(1), std::nullopt, true, 0);
    }
    void add(std::int32_t number, std::string id, double minute, double now = 0) {
        const std::int64_t offset = next[static_cast<std::size_t>(number)]++;
        order.add(partition(number), offset, {event_at(std::move(id), static_cast<TimeUs>(minute * kMinuteUs))}, now);
    }
    std::vector<std::string> due(double now = 0) { return words_of(order.release(kAll, now).records); }

    EventOrder order{OrderOptions{}};
    std::int64_t next[2] = {0, 0};
};

TEST_F(TwoPartitions, an_event_of_an_open_minute_is_due_at_once_and_one_ahead_waits) {
    add(0, "a", 5.1);
    EXPECT_THAT(due(), IsEmpty());  // the other partition may still be in any minute
    add(1, "b", 5.9);
    EXPECT_THAT(due(), ElementsAre("|5", "a", "b"));
    add(0, "c", 6.0);
    EXPECT_THAT(due(), IsEmpty());
    add(1, "d", 5.95);
    EXPECT_THAT(due(), ElementsAre("d"));
    add(1, "e", 7.5);
    EXPECT_THAT(due(), ElementsAre("|6", "c"));
}

TEST_F(TwoPartitions, an_event_behind_its_partitions_watermark_counts_for_the_minute_of_that) {
    add(0, "a", 7);
    add(0, "late", 3);
    add(1, "b", 5);
    EXPECT_THAT(due(), ElementsAre("|5", "b"));
    add(1, "c", 8);
    EXPECT_THAT(due(), ElementsAre("|7", "a", "late"));
}

TEST_F(TwoPartitions, a_position_covers_only_what_was_released_and_tells_the_newest_time_before_it) {
    add(0, "a", 5);
    add(0, "b", 9);
    add(0, "c", 9.5);
    add(1, "d", 5);
    EXPECT_THAT(order.release(kAll, 0).positions,
                ElementsAre(data::StreamPosition{"clicks", 0, 1, 5 * kMinuteUs}, data::StreamPosition{"clicks", 1, 1, 5 * kMinuteUs}));
    add(1, "e", 10);
    // "e" waits for partition 0, which has come to minute 9.
    EXPECT_THAT(order.release(kAll, 0).positions, ElementsAre(data::StreamPosition{"clicks", 0, 3, 9 * kMinuteUs + kMinuteUs / 2},
                                                              data::StreamPosition{"clicks", 1, 1, 5 * kMinuteUs}));
}

TEST_F(TwoPartitions, nobody_waits_longer_for_a_partition_at_its_end_than_is_allowed) {
    add(0, "a", 5);
    order.at_end(partition(1), 1);
    EXPECT_THAT(due(5.9), IsEmpty());
    EXPECT_THAT(due(6.1), ElementsAre("|5", "a"));
    add(1, "slow", 4, 7);
    EXPECT_THAT(due(7), ElementsAre("slow"));  // its minute has passed: it counts where it arrives
}

TEST_F(TwoPartitions, a_partition_that_cannot_be_read_is_waited_for_six_times_as_long) {
    add(0, "a", 5);
    EXPECT_THAT(due(29), IsEmpty());
    EXPECT_THAT(due(31), ElementsAre("|5", "a"));
}

TEST_F(TwoPartitions, what_waits_of_a_partition_that_is_taken_away_is_left_to_its_next_reader) {
    add(0, "a", 5);
    add(1, "b", 6);
    EXPECT_THAT(due(), ElementsAre("|5", "a"));
    order.take_away(partition(1));
    add(0, "c", 7);
    EXPECT_THAT(due(), ElementsAre("|7", "c"));
    EXPECT_EQ(order.held(), 0U);
}

TEST_F(TwoPartitions, a_message_that_was_refused_moves_the_position_and_nothing_else) {
    order.add(partition(0), 17, {}, 0);
    const auto due = order.release(kAll, 0);
    EXPECT_THAT(due.records, IsEmpty());
    EXPECT_THAT(due.positions, ElementsAre(data::StreamPosition{"clicks", 0, 18, 0}));
}

TEST_F(TwoPartitions, counts_offsets_that_hold_no_message_and_follows_a_topic_that_was_made_anew) {
    EXPECT_EQ(order.add(partition(0), 5, {event_at("a", 1)}, 0), 0U) << "where it begins is not known";
    EXPECT_EQ(order.add(partition(0), 6, {event_at("b", 1)}, 0), 0U);
    EXPECT_EQ(order.add(partition(0), 9, {event_at("c", 1)}, 0), 2U);
    (void)order.release(kAll, 1e9);
    EXPECT_EQ(order.add(partition(0), 0, {event_at("d", 1)}, 1e9), 0U);
    EXPECT_THAT(order.release(kAll, 1e9).positions, ElementsAre(data::StreamPosition{"clicks", 0, 1, 1}));
}

TEST_F(TwoPartitions, an_upsert_waits_for_nobody) {
    order.give({"items", 0}, std::nullopt, false, 0);
    order.add({"items", 0}, 0, {data::ItemUpsert{{"film", {}}}}, 0);
    EXPECT_THAT(due(), ElementsAre("film"));
}

TEST_F(TwoPartitions, those_ahead_pause_and_those_behind_do_not) {
    add(0, "a", 9);
    add(1, "b", 5);
    EXPECT_THAT(order.ahead(0), ElementsAre(partition(0)));
}

TEST_F(TwoPartitions, the_clock_moves_shared_state_only_where_no_partition_has_anything_to_say) {
    add(0, "a", 5);
    add(1, "b", 6);
    (void)due();
    EXPECT_EQ(order.open_until(0), 5 * kMinuteUs);
    EXPECT_EQ(order.open_until(100), 5 * kMinuteUs);  // "b" still waits
    (void)due(100);
    EXPECT_EQ(order.open_until(100), std::nullopt);
}

TEST(EventOrder, keeps_events_within_the_lateness_in_their_own_minute) {
    EventOrder order({kMinuteUs, /*lateness=*/30 * kSecondUs, 5});
    order.give(partition(0), std::nullopt, true, 0);
    order.add(partition(0), 0, {event_at("a", 5 * kMinuteUs + 20 * kSecondUs)}, 0);
    order.add(partition(0), 1, {event_at("b", 5 * kMinuteUs - kSecondUs)}, 0);
    EXPECT_THAT(words_of(order.release(kAll, 0).records), ElementsAre("|4", "b"));
    order.add(partition(0), 2, {event_at("c", 5 * kMinuteUs + 40 * kSecondUs)}, 0);
    EXPECT_THAT(words_of(order.release(kAll, 0).records), ElementsAre("|5", "a", "c"));
}

/// A topic, and a log that is written as LiveProject::take_stream() writes it: known events and ticks that have passed are left out.
struct World {
    std::vector<std::vector<data::Event>> partitions;
    std::vector<data::Record> log;
    std::set<std::string> known;
    TimeUs tick = -1;
    std::map<std::int32_t, data::StreamPosition> positions;

    explicit World(std::uint64_t seed) {
        Rng rng(seed);
        partitions.resize(1 + rng.below(4));
        const TimeUs end = static_cast<TimeUs>(2 + rng.below(20)) * kMinuteUs;
        for (std::size_t p = 0; p < partitions.size(); ++p) {
            const std::size_t events = 1 + rng.below(200);
            for (std::size_t e = 0; e < events; ++e) {
                const TimeUs now = end * static_cast<TimeUs>(e) / static_cast<TimeUs>(events) + 1;
                const TimeUs late = rng.chance(0.2) ? static_cast<TimeUs>(rng.below(3 * kMinuteUs)) : 0;
                partitions[p].push_back(event_at(std::to_string(p) + "." + std::to_string(e), std::max<TimeUs>(1, now - late)));
            }
            partitions[p].push_back(event_at("last" + std::to_string(p), end + kHourUs + kMinuteUs / 2));  // so that nothing waits at the end
        }
    }

    void write(const EventOrder::Due& due) {
        for (const auto& record : due.records) {
            if (const auto* passed = std::get_if<data::Tick>(&record)) {
                if (passed->time > tick) log.push_back(record);
                tick = std::max(tick, passed->time);
            } else if (known.insert(std::get<data::Event>(record).event_id).second) {
                log.push_back(record);
            }
        }
        for (const auto& position : due.positions) positions[position.partition] = position;
    }

    /// Reads on from where the log stands, in a random interleaving, to the end or until it is killed. True at the end.
    bool read(Rng& rng, double kill) {
        EventOrder order({kMinuteUs, 20 * kSecondUs, 5});
        std::vector<std::size_t> next(partitions.size(), 0);
        for (std::size_t p = 0; p < partitions.size(); ++p) {
            const auto number = static_cast<std::int32_t>(p);
            const auto known_position = positions.find(number);
            if (known_position != positions.end()) next[p] = static_cast<std::size_t>(known_position->second.next);
            order.give(partition(number), known_position == positions.end() ? std::nullopt : std::optional(known_position->second), true, 0);
        }
        const auto unread = [&](std::size_t p) { return next[p] < partitions[p].size(); };
        while (true) {
            std::vector<std::size_t> readable;
            for (std::size_t p = 0; p < partitions.size(); ++p) {
                if (unread(p)) readable.push_back(p);
            }
            if (readable.empty()) break;
            const std::size_t p = readable[rng.below(readable.size())];
            for (std::uint64_t burst = rng.below(30); unread(p) && burst-- > 0; ++next[p]) {
                order.add(partition(static_cast<std::int32_t>(p)), static_cast<std::int64_t>(next[p]), {partitions[p][next[p]]}, 0);
            }
            write(order.release(1 + rng.below(50), 0));
            if (rng.chance(kill)) return false;
        }
        while (true) {
            const auto due = order.release(1 + rng.below(50), 0);
            if (due.records.empty()) break;
            write(due);
        }
        EXPECT_EQ(order.held(), 0U);
        return true;
    }

    /// Which events stand between which ticks, and in which order those of each partition do. A tick behind which none stands does nothing.
    [[nodiscard]] std::vector<std::string> meaning() const {
        std::vector<std::string> between;
        std::vector<std::string> words;
        for (const auto& word : words_of(log)) {
            if (word[0] == '|') {
                std::ranges::sort(between);
                words.insert(words.end(), between.begin(), between.end());
                if (!words.empty() && words.back()[0] == '|') words.pop_back();
                words.push_back(word);
                between.clear();
            } else {
                between.push_back(word);
            }
        }
        words.insert(words.end(), between.begin(), between.end());
        for (std::size_t p = 0; p < partitions.size(); ++p) {
            for (const auto& word : words_of(log)) {
                if (word.starts_with(std::to_string(p) + ".")) words.push_back(word);
            }
        }
        return words;
    }
};

// Property: the log's meaning follows from the partitions alone.
TEST(EventOrder, stands_the_same_events_between_the_same_ticks_however_partitions_interleave_and_wherever_it_is_killed) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        World straight(seed);
        Rng rng(seed + 1000);
        ASSERT_TRUE(straight.read(rng, 0));
        std::size_t events = 0;
        for (const auto& list : straight.partitions) events += list.size();
        ASSERT_EQ(straight.known.size(), events) << "seed " << seed;

        World killed(seed);
        Rng other(seed + 2000);
        while (!killed.read(other, 0.05)) {}
        ASSERT_EQ(killed.meaning(), straight.meaning()) << "seed " << seed;
    }
}

// The fault that the property is there to find: a log written in the order of arrival means something else each time.
TEST(EventOrder, would_mean_another_thing_if_events_entered_as_they_arrive) {
    World world(3);
    ASSERT_GT(world.partitions.size(), 1U);
    const auto arrival = [&](std::uint64_t seed) {
        World copy(3);
        Rng rng(seed);
        EventOrder order({kMinuteUs, 20 * kSecondUs, 5});
        for (std::size_t p = 0; p < copy.partitions.size(); ++p) order.give(partition(static_cast<std::int32_t>(p)), std::nullopt, true, 0);
        std::vector<std::size_t> next(copy.partitions.size(), 0);
        while (copy.known.size() < 100) {
            const std::size_t p = rng.below(copy.partitions.size());
            if (next[p] == copy.partitions[p].size()) continue;
            order.add(partition(static_cast<std::int32_t>(p)), static_cast<std::int64_t>(next[p]), {copy.partitions[p][next[p]]}, 0);
            ++next[p];
            copy.write(order.release(kAll, /*now=*/1e9));  // so late that nobody is waited for
        }
        return copy.meaning();
    };
    EXPECT_NE(arrival(1), arrival(2));
}

}  // namespace
}  // namespace shortlist::kafka
