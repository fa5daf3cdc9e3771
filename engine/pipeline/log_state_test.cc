#include "engine/pipeline/log_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/byte_strings.h"
#include "engine/base/random.h"
#include "engine/data/catalogue.h"
#include "engine/pipeline/small_models_testing_internal.h"

namespace shortlist::pipeline {
namespace {

std::string bytes_of(const LogState& state) {
    return base::bytes_written([&state](base::ByteWriter& out) { state.save(out); });
}

// A catalogue with a category of items, of which features keep state, and a live log: events, a fifth of them late, some by
// strangers or of new items, new states of items and users, and ticks.
struct LiveLog {
    SmallProject small{12};
    std::vector<data::Record> records;

    LiveLog() {
        small.data.items.attributes.push_back(data::make_attribute("kind", data::AttributeType::Category));
        small.data.items.attributes[0].codes.resize(12, 0);
        small.data.users.attributes.push_back(data::make_attribute("country", data::AttributeType::Category));
        small.data.users.attributes[0].codes.resize(3, 0);
        small.data.events.context_names = {"device"};
        small.data.events.context_values.resize(1);
        small.data.events.context_values[0].add("");
        small.data.events.context.resize(1);
        small.add_counts({"item.kind", "item x user.country", "user x item.kind", "user", "item"});
        Rng rng(3);
        TimeUs time = SmallProject::kStart;
        for (int i = 0; i < 1500; ++i) {
            time += static_cast<TimeUs>(rng.below(8 * kSecondUs));
            records.push_back(any_record(rng, time));
        }
    }

    static data::Record any_record(Rng& rng, TimeUs time) {
        if (rng.chance(0.03)) return data::Tick{(time / kMinuteUs + 1) * kMinuteUs};  // by a clock that is ahead of the events
        if (rng.chance(0.05)) {
            data::ItemUpsert item;
            item.id = "i" + std::to_string(rng.below(20));
            item.attributes = {{"kind", "kind" + std::to_string(rng.below(5))}};
            return item;
        }
        if (rng.chance(0.05)) {
            data::UserUpsert user;
            user.id = "u" + std::to_string(rng.below(30));
            user.attributes = {{"country", "country" + std::to_string(rng.below(4))}};
            return user;
        }
        data::Event event;
        event.time = time - (rng.chance(0.2) ? static_cast<TimeUs>(rng.below(3 * kMinuteUs)) : 0);
        event.user = "u" + std::to_string(rng.below(30));
        event.item = "i" + std::to_string(rng.below(20));
        event.type = rng.chance(0.8) ? "choose" : "look";
        event.context = {{"device", "device" + std::to_string(rng.below(3))}};
        return event;
    }

    // The first `count` records as a restart finds them.
    [[nodiscard]] data::Dataset dataset(std::size_t count) const {
        data::Dataset data = small.data;
        for (std::size_t i = 0; i < count; ++i) data::append_record(records[i], data);
        data::apply_changes(data);
        return data;
    }
    // What a process that was running all the time has: `begin` records found at the start, the others taken one by one.
    [[nodiscard]] std::unique_ptr<LogState> live(std::size_t begin, std::size_t end) const {
        const auto data = dataset(begin);
        auto state = std::make_unique<LogState>(ServingModels::create(small.spec, small.parts, data).value(), data);
        for (std::size_t i = begin; i < end; ++i) state->take(records[i]);
        return state;
    }
    [[nodiscard]] Result<std::unique_ptr<LogState>> restore(std::string_view bytes) const {
        base::StringReader in(bytes);
        return LogState::restore(in, [this](const data::Dataset& data) { return ServingModels::create(small.spec, small.parts, data); });
    }
};

TEST(LogState, is_the_same_to_the_bit_live_and_after_a_restart) {
    const LiveLog log;
    const auto running = log.live(0, 1500);
    EXPECT_GT(running->items().size(), 12U);
    EXPECT_GT(running->items().attributes[0].values.size(), 4U);
    for (const std::size_t restart : {std::size_t{1}, std::size_t{700}, std::size_t{1500}}) {
        const auto restarted = log.live(restart, 1500);
        EXPECT_EQ(bytes_of(*restarted), bytes_of(*running)) << restart;
        EXPECT_EQ(restarted->digest(), running->digest());
        EXPECT_EQ(restarted->events(), running->events());
        EXPECT_EQ(restarted->newest_event(), running->newest_event());
    }
    EXPECT_NE(log.live(0, 1499)->digest(), running->digest());
}

// The partner of the test above: it would see each of these in another place of the log.
TEST(LogState, depends_on_where_in_the_log_a_change_or_a_tick_is) {
    LiveLog log;
    const auto digest = log.live(0, 1500)->digest();
    const auto moved_by_twenty = [&log](std::size_t place) {
        LiveLog moved = log;
        std::rotate(moved.records.begin() + static_cast<std::ptrdiff_t>(place), moved.records.begin() + static_cast<std::ptrdiff_t>(place) + 1,
                    moved.records.begin() + static_cast<std::ptrdiff_t>(place) + 21);
        return moved.live(0, 1500)->digest();
    };
    std::size_t upserts = 0;
    std::size_t ticks = 0;
    for (std::size_t i = 300; i < 900; ++i) {
        if (std::holds_alternative<data::Event>(log.records[i])) continue;
        const bool seen = moved_by_twenty(i) != digest;
        (std::holds_alternative<data::Tick>(log.records[i]) ? ticks : upserts) += seen ? 1 : 0;
    }
    EXPECT_GT(upserts, 10U);
    EXPECT_GT(ticks, 2U) << "a tick counts where a late event stands beside it";
}

TEST(LogState, restored_goes_on_as_if_nothing_had_happened) {
    const LiveLog log;
    const auto running = log.live(0, 1500);
    for (const std::size_t middle : {std::size_t{0}, std::size_t{751}, std::size_t{1500}}) {
        const auto before = log.live(0, middle);
        auto restored = log.restore(bytes_of(*before));
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ((*restored)->digest(), before->digest());
        EXPECT_EQ((*restored)->events(), before->events());
        for (std::size_t i = middle; i < 1500; ++i) (*restored)->take(log.records[i]);
        EXPECT_EQ((*restored)->digest(), running->digest()) << middle;
    }
}

TEST(LogState, that_is_damaged_is_refused_or_harmless) {
    const LiveLog log;
    const std::string bytes = bytes_of(*log.live(0, 200));
    Rng rng(17);
    std::size_t refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string damaged = bytes;
        damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
        if (round % 4 == 0) damaged.resize(rng.below(damaged.size()));
        const auto restored = log.restore(damaged);
        refused += restored ? 0 : 1;
        if (restored) (*restored)->take(log.records[200]);
    }
    EXPECT_GT(refused, 75U);
    EXPECT_EQ(log.restore("").error().code, ErrorCode::DataLoss);
}

}  // namespace
}  // namespace shortlist::pipeline
