#include "engine/training/item_to_item.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/random.h"

namespace shortlist::training {
namespace {

data::Interactions interactions_of(const std::vector<std::vector<ItemRow>>& histories, std::size_t items) {
    data::Interactions out;
    out.users = histories.size();
    out.item_count = items;
    for (const auto& history : histories) {
        out.items.insert(out.items.end(), history.begin(), history.end());
        out.offsets.push_back(out.items.size());
    }
    out.weights.assign(out.items.size(), 1.0F);
    return out;
}

std::vector<models::SimilarItem> similar(const models::Cooccurrence& model, ItemRow item) {
    const auto list = model.similar(item);
    return {list.begin(), list.end()};
}

// Items 0 and 1 share two users of 2 and 3, items 0 and 2 one of 2 and 1, items 1 and 2 one of 3 and 1; nobody chose item 3.
TEST(ItemToItem, without_shrinkage_is_the_cosine_of_the_columns) {
    ThreadPool pool(1);
    ItemToItemConfig config;
    config.shrinkage = 0;
    const auto model = train_item_to_item(interactions_of({{0, 1, 2}, {0, 1}, {1}}, 4), config, pool).value();
    ASSERT_EQ(model.items(), 4U);
    ASSERT_EQ(similar(model, 0).size(), 2U);
    EXPECT_EQ(similar(model, 0)[0].item, 1U);
    EXPECT_FLOAT_EQ(similar(model, 0)[0].score, static_cast<float>(2 / std::sqrt(6.0)));
    EXPECT_EQ(similar(model, 0)[1].item, 2U);
    EXPECT_FLOAT_EQ(similar(model, 0)[1].score, static_cast<float>(1 / std::sqrt(2.0)));
    EXPECT_TRUE(similar(model, 3).empty());
}

// Item 1 goes with item 0 once out of one: cosine 1 / sqrt(4 * 1) = 0.5; item 2 three times: 3 / sqrt(4 * 9) = 0.5. A shrinkage
// of 2 makes it 1 / (2 + 2) = 0.25 against 3 / (6 + 2) = 0.375.
TEST(ItemToItem, shrinkage_prefers_what_rests_on_more_users) {
    std::vector<std::vector<ItemRow>> histories{{0, 1}, {0, 2}, {0, 2}, {0, 2}};
    for (int i = 0; i < 6; ++i) histories.push_back({2});
    ThreadPool pool(1);
    ItemToItemConfig config;
    config.shrinkage = 2;
    const auto model = train_item_to_item(interactions_of(histories, 3), config, pool).value();
    EXPECT_EQ(similar(model, 0), (std::vector<models::SimilarItem>{{2, 0.375F}, {1, 0.25F}}));
    config.shrinkage = 0;
    const auto plain = train_item_to_item(interactions_of(histories, 3), config, pool).value();
    EXPECT_EQ(similar(plain, 0), (std::vector<models::SimilarItem>{{1, 0.5F}, {2, 0.5F}}));
}

data::Interactions random_interactions(Rng& rng, std::size_t users, std::size_t items) {
    std::vector<std::vector<ItemRow>> histories(users);
    for (auto& history : histories) {
        const double activity = rng.uniform(0, 0.3);
        for (ItemRow item = 0; item < items; ++item) {
            if (rng.chance(activity)) history.push_back(item);
        }
    }
    return interactions_of(histories, items);
}

TEST(ItemToItem, agrees_with_counting_every_pair) {
    Rng rng(1);
    const auto interactions = random_interactions(rng, 200, 60);
    std::vector<double> both(60 * 60, 0.0);
    for (UserRow user = 0; user < 200; ++user) {
        for (const ItemRow a : interactions.of(user)) {
            for (const ItemRow b : interactions.of(user)) both[a * 60 + b] += 1;
        }
    }
    ThreadPool pool(2);
    ItemToItemConfig config;
    config.neighbors = 7;
    const auto model = train_item_to_item(interactions, config, pool).value();
    for (ItemRow item = 0; item < 60; ++item) {
        std::vector<models::SimilarItem> expected;
        for (ItemRow other = 0; other < 60; ++other) {
            if (other == item || both[item * 60 + other] == 0) continue;
            const double scale = std::sqrt(both[item * 61] * both[other * 61]) + config.shrinkage;
            expected.push_back({other, static_cast<float>(both[item * 60 + other] / scale)});
        }
        std::sort(expected.begin(), expected.end(),
                  [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; });
        expected.resize(std::min<std::size_t>(expected.size(), 7));
        ASSERT_EQ(similar(model, item), expected) << item;
    }
}

TEST(ItemToItem, gives_equal_lists_for_any_number_of_threads) {
    Rng rng(2);
    const auto interactions = random_interactions(rng, 300, 400);
    ThreadPool one(1);
    ThreadPool three(3);
    ItemToItemConfig config;
    config.history_max = 20;
    const auto a = train_item_to_item(interactions, config, one).value();
    const auto b = train_item_to_item(interactions, config, three).value();
    for (ItemRow item = 0; item < 400; ++item) ASSERT_EQ(similar(a, item), similar(b, item)) << item;
}

// One user with 1,000 choices, of whom 10 count: the lists of those 10 hold the 9 others, all other lists are empty. Another
// seed samples others.
TEST(ItemToItem, counts_a_seeded_sample_of_a_long_history) {
    std::vector<ItemRow> all(1000);
    for (ItemRow item = 0; item < 1000; ++item) all[item] = item;
    ThreadPool pool(1);
    ItemToItemConfig config;
    config.history_max = 10;
    config.shrinkage = 0;
    const auto known = [&] {
        std::vector<ItemRow> out;
        const auto model = train_item_to_item(interactions_of({all}, 1000), config, pool).value();
        for (ItemRow item = 0; item < 1000; ++item) {
            if (similar(model, item).empty()) continue;
            EXPECT_EQ(similar(model, item).size(), 9U);
            out.push_back(item);
        }
        return out;
    };
    const auto first = known();
    EXPECT_EQ(first.size(), 10U);
    EXPECT_EQ(first, known());
    config.seed = 43;
    EXPECT_NE(first, known());
}

TEST(ItemToItem, refuses_options_out_of_range) {
    ThreadPool pool(1);
    const auto message = [&](const ItemToItemConfig& config) {
        return train_item_to_item(interactions_of({{0, 1}}, 2), config, pool).error().message;
    };
    EXPECT_EQ(message({.neighbors = 0}), "neighbors must be 1 or more, not 0");
    EXPECT_EQ(message({.history_max = 1}), "history_max must be 2 or more, not 1");
    EXPECT_EQ(message({.shrinkage = -1}), "shrinkage must be 0 or more, not -1.000000");
    EXPECT_TRUE(train_item_to_item(interactions_of({{0, 1}}, 2), {.history_max = 2}, pool));
}

}  // namespace
}  // namespace shortlist::training
