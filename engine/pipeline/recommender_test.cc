#include "engine/pipeline/recommender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/pipeline/small_models_testing_internal.h"
#include "engine/pipeline/stages.h"

namespace shortlist::pipeline {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr UserRow kAnn = SmallProject::kAnn;

// Ann met item 0. Of popular, 0 1 2 3, remain 1 2 3; similar proposes 2 6. By 1 / (60 + position):
//     2: 1/62 + 1/61     1: 1/61     6: 1/62     3: 1/63
TEST(Recommender, blends_by_reciprocal_rank) {
    const SmallProject project;
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kAnn), ElementsAre(2, 1, 6, 3));
    const auto& blended = serving.scratch.blended;
    ASSERT_EQ(blended.size(), 4U);
    EXPECT_FLOAT_EQ(blended[0], 1.0F / 62 + 1.0F / 61);
    EXPECT_FLOAT_EQ(blended[1], 1.0F / 61);
    EXPECT_FLOAT_EQ(blended[2], 1.0F / 62);
    EXPECT_FLOAT_EQ(blended[3], 1.0F / 63);
    EXPECT_THAT(serving.scratch.trace.degraded, IsEmpty());
}

TEST(Recommender, keeps_the_rank_and_score_each_retriever_gave) {
    const SmallProject project;
    SmallServing serving(project);
    serving.ask(kAnn);
    // Candidate 0 is item 2: second of popular, first of similar with the score 1. Candidate 1 is item 1, which similar did not propose.
    EXPECT_EQ(serving.scratch.rank[0], 2.0F);
    EXPECT_EQ(serving.scratch.rank[1], 1.0F);
    EXPECT_EQ(serving.scratch.score[1], 1.0F);
    EXPECT_EQ(serving.scratch.rank[2], 1.0F);
    EXPECT_TRUE(std::isnan(serving.scratch.rank[3]));
    EXPECT_TRUE(std::isnan(serving.scratch.score[3]));
}

// Of ann's lists, 1 2 3 and 2 6, come 1 2 3 6, all of which fit into the slate.
TEST(Recommender, counts_what_is_left_after_each_stage) {
    const SmallProject project;
    SmallServing serving(project);
    serving.ask(kAnn);
    std::vector<std::pair<std::string, std::size_t>> counts;
    for (const auto& stage : serving.scratch.trace.stages) counts.emplace_back(stage.name, stage.candidates);
    EXPECT_THAT(counts, ElementsAre(Pair("retrieve", 5), Pair("blend", 4), Pair("gather", 4), Pair("rank", 4), Pair("compose", 4)));
}

TEST(Recommender, never_shows_what_the_user_met) {
    const SmallProject project;
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kAnn), Not(Contains(0U)));
    EXPECT_THAT(serving.ask(SmallProject::kCrowd), IsEmpty());
}

// Ann met item 0 ten minutes ago.
TEST(Recommender, shows_again_what_was_met_longer_ago_than_hide_seen) {
    SmallProject project;
    project.home().hide_seen.us = 11 * kMinuteUs;
    EXPECT_THAT(SmallServing(project).ask(kAnn), Not(Contains(0U)));
    project.home().hide_seen.us = 9 * kMinuteUs;
    EXPECT_THAT(SmallServing(project).ask(kAnn), Contains(0U));
}

// With 2 excluded the lists are 1 3 4 and 6: ties go to the lower row.
TEST(Recommender, never_shows_what_the_request_excludes_and_fills_its_place) {
    const SmallProject project;
    SmallServing serving(project);
    Request request;
    request.user = kAnn;
    const std::vector<ItemRow> exclude{2, 77};
    request.exclude = exclude;
    EXPECT_THAT(serving.ask(request), ElementsAre(1, 6, 3, 4));
}

TEST(Recommender, gives_a_newcomer_what_is_popular) {
    const SmallProject project;
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kNoRow), ElementsAre(0, 1, 2));
    EXPECT_THAT(serving.ask(SmallProject::kBen), ElementsAre(0, 1, 2));
}

// With a negative diagonal there is no positive definite system, so that no vector can be solved for ann, who chose item 0. Ben chose
// nothing and needs none. The lists are those of the other retrievers.
TEST(Recommender, leaves_out_a_retriever_that_errs_and_names_it) {
    const SmallProject without;
    SmallProject project;
    project.add_embeddings({{1, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 1}, {0, 2}, {2, 0}, {1, 3}});
    auto factors = kernels::AlignedVector<float>(16, 1.0F);
    auto gram = kernels::AlignedVector<float>(256, 0.0F);
    gram[0] = -1e6F;
    project.parts.retrievers[2] = models::Factorization::create(std::move(factors), 2, std::move(gram), {}).value();
    SmallServing serving(project);
    EXPECT_EQ(serving.ask(kAnn), SmallServing(without).ask(kAnn));
    EXPECT_THAT(serving.scratch.trace.degraded, ElementsAre("taste: the user's vector cannot be solved"));
    EXPECT_TRUE(std::isnan(serving.scratch.affinity[2]));  // of the third retriever on the first candidate
    EXPECT_EQ(serving.ask(SmallProject::kBen), SmallServing(without).ask(SmallProject::kBen));
    EXPECT_THAT(serving.scratch.trace.degraded, IsEmpty());
}

TEST(Recommender, answers_an_empty_catalogue_with_an_empty_slate) {
    const SmallProject project(/*items=*/0);
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kNoRow), IsEmpty());
    EXPECT_THAT(serving.scratch.trace.degraded, IsEmpty());
    const std::vector<ItemRow> candidates{0, 1};
    Request request;
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), IsEmpty());
}

TEST(Recommender, remembers_nothing_of_the_request_before) {
    const SmallProject project;
    SmallServing serving(project);
    const auto first = serving.ask(kAnn);
    Request request;
    request.user = kAnn;
    const std::vector<ItemRow> exclude{1, 2, 3};
    request.exclude = exclude;
    EXPECT_NE(serving.ask(request), first);
    serving.ask(SmallProject::kCrowd);
    EXPECT_EQ(serving.ask(kAnn), first);
}

TEST(Recommender, cuts_the_slate_at_the_size_asked_for_else_at_the_surfaces) {
    SmallProject project;
    project.home().size = 3;
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kAnn), ElementsAre(2, 1, 6));
    Request request;
    request.user = kAnn;
    request.size = 1;
    EXPECT_THAT(serving.ask(request), ElementsAre(2));
}

// Item 0, though met, and 7, which nobody proposes, are ranked too; row 99 is no item.
TEST(Recommender, ranks_every_given_candidate_once) {
    const SmallProject project;
    SmallServing serving(project);
    Request request;
    request.user = kAnn;
    request.size = 10;
    const std::vector<ItemRow> candidates{7, 0, 6, 2, 99, 7};
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), ElementsAre(2, 6, 0, 7));
}

TEST(Rank, puts_a_candidate_without_a_score_behind_all_others) {
    const SmallProject project;
    SmallServing serving(project);
    serving.ask(kAnn);
    Scratch& scratch = serving.scratch;
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    scratch.blended = {kNan, -5.0F, kNan, 7.0F};
    const Request request;
    const Moment moment{request, serving.fold.user(kAnn), *serving.world, project.data.items, project.data.users, {}};
    rank(moment, scratch);
    EXPECT_EQ(scratch.order[0], 3U);
    EXPECT_EQ(scratch.order[1], 1U);
}

// Items 0, 1 and 2 are alike and 3 is not; all four are proposed in this order, but 3 only by a retriever that takes four.
TEST(Compose, keeps_the_ranked_order_at_weight_zero_and_brings_unlike_items_forward_at_one) {
    SmallProject project;
    project.spec.retrievers[0].candidates = 4;
    project.home().size = 3;
    project.add_embeddings({{1, 0}, {1, 0}, {1, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
    project.home().diversity.weight = 0;
    EXPECT_THAT(SmallServing(project).ask(kNoRow), ElementsAre(0, 1, 2));
    project.home().diversity.weight = 1;
    EXPECT_THAT(SmallServing(project).ask(kNoRow), ElementsAre(0, 3, 1));
}

TEST(World, does_not_follow_the_fold_after_it_was_published) {
    const SmallProject project;
    SmallServing serving(project);
    for (int i = 0; i < 100; ++i) serving.fold.apply({SmallProject::kNow, SmallProject::kCrowd, 7, 1});
    serving.fold.advance_to(SmallProject::kNow + kHourUs);
    EXPECT_THAT(serving.ask(kNoRow), ElementsAre(0, 1, 2));
    serving.world = std::make_shared<World>(serving.models, serving.fold.publish_shared(), project.data.items.size());
    EXPECT_THAT(serving.ask(kNoRow), ElementsAre(7, 0, 1));
}

}  // namespace
}  // namespace shortlist::pipeline
