#include "engine/features/fold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/features/auto_features.h"
#include "engine/features/executor.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

constexpr SignalMask kWatched = 1;
constexpr SignalMask kShown = SignalMask{1} << kImpressionBit;
constexpr TimeUs kStart = 1000 * kMinuteUs;

FeatureConfig feature(FeatureKind kind, std::string of, std::string signal, TimeUs half_life = 0, double prior = 10) {
    FeatureConfig config;
    config.kind = kind;
    config.of = std::move(of);
    config.signal = std::move(signal);
    config.half_life.us = half_life;
    config.prior = prior;
    return config;
}

struct Bench {
    SmallWorld world;
    FeaturePlan plan;
    Fold fold;
    FeatureExecutor executor;

    explicit Bench(std::vector<FeatureConfig> configs)
        : plan(FeaturePlan::create(std::move(configs), world.inputs()).value()),
          fold(plan, world.data.items, world.data.users),
          executor(plan, world.data.items, world.data.users) {}

    std::vector<float> row(UserRow user, ItemRow item, TimeUs time) {
        std::vector<float> out(plan.columns().size());
        executor.compute({{time, user, {}}, fold.user(user), fold.shared()}, std::span(&item, 1), {}, out);
        return out;
    }
};

// A watch counts 1; one half-life later 0.5; a second watch then makes 1.5; another half-life later 0.75.
TEST(Fold, halves_a_users_count_every_half_life) {
    Bench bench({feature(FeatureKind::Count, "user", "watched", kHourUs)});
    bench.fold.apply({kStart, 0, 1, kWatched});
    EXPECT_FLOAT_EQ(bench.row(0, 0, kStart)[0], 1.0F);
    EXPECT_FLOAT_EQ(bench.row(0, 0, kStart + kHourUs)[0], 0.5F);
    bench.fold.apply({kStart + kHourUs, 0, 1, kWatched});
    EXPECT_FLOAT_EQ(bench.row(0, 0, kStart + 2 * kHourUs)[0], 0.75F);
    EXPECT_FLOAT_EQ(bench.row(1, 0, kStart + 2 * kHourUs)[0], 0.0F);
}

TEST(Fold, shows_shared_counts_only_from_the_next_tick_on) {
    Bench bench({feature(FeatureKind::Count, "item", "watched")});
    bench.fold.apply({kStart + 1, 0, 2, kWatched});
    EXPECT_EQ(bench.row(1, 2, kStart + 2)[0], 0.0F);
    bench.fold.advance_to(kStart + kMinuteUs - 1);
    EXPECT_EQ(bench.row(1, 2, kStart + kMinuteUs - 1)[0], 0.0F);
    bench.fold.advance_to(kStart + kMinuteUs);
    EXPECT_EQ(bench.row(1, 2, kStart + kMinuteUs)[0], 1.0F);
}

// Item 2 at the end of minute 0: 1. Sixty ticks later, with a half-life of an hour, 0.5, whether or not ticks came between.
TEST(Fold, decays_shared_counts_alike_with_and_without_ticks_between) {
    for (const bool idle : {true, false}) {
        Bench bench({feature(FeatureKind::Count, "item", "watched", kHourUs)});
        bench.fold.apply({kStart + 1, 0, 2, kWatched});
        for (TimeUs minute = 1; minute < 61 && !idle; ++minute) bench.fold.apply({kStart + minute * kMinuteUs, 0, 1, kShown});
        bench.fold.advance_to(kStart + 61 * kMinuteUs);
        EXPECT_FLOAT_EQ(bench.row(1, 2, kStart + 61 * kMinuteUs)[0], 0.5F) << idle;
    }
}

// Globally 1 watch in 4 impressions: (1 + 1) / (4 + 2) = 1/3. Item 0: 1 watch in 2; with a prior of 4: (1 + 4/3) / (2 + 4) = 7/18.
TEST(Fold, draws_a_rate_to_the_global_rate) {
    Bench bench({feature(FeatureKind::Rate, "item", "watched", 0, 4)});
    bench.fold.apply({kStart, 0, 0, kShown});
    bench.fold.apply({kStart + 1, 0, 0, kWatched});
    bench.fold.apply({kStart + 2, 1, 0, kShown});
    bench.fold.apply({kStart + 3, 1, 1, kShown});
    bench.fold.apply({kStart + 4, 2, 3, kShown});
    bench.fold.advance_to(kStart + kMinuteUs);
    EXPECT_FLOAT_EQ(bench.row(2, 0, kStart + kMinuteUs)[0], 7.0F / 18.0F);
    EXPECT_FLOAT_EQ(bench.row(2, 2, kStart + kMinuteUs)[0], 1.0F / 3.0F);
}

TEST(Fold, keeps_pairs_apart) {
    Bench bench({feature(FeatureKind::Count, "user x item.category", "watched"), feature(FeatureKind::Count, "item x user.country", "watched"),
                 feature(FeatureKind::Recency, "user x item", "watched")});
    bench.fold.apply({kStart, 0, 0, kWatched});  // user 0 (de), item 0 (music)
    bench.fold.advance_to(kStart + kMinuteUs);
    const TimeUs later = kStart + kMinuteUs;
    EXPECT_EQ(bench.row(0, 2, later)[0], 1.0F);  // item 2 is music too
    EXPECT_EQ(bench.row(0, 1, later)[0], 0.0F);
    EXPECT_EQ(bench.row(2, 0, later)[1], 1.0F);  // user 2 is from de too
    EXPECT_EQ(bench.row(1, 0, later)[1], 0.0F);
    EXPECT_EQ(bench.row(0, 0, later)[2], 60.0F);
    EXPECT_TRUE(std::isnan(bench.row(0, 1, later)[2]));
}

// Many more pairs than buckets, each met twice within one tick and once in the next.
TEST(Fold, keeps_pairs_apart_however_many_a_tick_brings) {
    constexpr ItemRow kItems = 6000;
    const SmallWorld world(2, kItems);
    const auto plan = FeaturePlan::create({feature(FeatureKind::Count, "item x user.country", "watched")}, world.inputs()).value();
    const FeatureExecutor executor(plan, world.data.items, world.data.users);
    Fold fold(plan, world.data.items, world.data.users);
    for (const TimeUs time : {kStart, kStart, kStart + kMinuteUs}) {
        for (ItemRow item = 0; item < kItems; ++item) fold.apply({time, item % 2, item, kWatched});
    }
    fold.advance_to(kStart + 2 * kMinuteUs);
    for (ItemRow item = 0; item < kItems; ++item) {
        for (UserRow user = 0; user < 2; ++user) {
            float count = 0;
            executor.compute({{kStart + 2 * kMinuteUs, user, {}}, fold.user(user), fold.shared()}, std::span(&item, 1), {}, std::span(&count, 1));
            ASSERT_EQ(count, user == item % 2 ? 3.0F : 0.0F) << item;
        }
    }
}

TEST(FoldMasks, say_which_signals_an_event_carries_and_whether_it_is_an_impression) {
    SmallWorld world;
    for (const auto* type : {"impression", "watch", "like", "share"}) {
        data::Event event;
        event.user = "user0";
        event.item = "item0";
        event.type = type;
        event.value = 0.7F;
        data::append_event(event, world.data);
    }
    EXPECT_EQ(fold_masks(world.data.events, world.signals), (std::vector<SignalMask>{kShown, kWatched, 2, 0}));
    EXPECT_EQ(fold_mask(world.signals, "impression", 0), kShown);
    EXPECT_EQ(fold_mask(world.signals, "watch", 0.4F), 0U);
}

TEST(Fold, folds_a_late_event_at_its_users_last_time) {
    Bench bench({feature(FeatureKind::Count, "user", "watched", kHourUs)});
    EXPECT_EQ(bench.fold.apply({kStart, 0, 1, kWatched}), kStart);
    EXPECT_EQ(bench.fold.apply({kStart - kHourUs, 0, 2, kWatched}), kStart);
    EXPECT_FLOAT_EQ(bench.row(0, 0, kStart)[0], 2.0F);
}

TEST(Fold, remembers_one_entry_for_a_showing_and_its_outcomes) {
    Bench bench({feature(FeatureKind::Count, "user", "watched")});
    bench.fold.apply({kStart, 0, 1, kShown});
    bench.fold.apply({kStart + 1, 0, 2, kShown});
    bench.fold.apply({kStart + 2, 0, 1, kWatched});
    bench.fold.apply({kStart + 3, 0, 1, kShown});
    const auto history = bench.fold.user(0).history();
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history[0].signals, kShown | kWatched);
    EXPECT_EQ(history[0].time, kStart + 2);
    EXPECT_EQ(history[2].signals, kShown);
}

TEST(UserState, keeps_a_bounded_history_of_the_newest) {
    Bench bench({feature(FeatureKind::Count, "user", "watched")});
    for (TimeUs t = 0; t < 5000; ++t) bench.fold.apply({kStart + t, 0, static_cast<ItemRow>(t % 4), kShown});
    const auto history = bench.fold.user(0).history();
    EXPECT_LE(history.size(), kHistoryMax);
    EXPECT_GE(history.size(), kHistoryMax * 3 / 4);
    EXPECT_EQ(history.back().time, kStart + 4999);
}

TEST(SharedState, what_was_published_never_changes) {
    Bench bench({feature(FeatureKind::Count, "item", "watched"), feature(FeatureKind::Count, "item x user.country", "watched")});
    bench.fold.apply({kStart, 0, 0, kWatched});
    bench.fold.advance_to(kStart + kMinuteUs);
    const SharedState pinned = bench.fold.publish_shared();
    bench.fold.apply({kStart + kMinuteUs, 0, 0, kWatched});
    bench.fold.advance_to(kStart + 2 * kMinuteUs);
    const std::uint32_t de = bench.world.data.users.attributes[0].codes[0];
    const DecayMoment now = reading_moment(bench.plan.half_lives(), 0);
    const auto count = [&](const SharedState& state, std::size_t table, std::uint32_t code) {
        return state.block(bench.plan, table, 0, code).count(bench.plan.tables()[table], bench.plan.half_lives(), 0, now);
    };
    EXPECT_EQ(count(pinned, 1, kNoRow), 1.0);
    EXPECT_EQ(count(bench.fold.shared(), 1, kNoRow), 2.0);
    EXPECT_EQ(count(pinned, 2, de), 1.0);
    EXPECT_EQ(count(bench.fold.shared(), 2, de), 2.0);
}

std::vector<FoldEvent> random_log(std::uint64_t seed, std::size_t users, std::size_t items, std::size_t count) {
    Rng rng(seed);
    std::vector<FoldEvent> log;
    TimeUs time = kStart;
    for (std::size_t i = 0; i < count; ++i) {
        time += static_cast<TimeUs>(rng.below(20 * kSecondUs));
        const SignalMask signals = rng.chance(0.5) ? kShown : static_cast<SignalMask>(1 + rng.below(3));
        log.push_back({time, static_cast<UserRow>(rng.below(users)), static_cast<ItemRow>(rng.below(items)), signals});
    }
    return log;
}

struct LoggedRow {
    std::size_t offset;
    std::vector<float> values;
};

// The row of each event's user and item as it stood just before the event.
std::vector<LoggedRow> rows_of(const SmallWorld& world, const FeaturePlan& plan, const std::vector<FoldEvent>& log,
                               const std::vector<std::size_t>& order) {
    Fold fold(plan, world.data.items, world.data.users);
    const FeatureExecutor executor(plan, world.data.items, world.data.users);
    std::vector<LoggedRow> rows;
    for (const std::size_t offset : order) {
        const FoldEvent& event = log[offset];
        fold.advance_to(event.time);
        LoggedRow row{offset, std::vector<float>(plan.columns().size())};
        executor.compute({{event.time, event.user, {}}, fold.user(event.user), fold.shared()}, std::span(&event.item, 1), {}, row.values);
        rows.push_back(std::move(row));
        fold.apply(event);
    }
    std::sort(rows.begin(), rows.end(), [](const LoggedRow& a, const LoggedRow& b) { return a.offset < b.offset; });
    return rows;
}

bool equal_bits(const std::vector<LoggedRow>& a, const std::vector<LoggedRow>& b) {
    for (std::size_t r = 0; r < a.size(); ++r) {
        if (std::memcmp(a[r].values.data(), b[r].values.data(), a[r].values.size() * sizeof(float)) != 0) return false;
    }
    return a.size() == b.size();
}

// Within a tick the partitions may be eaten one after the other: users' states are apart, shared increments add up.
std::vector<std::size_t> partitioned_order(const std::vector<FoldEvent>& log, std::size_t partitions) {
    std::vector<std::size_t> order(log.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto key = [&](std::size_t i) { return std::pair(log[i].time / kTickUs, log[i].user % partitions); };
        return key(a) < key(b);
    });
    return order;
}

TEST(Fold, gives_equal_bits_whole_and_in_user_partitions) {
    const SmallWorld world(11, 40);
    const auto inputs = world.inputs();
    const auto plan = FeaturePlan::create(derive_features(inputs, true), inputs).value();
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto log = random_log(seed, 11, 40, 3000);
        const auto whole = rows_of(world, plan, log, partitioned_order(log, 1));
        for (const std::size_t partitions : {2, 3, 11}) {
            EXPECT_TRUE(equal_bits(whole, rows_of(world, plan, log, partitioned_order(log, partitions)))) << "seed " << seed;
        }
    }
}

// The partner: an order that takes one user's events out of turn must show.
TEST(Fold, equal_bits_would_see_a_users_events_out_of_order) {
    const SmallWorld world(11, 40);
    const auto inputs = world.inputs();
    const auto plan = FeaturePlan::create(derive_features(inputs, true), inputs).value();
    const auto log = random_log(1, 11, 40, 3000);
    auto order = partitioned_order(log, 1);
    const auto whole = rows_of(world, plan, log, order);
    std::reverse(order.begin() + 100, order.begin() + 140);
    EXPECT_FALSE(equal_bits(whole, rows_of(world, plan, log, order)));
}

// No row may change when the future does: everything after offset 1500 is replaced, and the rows before it stay.
TEST(Fold, rows_do_not_depend_on_their_own_outcome_or_on_anything_later) {
    const SmallWorld world(11, 40);
    const auto inputs = world.inputs();
    const auto plan = FeaturePlan::create(derive_features(inputs, true), inputs).value();
    auto log = random_log(3, 11, 40, 3000);
    const auto before = rows_of(world, plan, log, partitioned_order(log, 1));
    log[1500].signals ^= kWatched;
    for (std::size_t i = 1501; i < log.size(); ++i) log[i].item = (log[i].item + 1) % 40;
    const auto after = rows_of(world, plan, log, partitioned_order(log, 1));
    for (std::size_t r = 0; r <= 1500; ++r) {
        ASSERT_EQ(std::memcmp(before[r].values.data(), after[r].values.data(), before[r].values.size() * sizeof(float)), 0) << r;
    }
    EXPECT_FALSE(equal_bits(before, after));
}

// An independent count: every watch of the user in the category so far, by looking at the whole past each time.
TEST(Fold, agrees_with_counting_the_whole_past_anew) {
    Bench bench({feature(FeatureKind::Count, "user x item.category", "watched"), feature(FeatureKind::Count, "item", "watched")});
    const auto log = random_log(9, 3, 4, 400);
    for (std::size_t i = 0; i < log.size(); ++i) {
        bench.fold.advance_to(log[i].time);
        float own = 0;
        float shared = 0;
        for (std::size_t j = 0; j < i; ++j) {
            if ((log[j].signals & kWatched) == 0) continue;
            own += log[j].user == log[i].user && log[j].item % 2 == log[i].item % 2 ? 1.0F : 0.0F;
            shared += log[j].item == log[i].item && log[j].time / kTickUs < log[i].time / kTickUs ? 1.0F : 0.0F;
        }
        const auto row = bench.row(log[i].user, log[i].item, log[i].time);
        ASSERT_EQ(row[0], own) << i;
        ASSERT_EQ(row[1], shared) << i;
        bench.fold.apply(log[i]);
    }
}

TEST(Executor, reads_attributes_age_clock_context_and_retrievers) {
    std::vector<FeatureConfig> configs;
    const auto attribute = [](std::string of, std::string name) {
        FeatureConfig config;
        config.kind = FeatureKind::Attribute;
        config.of = std::move(of);
        config.attribute = std::move(name);
        return config;
    };
    configs.push_back(attribute("item", "length"));
    configs.push_back(attribute("item", "category"));
    configs.push_back(attribute("user", "country"));
    configs.push_back(attribute("context", "device"));
    FeatureConfig age = attribute("item", "uploaded_at");
    age.kind = FeatureKind::Age;
    configs.push_back(age);
    FeatureConfig clock;
    clock.kind = FeatureKind::Clock;
    configs.push_back(clock);
    clock.unit = ClockUnit::Weekday;
    configs.push_back(clock);
    FeatureConfig dot;
    dot.kind = FeatureKind::Dot;
    dot.retriever = "taste";
    configs.push_back(dot);
    dot.kind = FeatureKind::RetrieverRank;
    configs.push_back(dot);
    Bench bench(configs);
    const std::vector<ItemRow> items{1, 3};
    const std::vector<std::uint32_t> device{2};
    const std::vector<float> affinity{0.5F, -1.0F};
    const std::vector<float> rank{1.0F, std::nanf("")};
    std::vector<float> out(2 * configs.size());
    const TimeUs time = 1'650'899'541'436'000;  // Monday 2022-04-25T15:12:21.436Z
    bench.executor.compute({{time, 1, device}, bench.fold.user(1), bench.fold.shared()}, items, {1, affinity, {}, rank}, out);
    EXPECT_EQ(out[0], 20.0F);
    EXPECT_EQ(out[1], 2.0F);  // sport is the second value
    EXPECT_EQ(out[2], 2.0F);  // fr
    EXPECT_EQ(out[3], 2.0F);  // tablet
    EXPECT_FLOAT_EQ(out[4], static_cast<float>(static_cast<double>(time - kHourUs) / 1e6));
    EXPECT_NEAR(out[5], 15.0 + 12.0 / 60 + 21.436 / 3600, 1e-5);
    EXPECT_EQ(out[6], 0.0F);
    EXPECT_EQ(out[7], 0.5F);
    EXPECT_EQ(out[8], 1.0F);
    EXPECT_EQ(out[9], 40.0F);
    EXPECT_EQ(out[16], -1.0F);
    EXPECT_TRUE(std::isnan(out[17]));
    bench.executor.compute({{time, kNoRow, {}}, bench.fold.user(kNoRow), bench.fold.shared()}, items, {}, out);
    EXPECT_EQ(out[2], 0.0F);
    EXPECT_EQ(out[3], 0.0F);
    EXPECT_TRUE(std::isnan(out[7]));
}

}  // namespace
}  // namespace shortlist::features
