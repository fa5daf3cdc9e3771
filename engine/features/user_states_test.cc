#include "engine/features/user_states.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/base/byte_strings.h"
#include "engine/base/random.h"
#include "engine/features/executor.h"
#include "engine/features/fold.h"
#include "engine/features/portable_state.h"
#include "engine/features/small_world_internal.h"
#include "engine/store/memory_store.h"

namespace shortlist::features {
namespace {

constexpr TimeUs kStart = TimeUs{1'700'000'000} * kSecondUs;
constexpr std::size_t kUsers = 200;

FeatureConfig feature(FeatureKind kind, std::string of, TimeUs half_life = 0, TimeUs window = 0) {
    FeatureConfig config;
    config.kind = kind;
    config.of = std::move(of);
    config.signal = "watched";
    config.half_life.us = half_life;
    config.window.us = window;
    return config;
}

// Every kind of users' own state: plain, fading, by category, by item, in windows, sketches.
std::vector<FeatureConfig> configs() {
    return {feature(FeatureKind::Count, "user"),
            feature(FeatureKind::Count, "user", kHourUs),
            feature(FeatureKind::Count, "user x item.category", kDayUs),
            feature(FeatureKind::Count, "user x item"),
            feature(FeatureKind::Recency, "user x item"),
            feature(FeatureKind::Count, "user", 0, kHourUs),
            feature(FeatureKind::Distinct, "user"),
            feature(FeatureKind::Count, "item", kHourUs)};
}

FoldEvent event_of(base::Rng& rng, TimeUs time, std::size_t items) {
    return {time, static_cast<UserRow>(rng.below(kUsers)), static_cast<ItemRow>(rng.below(items)), 1U + static_cast<SignalMask>(rng.below(3)), {}};
}

void fold_some(Fold& fold, std::size_t items) {
    base::Rng rng(7);
    for (int i = 0; i < 4000; ++i) (void)fold.apply(event_of(rng, kStart + i * 50 * kSecondUs, items));
}

std::string bytes_of(const Fold& fold) {
    return base::bytes_written([&](base::ByteWriter& out) { fold.save(out); });
}

TEST(UserStates, a_bound_changes_no_bit) {
    SmallWorld world(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold free(plan, world.data.items, world.data.users);
    store::MemoryStore store;
    Fold bounded(plan, world.data.items, world.data.users, kTickUs, {&store, 50'000});
    fold_some(free, 40);
    fold_some(bounded, 40);
    EXPECT_GT(bounded.bytes().users_stored, kUsers / 2);
    EXPECT_LT(bounded.bytes().users, free.bytes().users / 2);
    for (UserRow user = 0; user < kUsers; ++user) {
        UserState room;
        const auto* state = bounded.find_user(user, room).value();
        EXPECT_EQ(write_portable(*state, plan, world.data.items), write_portable(free.user(user), plan, world.data.items)) << user;
    }
    EXPECT_EQ(bytes_of(bounded), bytes_of(free));
}

TEST(UserStates, what_is_saved_is_loaded_under_any_bound) {
    SmallWorld world(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold fold(plan, world.data.items, world.data.users);
    fold_some(fold, 40);
    const auto bytes = bytes_of(fold);
    store::MemoryStore store;
    Fold loaded(plan, world.data.items, world.data.users, kTickUs, {&store, 20'000});
    base::StringReader in(bytes);
    loaded.load(in);
    ASSERT_TRUE(in.ok());
    EXPECT_LT(loaded.bytes().users, 60'000U);
    EXPECT_EQ(bytes_of(loaded), bytes);
    fold_some(loaded, 40);
    fold_some(fold, 40);
    EXPECT_EQ(bytes_of(loaded), bytes_of(fold));
}

/// A snapshot in memory, and how often it was read again.
struct ReadAgain {
    explicit ReadAgain(const Fold& fold) : bytes(bytes_of(fold)) {}
    [[nodiscard]] UserBound bound(store::MemoryStore& store, std::size_t most) {
        return {&store, most, [this](std::uint64_t position, std::span<char> into) -> Status {
                    ++reads;
                    if (position + into.size() > bytes.size()) return base::data_loss("past the end");
                    std::copy_n(bytes.data() + position, into.size(), into.data());
                    return {};
                }};
    }

    std::string bytes;
    std::size_t reads = 0;
};

TEST(UserStates, stay_in_a_snapshot_until_their_user_does_something) {
    SmallWorld world(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold fold(plan, world.data.items, world.data.users);
    fold_some(fold, 40);
    ReadAgain snapshot(fold);
    store::MemoryStore store;
    Fold loaded(plan, world.data.items, world.data.users, kTickUs, snapshot.bound(store, 50'000));
    base::StringReader in(snapshot.bytes);
    loaded.load(in);
    ASSERT_TRUE(in.ok());
    EXPECT_EQ(loaded.bytes().users_stored, kUsers);
    EXPECT_EQ(snapshot.reads, 0U);
    UserState room;
    const auto* state = loaded.find_user(7, room).value();
    EXPECT_EQ(write_portable(*state, plan, world.data.items), write_portable(fold.user(7), plan, world.data.items));
    EXPECT_EQ(snapshot.reads, 1U);

    (void)loaded.apply({kStart + kDayUs, 3, 1, 1, {}});
    (void)fold.apply({kStart + kDayUs, 3, 1, 1, {}});
    EXPECT_EQ(loaded.bytes().users_stored, kUsers - 1);
    EXPECT_EQ(snapshot.reads, 2U) << "of the one user alone";
    EXPECT_EQ(bytes_of(loaded), bytes_of(fold)) << "some in memory, the others in runs where they lie";

    // Past the bound they go to the store, and come back from there.
    fold_some(loaded, 40);
    fold_some(fold, 40);
    EXPECT_GT(loaded.bytes().users_stored, 0U);
    EXPECT_EQ(bytes_of(loaded), bytes_of(fold));
}

TEST(UserStates, of_a_damaged_snapshot_are_refused_before_any_is_used) {
    SmallWorld world(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold fold(plan, world.data.items, world.data.users);
    fold_some(fold, 40);
    ReadAgain snapshot(fold);
    for (std::size_t at = snapshot.bytes.size() - 200; at < snapshot.bytes.size(); ++at) {
        store::MemoryStore store;
        Fold loaded(plan, world.data.items, world.data.users, kTickUs, snapshot.bound(store, 50'000));
        base::StringReader in(std::string_view(snapshot.bytes).substr(0, at));
        loaded.load(in);
        EXPECT_FALSE(in.ok()) << at;
    }
}

/// Takes nothing, as a full disk.
class FullStore final : public store::UserStore {
public:
    Result<std::vector<std::optional<store::StoredState>>> read(std::span<const store::KnownState> users) override { return memory_.read(users); }
    Result<std::vector<bool>> write(std::span<const store::StateWrite> writes) override {
        if (full) return base::unavailable("no space");
        return memory_.write(writes);
    }
    Status erase(std::span<const std::string_view> users) override { return memory_.erase(users); }

    bool full = true;

private:
    store::MemoryStore memory_;
};

TEST(UserStates, a_store_that_is_full_costs_memory_and_no_state) {
    SmallWorld world(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold free(plan, world.data.items, world.data.users);
    FullStore store;
    Fold bounded(plan, world.data.items, world.data.users, kTickUs, {&store, 50'000});
    fold_some(free, 40);
    fold_some(bounded, 40);
    EXPECT_EQ(bounded.bytes().users_stored, 0U);
    EXPECT_EQ(bytes_of(bounded), bytes_of(free));
    store.full = false;
    fold_some(free, 40);
    fold_some(bounded, 40);
    EXPECT_GT(bounded.bytes().users_stored, 0U);
    EXPECT_EQ(bytes_of(bounded), bytes_of(free));
}

TEST(PortableState, means_the_same_in_a_catalogue_of_another_order) {
    SmallWorld here(kUsers, 40);
    const auto plan = FeaturePlan::create(configs(), here.inputs()).value();
    Fold fold(plan, here.data.items, here.data.users);
    fold_some(fold, 40);

    // The same features over a catalogue in which the first half of the items is unknown and the rest stands backwards.
    SmallWorld there(0, 0);
    for (int item = 39; item >= 20; --item) {
        const auto row = there.data.items.add("item" + std::to_string(item));
        there.data.items.attributes[0].codes[row] = there.data.items.attributes[0].values.add(item % 2 == 0 ? "music" : "sport");
    }
    const auto plan_there = FeaturePlan::create(configs(), there.inputs()).value();
    for (UserRow user = 0; user < kUsers; ++user) {
        const auto bytes = write_portable(fold.user(user), plan, here.data.items);
        const auto moved = read_portable(bytes, plan_there, there.data.items);
        ASSERT_TRUE(moved) << moved.error().message;
        EXPECT_EQ(write_portable(*moved, plan_there, there.data.items), bytes);
        const auto entry = moved->history().back();
        EXPECT_EQ(there.data.items.ids[entry.item], here.data.items.ids[fold.user(user).history().back().item]);
    }
    EXPECT_EQ(there.data.items.size(), 40U);
}

TEST(PortableState, foreign_bytes_are_refused_and_add_nothing) {
    SmallWorld world(3, 4);
    const auto plan = FeaturePlan::create(configs(), world.inputs()).value();
    Fold fold(plan, world.data.items, world.data.users);
    base::Rng rng(1);
    for (int i = 0; i < 50; ++i) (void)fold.apply({kStart + i * kSecondUs, 0, static_cast<ItemRow>(rng.below(4)), 1, {}});
    const auto bytes = write_portable(fold.user(0), plan, world.data.items);
    SmallWorld empty(0, 0);
    const auto plan_there = FeaturePlan::create(configs(), empty.inputs()).value();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        EXPECT_FALSE(read_portable(std::string_view(bytes).substr(0, cut), plan_there, empty.data.items)) << cut;
    }
    EXPECT_FALSE(read_portable(bytes + "x", plan_there, empty.data.items));
    EXPECT_EQ(empty.data.items.size(), 0U);
    // Any byte may be another: what is taken then is at least a sound state.
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        SmallWorld other(0, 0);
        if (const auto state = read_portable(changed, plan_there, other.data.items)) (void)write_portable(*state, plan_there, other.data.items);
    }
}

TEST(PortableState, layouts_differ_with_what_state_means) {
    SmallWorld world;
    const auto layout = [&](const std::vector<FeatureConfig>& features) {
        return user_layout(FeaturePlan::create(features, world.inputs()).value(), world.data.items, world.signals);
    };
    const auto one = layout({feature(FeatureKind::Count, "user", kHourUs)});
    EXPECT_EQ(one, layout({feature(FeatureKind::Count, "user", kHourUs)}));
    EXPECT_EQ(one, layout({feature(FeatureKind::Count, "user", kHourUs), feature(FeatureKind::Count, "item")})) << "of the user alone";
    EXPECT_NE(one, layout({feature(FeatureKind::Count, "user", kDayUs)}));
    EXPECT_NE(one, layout({feature(FeatureKind::Count, "user")}));
    EXPECT_NE(one, layout({feature(FeatureKind::Count, "user x item", kHourUs)}));
}

}  // namespace
}  // namespace shortlist::features
