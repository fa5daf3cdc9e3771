#include "engine/models/factorization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/linear_systems.h"
#include "engine/models/file_testing_internal.h"

namespace shortlist::models {
namespace {

Factorization random_model(std::size_t items, std::size_t dimension, const FactorizationRule& rule, std::uint64_t seed = 1) {
    Rng rng(seed);
    ThreadPool pool(1);
    kernels::AlignedVector<float> factors(items * dimension);
    for (float& value : factors) value = static_cast<float>(rng.normal());
    auto gram = scaled_gram(factors, dimension, rule.unobserved_weight, pool);
    return Factorization::create(std::move(factors), dimension, std::move(gram), rule).value();
}

/// The normal equations from their definition, solved by Gaussian elimination, all in double.
std::vector<double> fold_in_naively(const Factorization& model, std::span<const ItemRow> items, std::span<const float> weights) {
    const std::size_t d = model.embedding_size();
    std::vector<double> a(d * d, 0.0);
    std::vector<double> x(d, 0.0);
    const auto add = [&](ItemRow item, double weight) {
        const auto y = model.item_factor(item);
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t j = 0; j < d; ++j) a[i * d + j] += weight * y[i] * y[j];
        }
    };
    for (ItemRow item = 0; item < model.items(); ++item) add(item, model.rule().unobserved_weight);
    for (std::size_t k = 0; k < items.size(); ++k) {
        add(items[k], weights[k]);
        for (std::size_t i = 0; i < d; ++i) x[i] += weights[k] * model.item_factor(items[k])[i];
    }
    for (std::size_t i = 0; i < d; ++i) a[i * d + i] += model.rule().penalty(items.size(), model.items());
    for (std::size_t i = 0; i < d; ++i) {  // positive definite: no pivoting needed
        for (std::size_t r = 0; r < d; ++r) {
            if (r == i) continue;
            const double factor = a[r * d + i] / a[i * d + i];
            for (std::size_t j = i; j < d; ++j) a[r * d + j] -= factor * a[i * d + j];
            x[r] -= factor * x[i];
        }
    }
    for (std::size_t i = 0; i < d; ++i) x[i] /= a[i * d + i];
    return x;
}

// 0.5 * 7 ^ 2 = 24.5; with the unobserved 0.5 * (7 + 0.1 * 30) ^ 2 = 50. Nothing observed counts as one, so that there always is a penalty.
TEST(FactorizationRule, penalty_scales_with_the_frequency) {
    EXPECT_NEAR((FactorizationRule{0.1, 0.5, 2.0, false}).penalty(7, 30), 24.5, 1e-9);
    EXPECT_NEAR((FactorizationRule{0.1, 0.5, 2.0, true}).penalty(7, 30), 50.0, 1e-9);
    EXPECT_NEAR((FactorizationRule{0.1, 0.5, 0.0, true}).penalty(7, 30), 0.5, 1e-12);
    EXPECT_NEAR((FactorizationRule{0.1, 0.5, 2.0, false}).penalty(0, 30), 0.5, 1e-12);
}

// One dimension, items 2 and 1, unobserved weight 0.5, regularization 0.25, exponent 1, the unobserved counted; the user chose item 0 with weight 3:
// left 3 * 4 + 0.5 * (4 + 1) + 0.25 * (1 + 0.5 * 2) = 15, right 3 * 2 = 6, x = 0.4.
TEST(Factorization, folds_a_user_in_as_computed_by_hand) {
    kernels::AlignedVector<float> gram(16 * 16, 0.0F);
    gram[0] = 2.5F;
    const auto model = Factorization::create({2, 1}, 1, gram, {0.5, 0.25, 1.0, true}).value();
    Factorization::Scratch scratch;
    std::vector<float> user(1);
    model.fold_in(std::vector<ItemRow>{0}, std::vector<float>{3}, scratch, user);
    EXPECT_FLOAT_EQ(user[0], 0.4F);
}

TEST(Factorization, folds_in_as_the_normal_equations_in_double_do_for_any_embedding_size) {
    for (const std::size_t dimension : {1, 2, 8, 15, 16, 17, 40, 64, 100}) {
        const auto model = random_model(200, dimension, {0.3, 0.01, 1.0});
        Rng rng(dimension);
        std::vector<ItemRow> items;
        std::vector<float> weights;
        for (ItemRow item = 0; item < 200; item += 1 + static_cast<ItemRow>(rng.below(20))) {
            items.push_back(item);
            weights.push_back(static_cast<float>(rng.uniform(0.5, 3)));
        }
        const auto expected = fold_in_naively(model, items, weights);
        Factorization::Scratch scratch;
        std::vector<float> user(dimension);
        model.fold_in(items, weights, scratch, user);
        for (std::size_t i = 0; i < dimension; ++i) ASSERT_NEAR(user[i], expected[i], 2e-5) << dimension;
    }
}

TEST(Factorization, folds_a_user_without_choices_to_zeros) {
    const auto model = random_model(50, 8, {});
    Factorization::Scratch scratch;
    std::vector<float> user(8, 1.0F);
    EXPECT_TRUE(model.fold_in({}, {}, scratch, user));
    EXPECT_EQ(user, std::vector<float>(8, 0.0F));
}

TEST(Factorization, folds_to_zeros_and_says_so_where_the_system_overflows) {
    const auto model = random_model(50, 8, {});
    Factorization::Scratch scratch;
    std::vector<float> user(8, 1.0F);
    EXPECT_FALSE(model.fold_in(std::vector<ItemRow>{1}, std::vector<float>{std::numeric_limits<float>::max()}, scratch, user));
    EXPECT_EQ(user, std::vector<float>(8, 0.0F));
}

TEST(ScaledGram, agrees_with_a_sum_in_double_and_has_equal_bits_for_any_number_of_threads) {
    Rng rng(5);
    std::vector<float> vectors(1000 * 20);
    for (float& value : vectors) value = static_cast<float>(rng.normal());
    ThreadPool one(1);
    ThreadPool three(3);
    const auto gram = scaled_gram(vectors, 20, 0.5, one);
    EXPECT_EQ(gram, scaled_gram(vectors, 20, 0.5, three));
    for (std::size_t i = 0; i < 20; ++i) {
        for (std::size_t j = i; j < 20; ++j) {
            double sum = 0;
            for (std::size_t r = 0; r < 1000; ++r) sum += 0.5 * vectors[r * 20 + i] * vectors[r * 20 + j];
            ASSERT_NEAR(gram[i * 32 + j], sum, 1e-3);
        }
    }
}

TEST(Factorization, comes_back_from_its_file_bit_for_bit) {
    const TemporaryFile file;
    for (const std::size_t dimension : {5, 16}) {
        const auto model = random_model(30, dimension, {0.7, 0.02, 0.5, dimension == 5});
        ASSERT_TRUE(model.save(file.path()));
        const auto loaded = Factorization::load(file.path()).value();
        EXPECT_EQ(loaded.rule(), model.rule());
        ASSERT_EQ(loaded.item_factors().size(), model.item_factors().size());
        EXPECT_TRUE(std::equal(loaded.item_factors().begin(), loaded.item_factors().end(), model.item_factors().begin()));
        Factorization::Scratch scratch;
        std::vector<float> before(dimension);
        std::vector<float> after(dimension);
        const std::vector<ItemRow> items{3, 1, 29};
        const std::vector<float> weights{1, 2, 1};
        model.fold_in(items, weights, scratch, before);
        loaded.fold_in(items, weights, scratch, after);
        EXPECT_EQ(before, after);
    }
}

TEST(Factorization, refuses_every_truncated_file_and_one_that_is_too_long) {
    const TemporaryFile file;
    ASSERT_TRUE(random_model(4, 3, {}).save(file.path()));
    expect_refused_unless_whole(file, [&] { return error_of(Factorization::load(file.path())); });
}

// Bytes: 12 embedding size, 16 items, 24 unobserved weight, 32 regularization, 48 the first factor.
TEST(Factorization, refuses_sizes_and_numbers_that_make_no_model) {
    const TemporaryFile file;
    const auto refuses = [&](auto damage) {
        ASSERT_TRUE(random_model(4, 3, {}).save(file.path()));
        damage();
        const auto model = Factorization::load(file.path());
        ASSERT_FALSE(model);
        EXPECT_EQ(model.error().code, ErrorCode::DataLoss) << model.error().message;
    };
    refuses([&] { file.overwrite<std::uint32_t>(12, 0); });
    refuses([&] { file.overwrite<std::uint32_t>(12, 513); });
    refuses([&] { file.overwrite<std::uint32_t>(12, 4); });
    refuses([&] { file.overwrite<std::uint64_t>(16, 5); });
    refuses([&] { file.overwrite<std::uint64_t>(16, ~std::uint64_t{0}); });
    refuses([&] { file.overwrite<std::uint64_t>(16, 0xfffffff0); });
    refuses([&] { file.overwrite<double>(24, -1.0); });
    refuses([&] { file.overwrite<double>(32, 0.0); });
    refuses([&] { file.overwrite<double>(32, std::nan("")); });
    refuses([&] { file.overwrite<float>(48, std::numeric_limits<float>::infinity()); });
}

TEST(Factorization, refuses_another_kind_of_file_a_newer_version_and_a_missing_file) {
    const TemporaryFile file;
    ASSERT_TRUE(random_model(4, 3, {}).save(file.path()));
    file.overwrite<std::uint32_t>(8, 2);
    EXPECT_EQ(error_of(Factorization::load(file.path())), ErrorCode::FailedPrecondition);
    file.overwrite<char>(0, 'X');
    EXPECT_EQ(error_of(Factorization::load(file.path())), ErrorCode::DataLoss);
    EXPECT_EQ(error_of(Factorization::load(file.path().string() + ".missing")), ErrorCode::NotFound);
}

TEST(Factorization, says_which_sizes_it_takes) {
    const kernels::AlignedVector<float> gram(16 * 16, 1.0F);
    EXPECT_EQ(Factorization::create({1, 2}, 513, gram, {}).error().message, "embedding size must be within 1 to 512, not 513");
    EXPECT_EQ(Factorization::create({1, 2, 3}, 2, gram, {}).error().message, "item factors must be whole rows of 2 values, not 3 values");
    EXPECT_EQ(Factorization::create({1, 2}, 2, {}, {}).error().message, "Gram matrix must hold 256 values, not 0");
}

}  // namespace
}  // namespace shortlist::models
