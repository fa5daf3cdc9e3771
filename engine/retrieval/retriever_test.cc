#include "engine/retrieval/retriever.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/base/random.h"
#include "engine/base/threads.h"
#include "engine/data/signals.h"
#include "engine/features/fold.h"
#include "engine/kernels/dot.h"
#include "engine/retrieval/embedding.h"
#include "engine/retrieval/item_to_item.h"
#include "engine/retrieval/popularity.h"

namespace shortlist::retrieval {
namespace {

constexpr std::size_t kItems = 60;
constexpr TimeUs kStart = 1000 * kMinuteUs;
constexpr features::SignalMask kChosen = 1;

// 20 users, 60 items: users of an even row choose even items, the others odd ones; low rows more often.
struct World {
    data::EntityTable items, users;
    data::EventTable events;
    data::SignalSet signals;
    features::FeaturePlan plan;
    std::unique_ptr<features::Fold> fold;

    World() {
        for (std::size_t i = 0; i < kItems; ++i) items.add("i" + std::to_string(i));
        for (std::size_t u = 0; u < 20; ++u) users.add("u" + std::to_string(u));
        data::SignalConfig chosen;
        chosen.type = "choose";
        signals = data::SignalSet::create({{"chosen", chosen}}).value();
        plan =
            features::FeaturePlan::create({}, {items, users, events, signals, {}, true}, {{"chosen", kHourUs, 1000}, {"chosen", kHourUs, 4}}).value();
        fold = std::make_unique<features::Fold>(plan, items, users);
        Rng rng(5);
        for (int i = 0; i < 400; ++i) {
            const auto user = static_cast<UserRow>(rng.below(19));  // user 19 stays a newcomer
            const auto item = static_cast<ItemRow>(std::min(rng.below(kItems / 2), rng.below(kItems / 2)) * 2 + user % 2);
            fold->apply({kStart + i * kSecondUs, user, item, kChosen});
        }
        fold->advance_to(kStart + kHourUs);
    }
};

std::unique_ptr<Retriever> popularity(const World& world) { return std::make_unique<PopularityRetriever>("popular", world.plan, /*leaderboard=*/0); }

// Two dimensions, one for even and one for odd items.
std::unique_ptr<Retriever> embedding() {
    kernels::AlignedVector<float> factors;
    Rng rng(7);
    for (std::size_t i = 0; i < kItems; ++i) {
        factors.push_back(i % 2 == 0 ? 1.0F + 0.1F * static_cast<float>(rng.uniform()) : 0.0F);
        factors.push_back(i % 2 == 1 ? 1.0F + 0.1F * static_cast<float>(rng.uniform()) : 0.0F);
    }
    models::FactorizationRule rule;
    rule.regularization = 0.01;
    ThreadPool pool(1);
    kernels::AlignedVector<float> gram = models::scaled_gram(factors, 2, rule.unobserved_weight, pool);
    return EmbeddingRetriever::create("taste", 0, models::Factorization::create(std::move(factors), 2, std::move(gram), rule).value()).value();
}

// Each item is similar to the next three of its parity.
std::unique_ptr<Retriever> item_to_item() {
    std::vector<std::uint64_t> offsets{0};
    std::vector<models::SimilarItem> similar;
    for (ItemRow i = 0; i < kItems; ++i) {
        for (ItemRow step = 1; step <= 3; ++step) {
            if (i + 2 * step < kItems) similar.push_back({i + 2 * step, 1.0F / static_cast<float>(step)});
        }
        offsets.push_back(similar.size());
    }
    return std::make_unique<ItemToItemRetriever>("similar", 0, models::Cooccurrence::create(std::move(offsets), std::move(similar)).value());
}

struct Answer {
    std::vector<Candidate> list;
    std::vector<float> affinity;
};

Answer ask(const World& world, const Retriever& retriever, UserRow user, std::size_t count) {
    const features::FeatureRequest request{kStart + kHourUs, user, {}};
    const auto view = retriever.view(world.fold->shared(), kItems);
    const Query query{request, world.fold->user(user), world.fold->shared(), kItems, view.get()};
    RetrieverScratch scratch;
    Answer answer;
    answer.list.resize(count);
    answer.list.resize(retriever.retrieve(query, scratch, answer.list).value());
    std::vector<ItemRow> items;
    for (const auto& candidate : answer.list) items.push_back(candidate.item);
    answer.affinity.resize(items.size());
    retriever.affinity(query, scratch, items, answer.affinity);
    return answer;
}

// The promises of Retriever, for every implementation.
void retriever_conformance(const World& world, const Retriever& retriever) {
    for (const UserRow user : {0U, 1U, 7U, 18U, 19U}) {
        for (const std::size_t count : {0UL, 1UL, 10UL, 1000UL}) {
            const Answer answer = ask(world, retriever, user, count);
            ASSERT_LE(answer.list.size(), count) << retriever.name();
            std::set<ItemRow> distinct;
            for (std::size_t i = 0; i < answer.list.size(); ++i) {
                const Candidate& candidate = answer.list[i];
                ASSERT_LT(candidate.item, kItems);
                ASSERT_TRUE(distinct.insert(candidate.item).second) << retriever.name();
                ASSERT_TRUE(std::isfinite(candidate.score));
                ASSERT_FLOAT_EQ(answer.affinity[i], candidate.score) << retriever.name();
                if (i == 0) continue;
                const Candidate& before = answer.list[i - 1];
                ASSERT_TRUE(before.score > candidate.score || (before.score == candidate.score && before.item < candidate.item)) << retriever.name();
            }
            const Answer shorter = ask(world, retriever, user, count / 2);
            for (std::size_t i = 0; i < shorter.list.size(); ++i) ASSERT_EQ(shorter.list[i].item, answer.list[i].item) << retriever.name();
        }
    }
    RetrieverScratch scratch;
    std::vector<Candidate> similar(5);
    similar.resize(retriever.similar(4, scratch, similar));
    for (const auto& candidate : similar) EXPECT_NE(candidate.item, 4U);
}

TEST(Retriever, every_kind_keeps_the_promises_of_the_interface) {
    const World world;
    retriever_conformance(world, *popularity(world));
    retriever_conformance(world, *embedding());
    retriever_conformance(world, *item_to_item());
}

TEST(PopularityRetriever, orders_by_decayed_counts_also_long_after_the_last_event) {
    World world;
    const auto soon = ask(world, *popularity(world), 19, 10);
    world.fold->advance_to(kStart + 3000 * kDayUs);  // 72,000 half-lives: the counts themselves are 0 in a double
    const auto late = ask(world, *popularity(world), 19, 10);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(soon.list[i].item, late.list[i].item);
    EXPECT_TRUE(std::isfinite(late.list[0].score));
}

// Item 3 twice, one half-life ago; items 1 and 2 once, now; base-2 logarithms as of the last tick that counted: 2 x 1/2 and 1 are all 0.
TEST(PopularityRetriever, scores_by_the_logarithm_of_the_decayed_count) {
    World world;
    features::Fold fold(world.plan, world.items, world.users);
    fold.apply({kStart, 0, 3, kChosen});
    fold.apply({kStart, 1, 3, kChosen});
    fold.apply({kStart + kHourUs, 0, 2, kChosen});
    fold.apply({kStart + kHourUs, 1, 1, kChosen});
    fold.apply({kStart + kHourUs, 2, 1, kChosen});
    fold.advance_to(kStart + 2 * kHourUs);
    const PopularityRetriever retriever("popular", world.plan, /*leaderboard=*/1);
    const auto view = retriever.view(fold.shared(), kItems);
    const features::FeatureRequest request{kStart + 2 * kHourUs, 0, {}};
    const Query query{request, fold.user(0), fold.shared(), kItems, view.get()};
    RetrieverScratch scratch;
    std::vector<Candidate> out(10);
    out.resize(retriever.retrieve(query, scratch, out).value());
    ASSERT_EQ(out.size(), 4U) << "the list holds four";
    EXPECT_EQ(out[0].item, 1U);
    EXPECT_NEAR(out[0].score, 1.0, 0.09);
    EXPECT_EQ(out[1].item, 2U);
    EXPECT_NEAR(out[1].score, 0.0, 0.09);
    EXPECT_EQ(out[2].item, 3U);
    EXPECT_NEAR(out[2].score, 0.0, 0.09) << "a minute less than an hour older, by the tick";
    EXPECT_EQ(out[3].item, 0U);
    EXPECT_EQ(retriever.similar(1, scratch, out), 0U);
}

// Vectors (3, 4), (6, 8), (4, 3), (0, 0), (8, 6), (-3, -4) and item 0 asked for: cosines 1, 24 / 25 twice and -1; the zero vector is like nothing.
TEST(EmbeddingRetriever, finds_similar_items_by_cosine_and_ties_by_row) {
    kernels::AlignedVector<float> factors{3, 4, 6, 8, 8, 6, 0, 0, 4, 3, -3, -4};
    ThreadPool pool(1);
    auto gram = models::scaled_gram(factors, 2, 0.1, pool);
    const auto retriever =
        EmbeddingRetriever::create("taste", 0, models::Factorization::create(std::move(factors), 2, std::move(gram), {}).value()).value();
    RetrieverScratch scratch;
    std::vector<Candidate> out(10);
    out.resize(retriever->similar(0, scratch, out));
    ASSERT_EQ(out.size(), 4U);
    const std::vector<std::pair<ItemRow, float>> expected{{1, 1.0F}, {2, 0.96F}, {4, 0.96F}, {5, -1.0F}};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(out[i].item, expected[i].first);
        EXPECT_FLOAT_EQ(out[i].score, expected[i].second);
    }
    out.resize(1);
    EXPECT_EQ(retriever->similar(0, scratch, out), 1U);
    EXPECT_EQ(retriever->similar(3, scratch, out), 0U);
    EXPECT_EQ(retriever->similar(0, scratch, {}), 0U);
}

TEST(EmbeddingRetriever, proposes_items_of_the_users_parity_and_nothing_to_a_newcomer) {
    const World world;
    const auto retriever = embedding();
    for (const auto& candidate : ask(world, *retriever, 2, 20).list) EXPECT_EQ(candidate.item % 2, 0U);
    for (const auto& candidate : ask(world, *retriever, 3, 20).list) EXPECT_EQ(candidate.item % 2, 1U);
    EXPECT_TRUE(ask(world, *retriever, 19, 20).list.empty());
    RetrieverScratch scratch;
    std::vector<Candidate> similar(10);
    ASSERT_EQ(retriever->similar(5, scratch, similar), 10U);
    for (const auto& candidate : similar) EXPECT_EQ(candidate.item % 2, 1U);
    EXPECT_EQ(retriever->similar(kItems, scratch, similar), 0U);
}

// A user who chose 0 and then 2: the lists are 2: {4: 1, 6: 1/2, 8: 1/3} and, a step older, 0: {2: 1, 4: 1/2, 6: 1/3} x 0.95.
TEST(ItemToItemRetriever, adds_up_the_lists_of_the_latest_choices) {
    World world;
    features::Fold fold(world.plan, world.items, world.users);
    fold.apply({kStart, 0, 0, kChosen});
    fold.apply({kStart + 1, 0, 2, kChosen});
    const features::FeatureRequest request{kStart + 2, 0, {}};
    const auto retriever = item_to_item();
    RetrieverScratch scratch;
    std::vector<Candidate> out(10);
    out.resize(retriever->retrieve({request, fold.user(0), fold.shared(), kItems, nullptr}, scratch, out).value());
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(out[0].item, 4U);
    EXPECT_FLOAT_EQ(out[0].score, 1.0F + 0.95F / 2);
    EXPECT_EQ(out[1].item, 2U);
    EXPECT_FLOAT_EQ(out[1].score, 0.95F);
    EXPECT_EQ(out[2].item, 6U);
    EXPECT_FLOAT_EQ(out[2].score, 0.5F + 0.95F / 3);
    EXPECT_EQ(out[3].item, 8U);
    EXPECT_FLOAT_EQ(out[3].score, 1.0F / 3);
    std::vector<Candidate> similar(2);
    ASSERT_EQ(retriever->similar(2, scratch, similar), 2U);
    EXPECT_EQ(similar[1].item, 6U);
    EXPECT_EQ(similar[1].score, 0.5F);
}

TEST(RecentChoices, are_distinct_newest_first_and_bounded) {
    World world;
    features::Fold fold(world.plan, world.items, world.users);
    for (const ItemRow item : {5U, 6U, 5U, 7U}) {
        fold.apply({kStart, 0, item, features::SignalMask{1} << features::kImpressionBit});
        fold.apply({kStart, 0, item, kChosen});
    }
    std::vector<ItemRow> items;
    recent_choices(fold.user(0), 0, 10, items);
    EXPECT_EQ(items, (std::vector<ItemRow>{7, 5, 6}));
    recent_choices(fold.user(0), 0, 1, items);
    EXPECT_EQ(items, (std::vector<ItemRow>{7}));
}

}  // namespace
}  // namespace shortlist::retrieval
