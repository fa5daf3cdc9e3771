// What each kind of feature means: windows, sketches, sequences, vectors, hashed categories, crosses; against a count of the whole past.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/features/executor.h"
#include "engine/features/fold.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

constexpr SignalMask kWatched = 1;
constexpr SignalMask kLiked = 2;
constexpr SignalMask kShown = SignalMask{1} << kImpressionBit;
constexpr TimeUs kStart = 100'000 * kMinuteUs;

FeatureConfig feature(FeatureKind kind, std::string of, std::string signal = "watched") {
    FeatureConfig config;
    config.kind = kind;
    config.of = std::move(of);
    config.signal = std::move(signal);
    return config;
}
FeatureConfig windowed(FeatureKind kind, std::string of, TimeUs window) {
    FeatureConfig config = feature(kind, std::move(of));
    config.window.us = window;
    return config;
}

struct Kinds {
    SmallWorld world;
    FeaturePlan plan;
    Fold fold;

    explicit Kinds(std::vector<FeatureConfig> configs, SmallWorld given = SmallWorld())
        : world(std::move(given)),
          plan(FeaturePlan::create(std::move(configs), world.inputs()).value()),
          fold(plan, world.data.items, world.data.users) {}

    std::vector<float> row(UserRow user, ItemRow item, TimeUs time, std::vector<std::uint32_t> context = {}) {
        std::vector<float> out(plan.columns().size());
        FeatureExecutor(plan, world.data.items, world.data.users)
            .compute({{time, user, context}, fold.user(user), fold.shared()}, std::span(&item, 1), {}, out);
        return out;
    }
};

struct Logged {
    FoldEvent event;
    std::uint32_t device = 0;
};

std::vector<Logged> random_log(std::uint64_t seed, std::size_t count) {
    Rng rng(seed);
    std::vector<Logged> log;
    TimeUs time = kStart;
    for (std::size_t i = 0; i < count; ++i) {
        time += static_cast<TimeUs>(rng.below(rng.chance(0.02) ? 5 * kHourUs : 2 * kMinuteUs)) / kSecondUs * kSecondUs;
        const SignalMask signals = rng.chance(0.5) ? kShown : static_cast<SignalMask>(1 + rng.below(3));
        log.push_back(
            {{time, static_cast<UserRow>(rng.below(3)), static_cast<ItemRow>(rng.below(4)), signals, {}}, static_cast<std::uint32_t>(rng.below(3))});
    }
    return log;
}

// A shared window holds the ticks of its length before the last one; a user's own is exact to the second.
TEST(Windows, slide_as_a_count_of_the_whole_past_says) {
    Kinds kinds({windowed(FeatureKind::Count, "item", 10 * kMinuteUs), windowed(FeatureKind::Count, "item", 3 * kHourUs),
                 windowed(FeatureKind::Count, "item x user.country", kHourUs), windowed(FeatureKind::Count, "user", 10 * kMinuteUs),
                 windowed(FeatureKind::Count, "user x item.category", kHourUs)});
    const auto log = random_log(3, 1500);
    for (std::size_t i = 0; i < log.size(); ++i) {
        const FoldEvent& now = log[i].event;
        kinds.fold.advance_to(now.time);
        const TimeUs tick = now.time / kTickUs * kTickUs;
        std::vector<float> expected(5, 0.0F);
        for (std::size_t j = 0; j < i; ++j) {
            const FoldEvent& past = log[j].event;
            if ((past.signals & kWatched) == 0) continue;
            const TimeUs shown_at = (past.time / kTickUs + 1) * kTickUs;
            const auto shared = [&](TimeUs window) { return shown_at <= tick && shown_at + window > tick && past.item == now.item ? 1.0F : 0.0F; };
            const auto own = [&](TimeUs window) { return past.user == now.user && past.time + window > now.time ? 1.0F : 0.0F; };
            expected[0] += shared(10 * kMinuteUs);
            expected[1] += shared(3 * kHourUs);
            expected[2] += past.user % 2 == now.user % 2 ? shared(kHourUs) : 0.0F;
            expected[3] += own(10 * kMinuteUs);
            expected[4] += past.item % 2 == now.item % 2 ? own(kHourUs) : 0.0F;
        }
        ASSERT_EQ(kinds.row(now.user, now.item, now.time), expected) << i;
        kinds.fold.apply(now);
    }
}

// (2 watches + 10 x base) / (3 impressions + 10), with the base rate of the same window: (2 + 1) / (3 + 2).
TEST(Windows, give_rates_of_what_happened_within_them) {
    Kinds kinds({windowed(FeatureKind::Rate, "user", kHourUs), windowed(FeatureKind::Rate, "item", kHourUs)});
    kinds.fold.apply({kStart - 2 * kHourUs, 0, 1, kShown, {}});
    kinds.fold.apply({kStart - 2 * kHourUs, 0, 1, kWatched, {}});
    for (const SignalMask signals : {kShown, kShown | kWatched, kShown | kWatched}) kinds.fold.apply({kStart, 0, 1, signals, {}});
    kinds.fold.advance_to(kStart + kMinuteUs);
    const float expected = (2.0F + 10.0F * 3.0F / 5.0F) / 13.0F;
    EXPECT_FLOAT_EQ(kinds.row(0, 0, kStart + kMinuteUs)[0], expected);
    EXPECT_FLOAT_EQ(kinds.row(2, 1, kStart + kMinuteUs)[1], expected);
    EXPECT_FLOAT_EQ(kinds.row(2, 0, kStart + kMinuteUs)[1], 3.0F / 5.0F);
}

TEST(Windows, of_a_user_hold_the_newest_events_when_there_are_too_many) {
    Kinds kinds({windowed(FeatureKind::Count, "user", kDayUs)});
    for (int i = 0; i < 2000; ++i) kinds.fold.apply({kStart + i * kSecondUs, 0, 1, kWatched, {}});
    const float count = kinds.row(0, 0, kStart + 2000 * kSecondUs)[0];
    EXPECT_LE(count, static_cast<float>(kRecentMax));
    EXPECT_GE(count, static_cast<float>(kRecentMax * 3 / 4));
}

TEST(Distinct, counts_the_users_of_an_item_and_the_items_of_a_user) {
    Kinds kinds({feature(FeatureKind::Distinct, "item"), feature(FeatureKind::Distinct, "item.category"), feature(FeatureKind::Distinct, "user"),
                 feature(FeatureKind::Distinct, "user x item.category")});
    for (const auto& [user, item] : {std::pair<UserRow, ItemRow>{0, 0}, {0, 0}, {1, 0}, {2, 2}, {0, 2}, {0, 1}}) {
        kinds.fold.apply({kStart, user, item, kWatched, {}});
        kinds.fold.apply({kStart, user, 3, kLiked, {}});
    }
    kinds.fold.advance_to(kStart + kMinuteUs);
    const auto row = kinds.row(0, 0, kStart + kMinuteUs);
    EXPECT_NEAR(row[0], 2.0F, 0.1F);  // users 0, 1
    EXPECT_NEAR(row[1], 3.0F, 0.1F);  // music: users 0, 1, 2
    EXPECT_NEAR(row[2], 3.0F, 0.1F);  // items 0, 1, 2
    EXPECT_NEAR(row[3], 2.0F, 0.1F);  // of music: 0, 2
    EXPECT_EQ(kinds.row(1, 3, kStart + kMinuteUs)[0], 0.0F);
}

TEST(Sequence, tells_the_last_items_newest_first) {
    FeatureConfig categories = feature(FeatureKind::Sequence, "");
    categories.part = SequencePart::Attribute;
    categories.attribute = "category";
    categories.last = 3;
    FeatureConfig ages = feature(FeatureKind::Sequence, "");
    ages.part = SequencePart::Age;
    ages.last = 1;
    FeatureConfig items = feature(FeatureKind::Sequence, "");
    items.last = 2;
    FeatureConfig signals = feature(FeatureKind::Sequence, "", "liked");
    signals.part = SequencePart::Signal;
    signals.last = 1;
    Kinds kinds({categories, ages, items, signals});
    EXPECT_EQ(kinds.plan.names(),
              (std::vector<std::string>{"sequence_watched_category_1", "sequence_watched_category_2", "sequence_watched_category_3",
                                        "sequence_watched_age_1", "sequence_watched_item_1", "sequence_watched_item_2", "sequence_liked_signal_1"}));
    kinds.fold.apply({kStart, 0, 1, kWatched, {}});
    kinds.fold.apply({kStart + kMinuteUs, 0, 3, kShown, {}});
    kinds.fold.apply({kStart + 2 * kMinuteUs, 0, 2, kWatched | kLiked, {}});
    const auto row = kinds.row(0, 0, kStart + 5 * kMinuteUs);
    const float music = 1.0F;
    const float sport = 2.0F;
    EXPECT_EQ(std::vector(row.begin(), row.begin() + 4), (std::vector<float>{music, sport, 0.0F, 180.0F}));
    EXPECT_EQ(row[4], static_cast<float>(bucket_of("item2", 4096)));
    EXPECT_EQ(row[5], static_cast<float>(bucket_of("item1", 4096)));
    EXPECT_EQ(row[6], 1.0F);  // watched is the project's first signal
    const auto newcomer = kinds.row(kNoRow, 0, kStart);
    EXPECT_EQ(newcomer[0], 0.0F);
    EXPECT_TRUE(std::isnan(newcomer[3]));
}

// Unit vectors of the last two items, (1, 0) and (0, 1), add up to (1, 1): 45 degrees from either.
TEST(Cosine, compares_an_item_with_what_the_user_chose_last) {
    SmallWorld world;
    world.data.items.attributes.push_back(data::make_attribute("look", data::AttributeType::Vector, 2));
    world.data.items.attributes.back().numbers = {5, 0, 0, 3, -2, 0, std::nanf(""), std::nanf("")};
    FeatureConfig cosine = feature(FeatureKind::Cosine, "");
    cosine.attribute = "look";
    cosine.last = 2;
    Kinds kinds({cosine}, std::move(world));
    EXPECT_TRUE(std::isnan(kinds.row(0, 0, kStart)[0]));
    for (const ItemRow item : {2U, 3U, 0U, 1U}) kinds.fold.apply({kStart, 0, item, kWatched, {}});
    EXPECT_NEAR(kinds.row(0, 0, kStart)[0], std::sqrt(0.5F), 1e-6F);
    EXPECT_NEAR(kinds.row(0, 2, kStart)[0], -std::sqrt(0.5F), 1e-6F);
    EXPECT_TRUE(std::isnan(kinds.row(0, 3, kStart)[0]));
}

TEST(Crosses, keep_contexts_and_kinds_of_users_apart) {
    Kinds kinds({feature(FeatureKind::Count, "item x context.device"), feature(FeatureKind::Count, "context.device x item.category"),
                 feature(FeatureKind::Count, "user.country"), feature(FeatureKind::Count, "context.device"),
                 feature(FeatureKind::Count, "item.category x user.country")});
    const auto log = random_log(8, 600);
    for (std::size_t i = 0; i < log.size(); ++i) {
        FoldEvent now = log[i].event;
        const std::vector<std::uint32_t> context{log[i].device};
        kinds.fold.advance_to(now.time);
        std::vector<float> expected(5, 0.0F);
        for (std::size_t j = 0; j < i; ++j) {
            const FoldEvent& past = log[j].event;
            if ((past.signals & kWatched) == 0 || past.time / kTickUs >= now.time / kTickUs) continue;
            const bool device = log[j].device == log[i].device;
            const bool category = past.item % 2 == now.item % 2;
            const bool country = past.user % 2 == now.user % 2;
            expected[0] += device && past.item == now.item ? 1.0F : 0.0F;
            expected[1] += device && category ? 1.0F : 0.0F;
            expected[2] += country ? 1.0F : 0.0F;
            expected[3] += device ? 1.0F : 0.0F;
            expected[4] += country && category ? 1.0F : 0.0F;
        }
        ASSERT_EQ(kinds.row(now.user, now.item, now.time, context), expected) << i;
        now.context = context;
        kinds.fold.apply(now);
    }
}

// Values that came behind the model have their code too; the empty one is unknown as ever.
TEST(Attribute, is_hashed_where_the_project_gives_it_buckets) {
    FeatureConfig hashed = feature(FeatureKind::Attribute, "item", "");
    hashed.attribute = "category";
    hashed.buckets = 1000;
    Kinds kinds({hashed});
    const ItemRow item = kinds.world.data.items.add("new");
    EXPECT_EQ(kinds.row(0, item, kStart)[0], 0.0F);
    auto& category = kinds.world.data.items.attributes[0];
    category.codes[item] = category.values.add("opera");
    EXPECT_EQ(kinds.row(0, item, kStart)[0], static_cast<float>(bucket_of("opera", 1000)));
    EXPECT_EQ(kinds.row(0, 0, kStart)[0], static_cast<float>(bucket_of("music", 1000)));
    EXPECT_TRUE(kinds.plan.category_values(kinds.world.inputs())[0].empty()) << "nothing to store with the model";
}

// However many items a user touches, the state is bounded, and what was touched last is there.
TEST(UserState, keeps_a_bounded_number_of_pairs_the_most_recent_ones) {
    Kinds kinds({feature(FeatureKind::Count, "user x item")}, SmallWorld(1, 3000));
    for (ItemRow item = 0; item < 3000; ++item) {
        kinds.fold.apply({kStart + item * kSecondUs, 0, item, kWatched, {}});
        kinds.fold.apply({kStart + item * kSecondUs, 0, 7, kWatched, {}});
    }
    EXPECT_EQ(kinds.row(0, 7, kStart + kDayUs)[0], 3001.0F) << "touched all the time";
    std::size_t kept = 0;
    for (ItemRow item = 0; item < 3000; ++item) kept += kinds.row(0, item, kStart + kDayUs)[0] > 0 ? 1 : 0;
    EXPECT_LE(kept, kUserPairsMax);
    EXPECT_GE(kept, kUserPairsMax * 3 / 4);
    EXPECT_EQ(kinds.row(0, 2999, kStart + kDayUs)[0], 1.0F);
    EXPECT_LT(kinds.fold.user(0).bytes(), 60'000U);
}

std::string error_of(const FeatureConfig& config) {
    const SmallWorld world;
    const auto plan = FeaturePlan::create({config}, world.inputs());
    return plan ? "" : plan.error().message;
}

TEST(FeaturePlan, refuses_pasts_and_pairs_that_mean_nothing) {
    FeatureConfig both = windowed(FeatureKind::Count, "user", kHourUs);
    both.half_life.us = kHourUs;
    EXPECT_NE(error_of(both).find("a `half_life` and a `window`"), std::string::npos);
    EXPECT_NE(error_of(windowed(FeatureKind::Count, "item", 90 * kSecondUs)).find("must be whole minutes, in which shared counts change; got 90s"),
              std::string::npos);
    EXPECT_EQ(error_of(windowed(FeatureKind::Count, "user", 90 * kSecondUs)), "");
    EXPECT_NE(error_of(windowed(FeatureKind::Recency, "user", kHourUs)).find("are for count and rate; got 'recency'"), std::string::npos);
    for (const auto* of : {"user x user.country", "item x item.category", "item x user x user.country", "user.country x context.device"}) {
        EXPECT_NE(error_of(feature(FeatureKind::Count, of)).find("`of` must be"), std::string::npos) << of;
    }
    EXPECT_NE(error_of(feature(FeatureKind::Count, "item x context.devise")).find("did you mean 'device'?"), std::string::npos);
    FeatureConfig cosine = feature(FeatureKind::Cosine, "");
    cosine.attribute = "length";
    EXPECT_NE(error_of(cosine).find("'length' must be a vector"), std::string::npos);
}

}  // namespace
}  // namespace shortlist::features
