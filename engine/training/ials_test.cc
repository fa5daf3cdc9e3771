#include "engine/training/ials.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/dot.h"

namespace shortlist::training {
namespace {

/// Users of a few tastes, each choosing mostly items of their own.
data::Interactions tasteful_interactions(std::size_t users, std::size_t items, std::uint64_t seed) {
    Rng rng(seed);
    data::Interactions out;
    out.users = users;
    out.item_count = items;
    for (std::size_t user = 0; user < users; ++user) {
        const double activity = rng.uniform(0.02, 0.5);
        for (ItemRow item = 0; item < items; ++item) {
            if (!rng.chance(item % 4 == user % 4 ? activity : activity / 10)) continue;
            out.items.push_back(item);
            out.weights.push_back(static_cast<float>(1 + rng.below(3)));
        }
        out.offsets.push_back(out.items.size());
    }
    return out;
}

/// Dense symmetric solve in double by Gaussian elimination; a is positive definite.
void solve_in_place(std::vector<double>& a, std::vector<double>& x) {
    const std::size_t n = x.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t r = 0; r < n; ++r) {
            if (r == i) continue;
            const double factor = a[r * n + i] / a[i * n + i];
            for (std::size_t j = i; j < n; ++j) a[r * n + j] -= factor * a[i * n + j];
            x[r] -= factor * x[i];
        }
    }
    for (std::size_t i = 0; i < n; ++i) x[i] /= a[i * n + i];
}

double frequency_of(const data::Interactions& chosen, UserRow row, const IalsConfig& config) {
    const auto observed = static_cast<double>(chosen.of(row).size());
    return config.count_unobserved ? observed + config.unobserved_weight * static_cast<double>(chosen.item_count) : std::max(observed, 1.0);
}

/// One half step from its definition: a term for every pair, observed or not, all in double.
std::vector<double> half_step_naively(const data::Interactions& chosen, const std::vector<double>& given, const IalsConfig& config) {
    const std::size_t d = config.embedding_size;
    std::vector<double> solved(chosen.users * d);
    for (UserRow row = 0; row < chosen.users; ++row) {
        std::vector<double> weight(chosen.item_count, 0.0);
        for (std::uint64_t k = chosen.offsets[row]; k < chosen.offsets[row + 1]; ++k) weight[chosen.items[k]] = chosen.weights[k];
        const double frequency = frequency_of(chosen, row, config);
        std::vector<double> a(d * d, 0.0);
        std::vector<double> x(d, 0.0);
        for (std::size_t other = 0; other < chosen.item_count; ++other) {
            const double* y = &given[other * d];
            for (std::size_t i = 0; i < d; ++i) {
                for (std::size_t j = 0; j < d; ++j) a[i * d + j] += (weight[other] + config.unobserved_weight) * y[i] * y[j];
                x[i] += weight[other] * y[i];
            }
        }
        for (std::size_t i = 0; i < d; ++i) a[i * d + i] += config.regularization * std::pow(frequency, config.frequency_exponent);
        solve_in_place(a, x);
        std::copy(x.begin(), x.end(), solved.begin() + static_cast<std::ptrdiff_t>(row * d));
    }
    return solved;
}

/// The loss as a sum over every pair, per observed pair.
double loss_naively(const data::Interactions& interactions, const std::vector<double>& users, const std::vector<double>& items,
                    const IalsConfig& config) {
    const std::size_t d = config.embedding_size;
    const auto by_item = data::transpose(interactions);
    double loss = 0;
    for (UserRow user = 0; user < interactions.users; ++user) {
        std::uint64_t next = interactions.offsets[user];
        for (ItemRow item = 0; item < interactions.item_count; ++item) {
            double product = 0;
            for (std::size_t i = 0; i < d; ++i) product += users[user * d + i] * items[item * d + i];
            loss += config.unobserved_weight * product * product;
            if (next < interactions.offsets[user + 1] && interactions.items[next] == item)
                loss += interactions.weights[next++] * (1 - product) * (1 - product);
        }
    }
    const auto penalty = [&](const data::Interactions& chosen, const std::vector<double>& vectors) {
        double sum = 0;
        for (UserRow row = 0; row < chosen.users; ++row) {
            const double frequency = frequency_of(chosen, row, config);
            for (std::size_t i = 0; i < d; ++i) {
                sum += config.regularization * std::pow(frequency, config.frequency_exponent) * vectors[row * d + i] * vectors[row * d + i];
            }
        }
        return sum;
    };
    return (loss + penalty(interactions, users) + penalty(by_item, items)) / static_cast<double>(interactions.items.size());
}

// Training of one epoch reveals the first item vectors only through what it makes of them; so the twin starts from the item
// vectors after one epoch and must arrive where two epochs do.
TEST(Ials, one_more_epoch_agrees_with_the_naive_twin_in_double) {
    const auto interactions = tasteful_interactions(60, 45, 1);
    const auto by_item = data::transpose(interactions);
    ThreadPool pool(1);
    for (const std::size_t dimension : {3, 16, 20}) {
        IalsConfig config;
        config.embedding_size = dimension;
        config.unobserved_weight = 0.2;
        config.regularization = 0.05;
        config.frequency_exponent = 0.7;
        config.count_unobserved = dimension == 16;
        config.epochs = 1;
        const auto before = train_ials(interactions, config, pool).value();
        config.epochs = 2;
        double reported = 0;
        const auto after = train_ials(interactions, config, pool, [&](std::size_t, double loss) { reported = loss; }).value();

        const std::vector<double> start(before.item_factors().begin(), before.item_factors().end());
        const auto users = half_step_naively(interactions, start, config);
        const auto items = half_step_naively(by_item, users, config);
        for (std::size_t i = 0; i < items.size(); ++i) ASSERT_NEAR(after.item_factors()[i], items[i], 3e-5) << dimension << ' ' << i;
        EXPECT_NEAR(reported, loss_naively(interactions, users, items, config), 1e-5);
    }
}

TEST(Ials, never_raises_the_loss_from_one_epoch_to_the_next) {
    const auto interactions = tasteful_interactions(150, 80, 2);
    ThreadPool pool(2);
    for (const double exponent : {0.0, 0.5, 1.0}) {
        IalsConfig config;
        config.embedding_size = 12;
        config.frequency_exponent = exponent;
        std::vector<double> losses;
        std::vector<std::size_t> epochs;
        ASSERT_TRUE(train_ials(interactions, config, pool, [&](std::size_t epoch, double loss) {
            epochs.push_back(epoch);
            losses.push_back(loss);
        }));
        ASSERT_EQ(losses.size(), config.epochs);
        for (std::size_t i = 0; i < losses.size(); ++i) {
            EXPECT_EQ(epochs[i], i + 1);
            EXPECT_TRUE(i == 0 || losses[i] <= losses[i - 1] * (1 + 1e-6)) << exponent << ' ' << i;
        }
    }
}

TEST(Ials, gives_equal_bytes_for_any_number_of_threads_and_other_vectors_for_another_seed) {
    const auto interactions = tasteful_interactions(333, 101, 3);
    ThreadPool one(1);
    ThreadPool three(3);
    IalsConfig config;
    config.embedding_size = 24;
    config.epochs = 3;
    const auto a = train_ials(interactions, config, one).value();
    const auto b = train_ials(interactions, config, three).value();
    ASSERT_TRUE(std::equal(a.item_factors().begin(), a.item_factors().end(), b.item_factors().begin()));
    config.seed = 7;
    const auto c = train_ials(interactions, config, one).value();
    EXPECT_FALSE(std::equal(a.item_factors().begin(), a.item_factors().end(), c.item_factors().begin()));
}

// A user of taste t chose a quarter of the catalogue's items with the same remainder; the model must rank those first.
TEST(Ials, ranks_items_of_a_users_taste_first_for_a_user_it_never_saw) {
    const auto interactions = tasteful_interactions(400, 80, 4);
    ThreadPool pool(2);
    IalsConfig config;
    config.embedding_size = 8;
    const auto model = train_ials(interactions, config, pool).value();
    models::Factorization::Scratch scratch;
    std::vector<float> user(8);
    model.fold_in(std::vector<ItemRow>{1, 5, 9}, std::vector<float>{1, 1, 1}, scratch, user);
    double own = 0;
    double others = 0;
    for (ItemRow item = 12; item < 80; ++item) {
        const double score = kernels::dot(user, model.item_factor(item));
        (item % 4 == 1 ? own : others) += score / (item % 4 == 1 ? 17 : 51);
    }
    EXPECT_GT(own, 3 * std::fabs(others));
}

TEST(Ials, takes_users_and_items_without_interactions) {
    data::Interactions interactions;
    interactions.users = 3;
    interactions.item_count = 4;
    interactions.offsets = {0, 0, 2, 2};
    interactions.items = {1, 3};
    interactions.weights = {1, 1};
    ThreadPool pool(1);
    IalsConfig config;
    config.embedding_size = 4;
    const auto model = train_ials(interactions, config, pool).value();
    EXPECT_EQ(kernels::dot(model.item_factor(0), model.item_factor(0)), 0.0F);
    EXPECT_GT(kernels::dot(model.item_factor(1), model.item_factor(1)), 0.0F);
    EXPECT_TRUE(train_ials(data::Interactions{}, config, pool));
}

TEST(Ials, refuses_what_it_cannot_train_on) {
    auto interactions = tasteful_interactions(5, 5, 5);
    ThreadPool pool(1);
    const auto message = [&](const IalsConfig& config) { return train_ials(interactions, config, pool).error().message; };
    EXPECT_EQ(message({.embedding_size = 0}), "embedding_size must be within 1 to 512, not 0");
    EXPECT_EQ(message({.embedding_size = 513}), "embedding_size must be within 1 to 512, not 513");
    EXPECT_EQ(message({.regularization = 0}), "regularization must be above 0, not 0.000000");
    EXPECT_EQ(message({.unobserved_weight = -1}), "unobserved_weight must be 0 or more, not -1.000000");
    ASSERT_FALSE(interactions.weights.empty());
    interactions.weights.back() = -2;
    EXPECT_EQ(message({}), "weights of interactions must be positive and finite, not -2.000000");
}

}  // namespace
}  // namespace shortlist::training
