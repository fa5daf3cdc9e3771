// Two servers with logs of their own, and one store between them.
#include "engine/pipeline/shared_users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/base/random.h"
#include "engine/pipeline/small_models_testing_internal.h"
#include "engine/store/memory_store.h"

namespace shortlist::pipeline {
namespace {

using testing::HasSubstr;

enum class Way {
    Open,
    Shut,      ///< Nothing comes through.
    Answerless,  ///< Writes come through, and the answers do not.
};

/// A server's way to the store.
class Door final : public store::UserStore {
public:
    Door(store::UserStore& store, const Way& way) : store_(store), way_(way) {}

    Result<std::vector<std::optional<store::StoredState>>> read(std::span<const store::KnownState> users) override {
        if (way_ != Way::Open) return base::unavailable("no answer");
        return store_.read(users);
    }
    Result<std::vector<bool>> write(std::span<const store::StateWrite> writes) override {
        if (way_ == Way::Shut) return base::unavailable("no answer");
        auto written = store_.write(writes);
        if (way_ == Way::Answerless) return base::unavailable("no answer");
        return written;
    }
    Status erase(std::span<const std::string_view> users) override {
        if (way_ != Way::Open) return base::unavailable("no answer");
        return store_.erase(users);
    }

private:
    store::UserStore& store_;
    const Way& way_;
};

std::unique_ptr<LogState> new_state() {
    SmallProject small(12);
    small.data.items.attributes.push_back(data::make_attribute("kind", data::AttributeType::Category));
    auto& kind = small.data.items.attributes[0];
    for (int item = 0; item < 12; ++item) kind.codes.push_back(kind.values.add(item % 3 == 0 ? "song" : "film"));
    small.add_counts({"user x item.kind", "user x item", "user", "item"});
    auto models = ServingModels::create(small.spec, small.parts, small.data).value();
    return std::make_unique<LogState>(std::move(models), std::move(small.data));
}

struct Server {
    Way way = Way::Open;
    std::unique_ptr<LogState> state = new_state();
    SharedUsers shared;
    StateAccess access{[this](const auto& use) { use(*state); }, [this](const auto& use) { use(*state); }};
    std::uint64_t offset = 0;

    Server(store::UserStore& store, std::uint64_t writer) : shared(std::make_unique<Door>(store, way), writer) {}

    void fold(const data::Event& event) {
        state->take(event);
        shared.folded(event, offset++);
    }
    Status settle() { return shared.settle(shared.unsettled(1000), access); }
    Status tell(const data::Event& event) {
        fold(event);
        return settle();
    }
    /// What the server knows of a user when a request asks.
    std::string answer(const std::string& user) {
        const auto arrival = shared.look(user).value();
        if (arrival) {
            const auto installed = shared.install(*arrival, *state);
            EXPECT_TRUE(installed.has_value());
        }
        return state->portable_user(user).value();
    }
};

data::Event event_of(const std::string& user, int item, TimeUs time) {
    data::Event event;
    event.user = user;
    event.item = "i" + std::to_string(item);
    event.type = "choose";
    event.time = SmallProject::kStart + time;
    return event;
}

data::Event any_event(Rng& rng, int number) {
    return event_of("u" + std::to_string(rng.below(5)), static_cast<int>(rng.below(20)), number * kSecondUs);
}

struct TwoServers : testing::Test {
    store::MemoryStore store;
    Server one{store, 0x1111'0000'0000'0001};
    Server two{store, 0x2222'0000'0000'0002};
    std::unique_ptr<LogState> all = new_state();  ///< Was told everything, in the order in which the store was.

    void expect_equal() {
        for (int user = 0; user < 5; ++user) {
            const auto name = "u" + std::to_string(user);
            EXPECT_EQ(one.answer(name), all->portable_user(name).value()) << name;
            EXPECT_EQ(two.answer(name), all->portable_user(name).value()) << name;
        }
        EXPECT_EQ(one.shared.counts().waiting + two.shared.counts().waiting, 0U);
    }
};

TEST_F(TwoServers, what_one_was_told_the_next_request_to_the_other_sees) {
    ASSERT_TRUE(one.tell(event_of("ann", 3, 0)));
    EXPECT_EQ(two.answer("ann"), one.answer("ann"));
    EXPECT_NE(two.answer("ann"), two.answer("ben"));
    ASSERT_TRUE(two.tell(event_of("ann", 17, kSecondUs)));
    EXPECT_NE(two.state->items().ids.find("i3"), kNoRow);
    EXPECT_EQ(one.answer("ann"), two.answer("ann"));
    EXPECT_NE(one.state->items().ids.find("i17"), kNoRow) << "an item that only the other server was told of";
}

TEST_F(TwoServers, events_dealt_to_both_count_once_each_in_the_order_of_the_store) {
    Rng rng(5);
    for (int number = 0; number < 600; ++number) {
        const auto event = any_event(rng, number);
        ASSERT_TRUE((rng.chance(0.5) ? one : two).tell(event));
        all->take(event);
        if (rng.chance(0.1)) (void)one.answer("u" + std::to_string(rng.below(5)));
    }
    expect_equal();
}

TEST_F(TwoServers, what_was_told_while_the_store_was_away_is_shared_when_it_is_back) {
    Rng rng(6);
    for (int round = 0; round < 20; ++round) {
        one.way = Way::Shut;
        two.way = Way::Shut;
        std::vector<data::Event> of_one;
        std::vector<data::Event> of_two;
        for (int number = 0; number < 15; ++number) {
            const auto event = any_event(rng, round * 100 + number);
            const bool first = rng.chance(0.5);
            const auto told = (first ? one : two).tell(event);
            ASSERT_FALSE(told);
            EXPECT_THAT(told.error().message, HasSubstr("no answer"));
            (first ? of_one : of_two).push_back(event);
        }
        EXPECT_EQ(one.shared.counts().waiting, of_one.size());
        one.way = Way::Open;
        two.way = Way::Open;
        ASSERT_TRUE(two.settle());
        ASSERT_TRUE(one.settle());
        for (const auto& event : of_two) all->take(event);
        for (const auto& event : of_one) all->take(event);
    }
    expect_equal();
}

// A write without an answer may have been made or not, and the other server may have built on it before anybody asks.
TEST_F(TwoServers, a_write_whose_answer_was_lost_counts_once) {
    one.way = Way::Answerless;
    const auto first = event_of("u1", 3, 0);
    ASSERT_FALSE(one.tell(first));
    all->take(first);
    const auto second = event_of("u1", 4, kSecondUs);
    ASSERT_TRUE(two.tell(second));
    all->take(second);
    const auto third = event_of("u1", 5, 2 * kSecondUs);
    ASSERT_FALSE(one.tell(third));
    one.way = Way::Open;
    ASSERT_TRUE(one.settle());
    all->take(third);
    expect_equal();
}

TEST_F(TwoServers, a_store_that_lost_everything_is_filled_again) {
    const auto first = event_of("u1", 3, 0);
    ASSERT_TRUE(one.tell(first));
    const std::string_view user = "u1";
    ASSERT_TRUE(store.erase({&user, 1}));
    const auto second = event_of("u1", 4, kSecondUs);
    ASSERT_TRUE(one.tell(second));
    all->take(first);
    all->take(second);
    expect_equal();
}

TEST_F(TwoServers, only_users_of_other_logs_are_foreign) {
    ASSERT_TRUE(one.tell(event_of("u1", 3, 0)));
    EXPECT_FALSE(one.shared.is_foreign("u1"));
    EXPECT_FALSE(one.shared.is_foreign("u2"));
    (void)two.answer("u1");
    EXPECT_TRUE(two.shared.is_foreign("u1"));
    ASSERT_TRUE(two.tell(event_of("u1", 4, 1)));
    (void)one.answer("u1");
    EXPECT_TRUE(one.shared.is_foreign("u1"));
}

TEST_F(TwoServers, an_erased_user_is_a_newcomer_to_both) {
    ASSERT_TRUE(one.tell(event_of("u1", 3, 0)));
    ASSERT_TRUE(one.shared.erase("u1"));
    EXPECT_EQ(two.answer("u1"), two.answer("nobody"));
    one.way = Way::Shut;
    EXPECT_FALSE(one.shared.erase("u1"));
}

TEST_F(TwoServers, bytes_of_something_else_are_named_and_change_nothing) {
    ASSERT_TRUE(one.tell(event_of("u1", 3, 0)));
    const auto before = one.answer("u1");
    for (const std::string_view bytes : {"", "short", "\1\0\0\0\0\0\0\0 and something else that is no state"}) {
        const SharedUsers::Arrival arrival{"u1", one.shared.look("u1").value() ? 0U : (1U << 16U | 1U), {99, std::string(bytes)}};
        const auto installed = one.shared.install(arrival, *one.state);
        ASSERT_FALSE(installed);
        EXPECT_EQ(installed.error().code, base::ErrorCode::DataLoss);
    }
    EXPECT_EQ(one.answer("u1"), before);
}

TEST_F(TwoServers, memory_stays_bounded_while_the_store_is_away) {
    one.way = Way::Shut;
    for (std::uint64_t number = 0; number < SharedUsers::kUnwrittenMax + 1000; ++number) {
        one.shared.folded(event_of("u" + std::to_string(number % 10'000), 1, 0), number);
    }
    EXPECT_LE(one.shared.counts().waiting, SharedUsers::kUnwrittenMax);
    EXPECT_EQ(one.shared.counts().waiting + one.shared.counts().lost, SharedUsers::kUnwrittenMax + 1000);
}

}  // namespace
}  // namespace shortlist::pipeline
