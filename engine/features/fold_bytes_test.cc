// The fold's state as bytes: what a snapshot keeps, and what two folds are compared by.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/byte_strings.h"
#include "engine/base/random.h"
#include "engine/features/auto_features.h"
#include "engine/features/fold.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

constexpr TimeUs kStart = 1000 * kMinuteUs;

std::string bytes_of(const Fold& fold) {
    return base::bytes_written([&fold](base::ByteWriter& out) { fold.save(out); });
}

// Reads `bytes` into the fold. False where they are of no such fold.
bool load(std::string_view bytes, Fold& fold) {
    base::StringReader in(bytes);
    fold.load(in);
    return in.ok() && in.left() == 0;
}

// A plan with state of every owner, and a log whose every fifth event is late.
struct SavedFold {
    SmallWorld world{70, 140};
    FeaturePlan plan = FeaturePlan::create(features(world), world.inputs(), {{"watched", kDayUs, 10}, {"liked", 0, 200}}).value();
    std::vector<FoldEvent> log;

    SavedFold() {
        Rng rng(5);
        TimeUs time = kStart;
        for (int i = 0; i < 4000; ++i) {
            time += static_cast<TimeUs>(rng.below(10 * kSecondUs));
            const TimeUs late = rng.chance(0.2) ? static_cast<TimeUs>(rng.below(3 * kMinuteUs)) : 0;
            const SignalMask signals = rng.chance(0.5) ? SignalMask{1} << kImpressionBit : static_cast<SignalMask>(1 + rng.below(3));
            log.push_back({time - late, static_cast<UserRow>(rng.below(60)), static_cast<ItemRow>(rng.below(140)), signals});
        }
    }
    // What auto derives, and sketches of what users chose.
    static std::vector<FeatureConfig> features(const SmallWorld& world) {
        auto features = derive_features(world.inputs(), true);
        FeatureConfig distinct;
        distinct.kind = FeatureKind::Distinct;
        distinct.of = "user x item.category";
        distinct.signal = "liked";
        features.push_back(distinct);
        return features;
    }
    [[nodiscard]] Fold new_fold() const { return Fold(plan, world.data.items, world.data.users); }
    void apply(Fold& fold, std::size_t begin, std::size_t end) const {
        for (std::size_t i = begin; i < end; ++i) fold.apply(log[i]);
    }
};

TEST(FoldBytes, of_a_plan_with_every_kind_of_state) {
    const SavedFold saved;
    const auto any = [&](const auto& is) { return std::ranges::any_of(saved.plan.tables(), is); };
    EXPECT_TRUE(any([](const StateTable& table) { return table.owner.is_paired(); }));
    EXPECT_TRUE(any([](const StateTable& table) { return table.owner.is_shared() && table.owner.item == ItemPart::Attribute; }));
    EXPECT_TRUE(any([](const StateTable& table) { return table.is_bounded(); }));
    EXPECT_TRUE(any([](const StateTable& table) { return table.owner == Owner{ItemPart::None, OtherPart::User}; }));
    EXPECT_TRUE(any([](const StateTable& table) { return table.windows; }));
    EXPECT_TRUE(any([](const StateTable& table) { return table.owner.is_shared() && !table.sketches.empty(); }));
    EXPECT_TRUE(saved.plan.has_user_sketches());
    EXPECT_FALSE(saved.plan.user_windows().empty());
}

// Taken between two ticks, where increments are pending, and right after a copy was published.
TEST(FoldBytes, loaded_again_go_on_as_if_nothing_had_happened) {
    const SavedFold saved;
    for (const std::size_t middle : {std::size_t{0}, std::size_t{1}, std::size_t{1999}, std::size_t{4000}}) {
        Fold whole = saved.new_fold();
        saved.apply(whole, 0, middle);
        const SharedState published = whole.publish_shared();
        Fold resumed = saved.new_fold();
        ASSERT_TRUE(load(bytes_of(whole), resumed));
        EXPECT_EQ(bytes_of(resumed), bytes_of(whole));
        saved.apply(whole, middle, saved.log.size());
        saved.apply(resumed, middle, saved.log.size());
        EXPECT_EQ(bytes_of(resumed), bytes_of(whole)) << middle;
        for (auto* fold : {&whole, &resumed}) fold->advance_to(kStart + kDayUs);
        EXPECT_EQ(bytes_of(resumed), bytes_of(whole)) << middle;
        EXPECT_GT(bytes_of(whole).size(), 50'000U);
    }
}

// Each partition gathers its users' increments, walking the whole log for the ticks; `skip`: a partition that is left out.
data::ArrowBatch sum_of_partitions(const SavedFold& saved, std::uint32_t partitions, std::uint32_t skip = kPartitionsMax) {
    std::vector<data::ArrowBatch> batches;
    for (std::uint32_t p = 0; p < partitions; ++p) {
        if (p == skip) continue;
        PartitionGatherer gatherer(saved.plan, saved.world.data.items, saved.world.data.users, kTickUs, {p, partitions});
        for (const auto& event : saved.log) gatherer.apply(event);
        batches.push_back(gatherer.finish());
    }
    std::vector<TickIncrements> parts;
    for (const auto& batch : batches) parts.push_back(increments_in(batch).value());
    return sum_increments(parts).value();
}

// A fold of one partition's users, with the increments of all.
Fold fold_of_partition(const SavedFold& saved, UserPartition partition, const TickIncrements& sum) {
    Fold fold = saved.new_fold();
    fold.share(sum);
    for (const auto& event : saved.log) {
        if (partition.holds(event.user)) {
            fold.apply(event);
        } else {
            fold.advance_to(event.time);
        }
    }
    fold.advance_to(kStart + kDayUs);
    return fold;
}

std::string shared_bytes_of(const Fold& fold) {
    return base::bytes_written([&fold](base::ByteWriter& out) { fold.shared().save(out); });
}

TEST(FoldBytes, of_shared_state_are_those_of_the_partitions_sum_in_every_partition) {
    const SavedFold saved;
    Fold whole = saved.new_fold();
    saved.apply(whole, 0, saved.log.size());
    whole.advance_to(kStart + kDayUs);
    const auto rows = rows_by_table(saved.plan, saved.world.data.items, saved.world.data.users);
    for (const std::uint32_t partitions : {1U, 2U, 3U, 7U}) {
        const auto batch = sum_of_partitions(saved, partitions);
        const auto sum = increments_in(batch).value();
        ASSERT_TRUE(check_increments(sum, saved.plan, rows));
        std::size_t users = 0;
        for (std::uint32_t p = 0; p < partitions; ++p) {
            const Fold part = fold_of_partition(saved, {p, partitions}, sum);
            EXPECT_EQ(shared_bytes_of(part), shared_bytes_of(whole)) << p << " of " << partitions;
            for (UserRow user = 0; user < 70; ++user) {
                if (!UserPartition{p, partitions}.holds(user)) continue;
                ++users;
                const auto bytes = [user](const Fold& fold) {
                    return base::bytes_written([&](base::ByteWriter& out) { fold.user(user).save(out); });
                };
                EXPECT_EQ(bytes(part), bytes(whole)) << user;
            }
        }
        EXPECT_EQ(users, 70U) << "each user in one partition";
    }
}

// The partner: what one partition gathered is left out, and shows.
TEST(FoldBytes, of_shared_state_differ_where_a_partition_is_left_out_of_the_sum) {
    const SavedFold saved;
    const auto all = sum_of_partitions(saved, 3);
    const auto some = sum_of_partitions(saved, 3, /*skip=*/1);
    EXPECT_NE(shared_bytes_of(fold_of_partition(saved, {0, 3}, increments_in(all).value())),
              shared_bytes_of(fold_of_partition(saved, {0, 3}, increments_in(some).value())));
}

TEST(FoldBytes, differ_where_one_event_does) {
    const SavedFold saved;
    Fold whole = saved.new_fold();
    Fold other = saved.new_fold();
    saved.apply(whole, 0, 1000);
    saved.apply(other, 0, 999);
    EXPECT_NE(bytes_of(whole), bytes_of(other));
    FoldEvent last = saved.log[999];
    last.signals ^= 1;
    other.apply(last);
    EXPECT_NE(bytes_of(whole), bytes_of(other));
}

// A catalogue that grew while the log was folded has rows for fewer users at first; no event, no state.
TEST(FoldBytes, do_not_tell_when_users_got_their_rows) {
    SavedFold saved;
    Fold late = saved.new_fold();
    Fold early = saved.new_fold();
    saved.apply(late, 0, 100);
    for (int i = 0; i < 300; ++i) saved.world.data.users.add("more" + std::to_string(i));
    saved.apply(early, 0, 100);
    EXPECT_EQ(bytes_of(late), bytes_of(early));
}

// Damage that a digest would have caught: the state must still be of the right shape, or refused.
TEST(FoldBytes, that_are_damaged_are_refused_or_harmless) {
    const SavedFold saved;
    Fold whole = saved.new_fold();
    saved.apply(whole, 0, 300);
    const std::string bytes = bytes_of(whole);
    Rng rng(11);
    std::size_t refused = 0;
    for (int round = 0; round < 400; ++round) {
        std::string damaged = bytes;
        for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
        if (round % 4 == 0) damaged.resize(rng.below(damaged.size()));
        Fold fold = saved.new_fold();
        if (load(damaged, fold)) {
            saved.apply(fold, 300, 400);
            (void)bytes_of(fold);
        } else {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100U);
    Fold fold = saved.new_fold();
    EXPECT_FALSE(load(bytes + "x", fold));
    Fold other(saved.plan, saved.world.data.items, saved.world.data.users, kOrdinalTick);
    EXPECT_FALSE(load(bytes, other)) << "of another tick";
    const SmallWorld smaller(70, 100);
    Fold shrunk(saved.plan, smaller.data.items, smaller.data.users);
    EXPECT_FALSE(load(bytes, shrunk)) << "an item of which the catalogue knows nothing";
}

}  // namespace
}  // namespace shortlist::features
