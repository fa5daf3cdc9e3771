#include "engine/training/score_movement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "engine/data/catalogue.h"
#include "engine/kernels/linear_systems.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

// Items 0 1 2, of which every user watched the first; a list of one neighbour for item 0 makes an opinion of that neighbour.
struct Pair {
    data::Dataset data;

    Pair() {
        for (std::uint64_t user = 0; user < 4; ++user) data::append_event(small_event(kSmallLogStart, user, 0, "watch"), data);
        for (std::uint64_t item = 1; item < 3; ++item) data::append_event(small_event(kSmallLogStart + kHourUs, 4, item, "impression"), data);
    }

    [[nodiscard]] std::shared_ptr<const pipeline::ServingModels> models(std::vector<float> item_factors) const {
        pipeline::ModelSpec spec;
        spec.items = data.items.size();
        spec.item_ids_sha256 = data::digest_of_ids(data.items, data.items.size());
        spec.signals.emplace_back("watched", data::SignalConfig{"watch", {}, 1});
        spec.retrievers.push_back({"taste", pipeline::RetrieverKind::Ials, "watched", 3, {}});
        spec.retrievers.push_back({"popular", pipeline::RetrieverKind::Popularity, "watched", 3, {}});
        spec.surfaces.emplace_back("home", pipeline::SurfaceConfig{});
        pipeline::ModelParts parts;
        // One dimension, nothing unobserved, penalty 1: a user who watched item 0 of factor y has the vector y / (y^2 + 1).
        const models::FactorizationRule rule{0.0, 1.0, 0.0};
        kernels::AlignedVector<float> factors(item_factors.begin(), item_factors.end());
        kernels::AlignedVector<float> gram(kernels::padded_width(1) * kernels::padded_width(1), 0.0F);
        parts.retrievers.emplace_back(models::Factorization::create(std::move(factors), 1, std::move(gram), rule).value());
        parts.retrievers.emplace_back();
        return pipeline::ServingModels::create(spec, std::move(parts), data).value();
    }

    [[nodiscard]] std::vector<ScoreMovement> from_to(std::vector<float> before, std::vector<float> after) const {
        const auto masks = features::fold_masks(data.events, models(before)->signals());
        ThreadPool pool(2);
        return score_movement({data, masks, {}}, models(std::move(before)), models(std::move(after)), /*seed=*/1, pool);
    }
};

TEST(ScoreMovement, is_nothing_between_equal_models) {
    const auto moved = Pair().from_to({1, 2, -1}, {1, 2, -1});
    ASSERT_EQ(moved.size(), 1U) << "popularity has no model that could be refitted";
    EXPECT_EQ(moved[0].retriever, "taste");
    EXPECT_GT(moved[0].pairs, 0U);
    EXPECT_NEAR(moved[0].correlation, 1.0, 1e-6);
    EXPECT_EQ(moved[0].mean_change, 0.0);
    EXPECT_EQ(moved[0].mean_before, moved[0].mean_after);
}

// All users drawn who watched have the vector 1 / (1 + 1) = 0.5. Scores of items 0 1 2: 0.5, 1, -0.5 before, 0.5, -1, 0.5 after.
// Mean before 1/3, after 0; mean change (0 + 2 + 1) / 3 = 1; variance before 0.5 - 1/9, after 0.5; covariance
// (0.25 - 1 - 0.25) / 3 = -1/3; correlation -1/3 / sqrt(0.38889 * 0.5) = -0.7559.
TEST(ScoreMovement, is_the_change_and_correlation_of_the_pairs_scores) {
    const auto moved = Pair().from_to({1, 2, -1}, {1, -2, 1});
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_NEAR(moved[0].mean_before, 1.0 / 3, 1e-5);
    EXPECT_NEAR(moved[0].mean_after, 0.0, 1e-5);
    EXPECT_NEAR(moved[0].mean_change, 1.0, 1e-5);
    EXPECT_NEAR(moved[0].deviation_before, 0.62361, 1e-4);
    EXPECT_NEAR(moved[0].correlation, -0.75593, 1e-4);
}

}  // namespace
}  // namespace shortlist::training
