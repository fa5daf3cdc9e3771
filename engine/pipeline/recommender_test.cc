#include "engine/pipeline/recommender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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
// Candidates 2 1 6 3 have the ranks 2 1 - 3 of popular and 1 - 2 - of similar; a missing rank is above every threshold:
//     2: 2 + 0.25     1: -1 + 0.5     6: 2 + 0.5     3: 2 + 0.5, behind 6 in the blend, but the lower row
TEST(Recommender, orders_by_the_ranker_where_there_is_one) {
    SmallProject project;
    project.add_rank_tree("popular", 1.5, -1, 2);
    project.add_rank_tree("similar", 1.5, 0.25, 0.5);
    SmallServing serving(project);
    EXPECT_THAT(serving.ask(kAnn), ElementsAre(3, 6, 2, 1));
    EXPECT_THAT(serving.scratch.ranked, ElementsAre(2.25, -0.5, 2.5, 2.5));
    EXPECT_EQ(serving.scratch.slate[0].score, 2.5F);
    EXPECT_EQ(serving.scratch.slate[0].candidate, 3U);
    EXPECT_EQ(serving.scratch.slate[3].score, -0.5F);
    // The ranker reads what retrievers propose, so that they are asked for the caller's candidates, too.
    Request request;
    request.user = kAnn;
    const std::vector<ItemRow> candidates{1, 7, 2};
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), ElementsAre(7, 2, 1));
    EXPECT_EQ(serving.scratch.trace.stages[0].candidates, 5U);
}

// A ranker that reads the models' own opinion needs no proposals: of ann, similar thinks 1 of item 2, 0.5 of item 6 and 0 of others.
TEST(Recommender, asks_no_retriever_for_given_candidates_whose_order_needs_none) {
    SmallProject project;
    features::FeatureConfig dot;
    dot.kind = features::FeatureKind::Dot;
    dot.retriever = "similar";
    project.add_ranker_tree(dot, 0.75, 3, 1);
    SmallServing serving(project);
    Request request;
    request.user = kAnn;
    const std::vector<ItemRow> candidates{1, 2, 6};
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), ElementsAre(1, 6, 2));
    EXPECT_EQ(serving.scratch.trace.stages[0].candidates, 0U);
    serving.ask(kAnn);
    EXPECT_EQ(serving.scratch.trace.stages[0].candidates, 5U);
}

TEST(Recommender, fills_feature_rows_without_a_ranker_only_where_they_are_wanted) {
    SmallProject project;
    project.add_rank_tree("popular", 1.5, -1, 2);
    project.add_rank_tree("similar", 1.5, 0.25, 0.5);
    project.spec.has_ranker = false;
    SmallServing serving(project);
    Request request;
    request.user = kAnn;
    EXPECT_THAT(serving.ask(request), ElementsAre(2, 1, 6, 3));
    EXPECT_THAT(serving.scratch.rows, IsEmpty());
    request.wants_features = true;
    EXPECT_THAT(serving.ask(request), ElementsAre(2, 1, 6, 3));
    const auto& rows = serving.scratch.rows;
    ASSERT_EQ(rows.size(), 8U);
    for (const auto& [at, rank] : {std::pair{0, 2.0F}, {1, 1.0F}, {2, 1.0F}, {5, 2.0F}, {6, 3.0F}})
        EXPECT_EQ(rows[static_cast<std::size_t>(at)], rank);
    for (const std::size_t missing : {3U, 4U, 7U}) EXPECT_TRUE(std::isnan(rows[missing]));
    // Rows to learn from need no order, but what they hold of the retrievers needs proposals.
    const std::vector<ItemRow> candidates{2, 7};
    request.candidates = candidates;
    serving.ask(request);
    EXPECT_EQ(serving.scratch.rows[0], 2.0F);
    EXPECT_EQ(serving.scratch.candidates.size(), 2U);
}

TEST(Recommender, keeps_every_models_opinion_of_every_candidate) {
    SmallProject project;
    project.add_embeddings({{1, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 1}, {0, 2}, {2, 0}, {1, 3}});
    SmallServing serving(project);
    serving.ask(kAnn);
    const auto& scratch = serving.scratch;
    ASSERT_EQ(scratch.affinity.size(), scratch.candidates.size() * 3);
    for (std::size_t at = 0; at < scratch.candidates.size(); ++at) {
        const ItemRow item = scratch.candidates[at];
        const float similar = scratch.affinity[at * 3 + 1];
        EXPECT_TRUE(item == 2 ? similar == 1.0F : item == 6 ? similar == 0.5F : similar == 0.0F || std::isnan(similar)) << item << ' ' << similar;
        EXPECT_TRUE(std::isfinite(scratch.affinity[at * 3 + 2]));
        // What was proposed has the rank of its place in the list, and the score it has there.
        for (std::size_t r = 0; r < 3; ++r) {
            const auto& list = scratch.proposals[r];
            const auto found = std::find_if(list.begin(), list.end(), [&](const auto& proposed) { return proposed.item == item; });
            if (found == list.end()) {
                EXPECT_TRUE(std::isnan(scratch.rank[at * 3 + r]));
            } else {
                EXPECT_EQ(scratch.rank[at * 3 + r], static_cast<float>(found - list.begin() + 1));
                EXPECT_EQ(scratch.score[at * 3 + r], found->score);
            }
        }
    }
}

// Marks are numbers of rounds. When the numbers begin anew, those of rounds long past mean nothing.
TEST(Recommender, remembers_nothing_when_the_numbers_of_its_rounds_begin_anew) {
    const SmallProject project;
    SmallServing serving(project);
    const auto first = serving.ask(kAnn);
    const auto newcomers = SmallServing(project).ask(kNoRow);
    serving.scratch.hidden_mark = std::numeric_limits<std::uint32_t>::max();
    serving.scratch.place_round = std::numeric_limits<std::uint32_t>::max();
    EXPECT_EQ(serving.ask(kNoRow), newcomers);
    EXPECT_EQ(serving.scratch.hidden_mark, 1U);
    EXPECT_EQ(serving.scratch.place_round, 1U);
    EXPECT_EQ(serving.ask(kAnn), first);
}

TEST(Recommender, shows_again_what_was_met_longer_ago_than_hide_seen) {
    SmallProject project;
    project.home().hide_seen.us = 11 * kMinuteUs;
    EXPECT_THAT(SmallServing(project).ask(kAnn), Not(Contains(0U)));
    project.home().hide_seen.us = 10 * kMinuteUs;
    EXPECT_THAT(SmallServing(project).ask(kAnn), Contains(0U)) << "to the moment";
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
    scratch.blended = {kNan, kNan, 1.0F, kNan};
    rank(moment, scratch);
    EXPECT_EQ(scratch.order[0], 2U);
    scratch.blended = {1.0F, 2.0F, 2.0F, 1.0F};  // of the items 2, 1, 6, 3
    rank(moment, scratch);
    EXPECT_THAT(scratch.order, ElementsAre(1, 2, 0, 3));
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

// Of 20 items, all alike but one, a slate of two chooses among ten: relevance falls from 1 to 0 over them.
TEST(Compose, looks_at_five_candidates_for_each_place) {
    SmallProject project(20);
    project.spec.retrievers[0].candidates = 20;
    project.home().size = 2;
    project.home().diversity.weight = 1;
    const auto slate_with = [&](std::size_t unlike) {
        SmallProject with = project;
        std::vector<std::pair<float, float>> vectors(20, {1, 0});
        vectors[unlike] = {0, 1};
        with.add_embeddings(vectors);
        return SmallServing(with).ask(kNoRow);
    };
    EXPECT_THAT(slate_with(9), ElementsAre(0, 9));
    EXPECT_THAT(slate_with(10), ElementsAre(0, 1)) << "the eleventh is too far behind";
}

// Blended scores 1/61, 1/62, 1/63 of the items 0, 1, 2: relevance is where a score lies between the highest and the lowest.
TEST(Compose, weighs_relevance_against_the_vectors_of_the_candidates) {
    SmallProject project;
    project.add_embeddings({{1, 0}, {0, 1}, {3, 4}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
    project.home().diversity.weight = 0.5;
    SmallServing serving(project);
    serving.ask(kNoRow);
    ASSERT_EQ(serving.scratch.relevance.size(), 3U);
    EXPECT_EQ(serving.scratch.relevance[0], 1.0F);
    EXPECT_NEAR(serving.scratch.relevance[1], (1.0 / 62 - 1.0 / 63) / (1.0 / 61 - 1.0 / 63), 1e-4);
    EXPECT_EQ(serving.scratch.relevance[2], 0.0F);
    EXPECT_THAT(serving.scratch.vectors, ElementsAre(1, 0, 0, 1, 3, 4));
    // Nobody proposes 5 and 7: they are alike in relevance, and a slate of two asks for no more than there is.
    Request request;
    const std::vector<ItemRow> candidates{5, 7};
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), ElementsAre(5, 7));
    EXPECT_THAT(serving.scratch.relevance, ElementsAre(1, 1));
    // Of one candidate there is nothing to choose.
    serving.scratch.relevance.clear();
    const std::vector<ItemRow> one{5};
    request.candidates = one;
    EXPECT_THAT(serving.ask(request), ElementsAre(5));
    EXPECT_THAT(serving.scratch.relevance, IsEmpty());
}

TEST(Compose, takes_two_places_for_a_choice) {
    SmallProject project;
    project.home().size = 2;
    project.home().diversity.weight = 1;
    project.add_embeddings({{1, 0}, {1, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
    EXPECT_THAT(SmallServing(project).ask(kNoRow), ElementsAre(0, 2));
    project.home().diversity.weight = 0;
    EXPECT_THAT(SmallServing(project).ask(kNoRow), ElementsAre(0, 1));
}

// A score that is no number is no relevance: the ranked order stands.
TEST(Compose, leaves_the_order_where_a_candidate_has_no_score) {
    SmallProject project;
    project.home().diversity.weight = 1;
    project.add_embeddings({{1, 0}, {1, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
    SmallServing serving(project);
    serving.ask(kNoRow);
    auto& scratch = serving.scratch;
    scratch.ranked[scratch.order[2]] = std::numeric_limits<double>::quiet_NaN();
    const Request request;
    compose({request, serving.fold.user(kNoRow), *serving.world, project.data.items, project.data.users, {}}, scratch);
    EXPECT_THAT(scratch.picks, ElementsAre(0, 1, 2));
}

// An item that came after training has no vector: it is like nothing.
TEST(Compose, takes_an_item_without_a_vector_for_unlike_all_others) {
    SmallProject project;
    project.add_embeddings({{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
    project.home().diversity.weight = 0.5;
    project.data.items.add("new");
    SmallServing serving(project);
    Request request;
    const std::vector<ItemRow> candidates{6, 7, 8};
    request.candidates = candidates;
    EXPECT_THAT(serving.ask(request), ElementsAre(6, 8, 7));
    EXPECT_THAT(serving.scratch.vectors, ElementsAre(1, 0, 1, 0, 0, 0));
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
