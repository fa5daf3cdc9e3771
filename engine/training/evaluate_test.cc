#include "engine/training/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/eval/metrics.h"
#include "engine/features/fold.h"
#include "engine/training/cut_log.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Judged {
    data::Dataset data = small_log();
    TrainingConfig config = small_config();
    std::shared_ptr<const pipeline::ServingModels> models;

    Judged() {
        ThreadPool pool(2);
        auto trained = train_models(data, config, pool).value();
        models = pipeline::ServingModels::create(trained.spec, std::move(trained.holdout), data).value();
    }
    [[nodiscard]] Result<EvaluationReport> evaluate(const EvaluateOptions& options = {}, std::size_t threads = 1) const {
        ThreadPool pool(threads);
        return evaluate_models({data, config.split}, models, options, pool);
    }
};

const Judged& judged() {
    static const Judged kJudged;
    return kJudged;
}

std::vector<std::string> stages_of(const std::vector<eval::MetricRow>& rows) {
    std::vector<std::string> stages;
    for (const auto& row : rows) {
        if (std::find(stages.begin(), stages.end(), row.stage) == stages.end()) stages.push_back(row.stage);
    }
    return stages;
}

double mean_of(const std::vector<eval::MetricRow>& rows, const std::string& stage, const std::string& metric, std::size_t k) {
    for (const auto& row : rows) {
        if (row.stage == stage && row.metric == metric && row.k == k) return row.mean;
    }
    ADD_FAILURE() << "no " << metric << " of " << stage;
    return -1;
}

TEST(EvaluateModels, set_random_and_popularity_beside_every_stage) {
    const auto report = judged().evaluate().value();
    EXPECT_THAT(stages_of(report.catalogue), ElementsAre("random", "popularity", "taste", "popular", "similar", "blended", "ranked", "slate"));
    std::set<std::string> against;
    for (const auto& comparison : report.comparisons) {
        EXPECT_THAT(comparison.stage, testing::AnyOf("ranked", "slate"));
        against.insert(comparison.baseline);
    }
    EXPECT_EQ(against, (std::set<std::string>{"popularity", "taste", "popular", "similar", "blended"}));
    EXPECT_THAT(stages_of(report.exposures), testing::IsSupersetOf({"ranked", "item_popularity", "item_rate", "user_mean"}));
}

// The whole evaluation of the slate again, one visit at a time: fold all of the past, ask, and take the metrics by their definitions.
TEST(EvaluateModels, judge_the_lists_that_a_request_at_that_moment_gets) {
    const Judged& world = judged();
    const auto log = CutLog::create(world.data, world.models->signals(), world.config.split).value();
    const auto visits = log.visits(eval::Part::Test);
    double recall = 0;
    double hits = 0;
    for (const auto& visit : visits) {
        features::Fold fold(world.models->plan(), world.data.items, world.data.users);
        for (std::size_t i = 0; i < visit.offset; ++i) fold.apply(features::fold_event(world.data.events, log.masks, i));
        fold.advance_to(visit.time);
        const pipeline::World pinned(world.models, fold.publish_shared(), world.data.items.size());
        pipeline::Request request;
        request.user = visit.user;
        request.time = visit.time;
        request.size = 10;
        pipeline::Scratch scratch;
        double found = 0;
        for (const auto& slot :
             pipeline::Recommender(world.data.items, world.data.users).recommend(request, fold.user(visit.user), pinned, scratch)) {
            for (const auto& choice : visit.choices) found += choice.item == slot.item ? 1 : 0;
        }
        recall += found / static_cast<double>(visit.choices.size());
        hits += found > 0 ? 1 : 0;
    }
    EvaluateOptions options;
    options.k = {10};
    const auto report = world.evaluate(options).value();
    const auto users = static_cast<double>(visits.size());
    EXPECT_EQ(report.users, visits.size());
    EXPECT_NEAR(mean_of(report.catalogue, "slate", "recall", 10), recall / users, 1e-12);
    EXPECT_NEAR(mean_of(report.catalogue, "slate", "hit_rate", 10), hits / users, 1e-12);
    EXPECT_GT(hits, 0.0);
}

TEST(EvaluateModels, find_taste_worth_more_than_chance) {
    const auto report = judged().evaluate().value();
    EXPECT_GT(mean_of(report.catalogue, "ranked", "recall", 20), 1.3 * mean_of(report.catalogue, "random", "recall", 20));
}

TEST(EvaluateModels, give_the_same_figures_with_any_number_of_threads) {
    const auto one = judged().evaluate({}, 1).value();
    const auto three = judged().evaluate({}, 3).value();
    ASSERT_EQ(one.catalogue.size(), three.catalogue.size());
    for (std::size_t i = 0; i < one.catalogue.size(); ++i) {
        EXPECT_EQ(one.catalogue[i].mean, three.catalogue[i].mean);
        EXPECT_EQ(one.catalogue[i].low, three.catalogue[i].low);
    }
    ASSERT_EQ(one.exposures.size(), three.exposures.size());
    for (std::size_t i = 0; i < one.exposures.size(); ++i) EXPECT_EQ(one.exposures[i].mean, three.exposures[i].mean);
}

// Lists that are longer than the sample hold all of it, so every choice.
TEST(EvaluateModels, rank_a_sample_where_one_is_asked_for) {
    EvaluateOptions options;
    options.sampled_negatives = 5;
    options.k = {60};
    const auto report = judged().evaluate(options).value();
    EXPECT_TRUE(report.sampled);
    for (const auto* stage : {"random", "popularity", "blended", "ranked", "slate"}) {
        EXPECT_EQ(mean_of(report.catalogue, stage, "recall", 60), 1.0) << stage;
    }
}

TEST(EvaluateModels, judge_as_many_users_as_asked_and_add_a_stage_from_outside) {
    EvaluateOptions options;
    options.users_max = 7;
    options.k = {1};
    ThreadPool pool(2);
    ExtraStage nothing{"nothing", 100, [](const ExtraQuestion&, std::span<ItemRow>) { return std::size_t{0}; }};
    const auto report = evaluate_models({judged().data, judged().config.split}, judged().models, options, pool, &nothing).value();
    EXPECT_EQ(report.users, 7U);
    EXPECT_EQ(mean_of(report.catalogue, "nothing", "recall", 1), 0.0);
}

// Forty users are few, but the log goes on to its end; a year later one event alone is the whole test part.
TEST(EvaluateModels, warn_where_one_late_event_is_all_that_is_judged) {
    EXPECT_THAT(judged().evaluate().value().warnings, ElementsAre(HasSubstr("users who are judged: ")));
    data::Dataset data = judged().data;
    data::append_event(small_event(kSmallLogStart + 365 * kDayUs, 0, 0, "watch"), data);
    ThreadPool pool(1);
    const auto report = evaluate_models({data, judged().config.split}, judged().models, {}, pool).value();
    EXPECT_EQ(report.users, 1U);
    EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("gap"), HasSubstr("users who are judged: 1, relevant events: 1 of ")));
}

TEST(EvaluateModels, say_what_cannot_be_judged) {
    EvaluateOptions options;
    options.surface = "hmoe";
    ASSERT_FALSE(judged().evaluate(options));
    EXPECT_THAT(judged().evaluate(options).error().message, HasSubstr("'home'"));
    options.surface.clear();
    options.k.clear();
    ASSERT_FALSE(judged().evaluate(options));
    EXPECT_THAT(judged().evaluate(options).error().message, HasSubstr("k:"));
}

}  // namespace
}  // namespace shortlist::training
