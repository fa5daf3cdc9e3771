#include "engine/training/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/eval/list_metrics.h"
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

using Lists = std::map<std::string, std::vector<ItemRow>>;  // by stage

std::vector<ItemRow> first_ten(std::vector<ItemRow> list) {
    list.resize(std::min<std::size_t>(10, list.size()));
    return list;
}

// Items of what may be known, the most chosen first, without what the user has chosen.
std::vector<ItemRow> popular_items(const data::Dataset& data, const CutLog& log, const pipeline::Scratch& scratch) {
    const auto [test, end] = log.periods.range(eval::Part::Test);
    std::vector<int> chosen(data.items.size(), 0);
    for (std::size_t i = 0; i < test; ++i) chosen[data.events.item[i]] += log.relevant[i];
    std::vector<ItemRow> items;
    for (ItemRow item = 0; item < data.items.size(); ++item) {
        if (scratch.hidden[item] != scratch.hidden_mark) items.push_back(item);
    }
    std::stable_sort(items.begin(), items.end(), [&](ItemRow a, ItemRow b) { return chosen[a] > chosen[b]; });
    return items;
}

// Asks for a user at a moment, state as it stood before the event at `offset`: folds all of the past anew.
void ask_anew(const Judged& world, const CutLog& log, std::size_t offset, pipeline::Request request, pipeline::Scratch& scratch) {
    features::Fold fold(world.models->plan(), world.data.items, world.data.users);
    features::FoldEvents folded(world.models->plan(), world.data.events, log.masks);
    for (std::size_t i = 0; i < offset; ++i) fold.apply(folded[i]);
    fold.advance_to(request.time);
    const pipeline::World pinned(world.models, fold.publish_shared(), world.data.items.size());
    pipeline::Recommender(world.data.items, world.data.users).recommend(request, fold.user(request.user), pinned, scratch);
}

// What each stage shows at one visit.
Lists lists_of(const Judged& world, const CutLog& log, const Visit& visit) {
    pipeline::Request request;
    request.user = visit.user;
    request.time = visit.time;
    request.size = 10;
    pipeline::Scratch scratch;
    ask_anew(world, log, visit.offset, request, scratch);
    Lists lists;
    for (const auto& slot : scratch.slate) lists["slate"].push_back(slot.item);
    lists["popularity"] = first_ten(popular_items(world.data, log, scratch));
    lists["blended"] = first_ten(scratch.candidates);
    for (const std::uint32_t candidate : scratch.order) lists["ranked"].push_back(scratch.candidates[candidate]);
    lists["ranked"] = first_ten(lists["ranked"]);
    for (std::size_t r = 0; r < scratch.proposals.size(); ++r) {
        auto& list = lists[world.models->retrievers()[r]->name()];
        for (const auto& candidate : scratch.proposals[r]) list.push_back(candidate.item);
        list = first_ten(list);
    }
    return lists;
}

// The whole evaluation again, one visit at a time, with the metrics by their definitions.
TEST(EvaluateModels, judge_the_lists_that_a_request_at_that_moment_gets) {
    const Judged& world = judged();
    const auto log = CutLog::create(world.data, world.models->signals(), world.config.split).value();
    const auto visits = log.visits(eval::Part::Test);
    std::vector<double> counts(world.data.items.size(), 0.0);
    for (std::size_t i = 0; i < log.periods.range(eval::Part::Test).first; ++i) counts[world.data.events.item[i]] += log.relevant[i];
    const auto head = eval::popular_head(counts);
    std::map<std::string, double> recall, hits, novelty, share, distance;
    std::map<std::string, std::set<ItemRow>> served;
    const auto embeddings = world.models->embeddings();
    for (const auto& visit : visits) {
        for (const auto& [stage, list] : lists_of(world, log, visit)) {
            double found = 0;
            for (const auto& choice : visit.choices) found += static_cast<double>(std::count(list.begin(), list.end(), choice.item));
            recall[stage] += found / static_cast<double>(visit.choices.size());
            hits[stage] += found > 0 ? 1 : 0;
            novelty[stage] += eval::novelty(list, eval::self_information(counts));
            share[stage] += eval::popularity_share(list, head);
            std::vector<float> vectors;
            for (const ItemRow item : list) {
                for (std::size_t d = 0; d < embeddings.width; ++d) vectors.push_back(embeddings.values[item * embeddings.width + d]);
            }
            distance[stage] += eval::intra_list_distance(vectors, embeddings.width);
            served[stage].insert(list.begin(), list.end());
        }
    }
    EvaluateOptions options;
    options.k = {10};
    const auto report = world.evaluate(options).value();
    EXPECT_EQ(report.users, visits.size());
    const auto users = static_cast<double>(visits.size());
    for (const std::string stage : {"popularity", "taste", "popular", "similar", "blended", "ranked", "slate"}) {
        EXPECT_GT(hits[stage], 0.0) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "recall", 10), recall[stage] / users, 1e-12) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "hit_rate", 10), hits[stage] / users, 1e-12) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "novelty", 10), novelty[stage] / users, 1e-9) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "popularity_share", 10), share[stage] / users, 1e-12) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "intra_list_distance", 10), distance[stage] / users, 1e-6) << stage;
        EXPECT_NEAR(mean_of(report.catalogue, stage, "coverage", 10), static_cast<double>(served[stage].size()) / 60, 1e-12) << stage;
    }
}

// Mean over users with both outcomes of the share of their pairs that stand right, ties half.
double user_auc(const std::vector<Exposure>& exposures, const std::vector<float>& scores) {
    std::map<UserRow, std::pair<double, double>> won_of_pairs;
    for (std::size_t a = 0; a < exposures.size(); ++a) {
        for (std::size_t b = 0; b < exposures.size(); ++b) {
            if (exposures[a].user != exposures[b].user || exposures[a].grade == 0 || exposures[b].grade > 0) continue;
            auto& [won, pairs] = won_of_pairs[exposures[a].user];
            won += scores[a] > scores[b] ? 1.0 : scores[a] == scores[b] ? 0.5 : 0.0;
            pairs += 1;
        }
    }
    double sum = 0;
    for (const auto& [user, counts] : won_of_pairs) sum += counts.first / counts.second;
    return sum / static_cast<double>(won_of_pairs.size());
}

// Each baseline again from its definition, by counting all of the past for each exposure.
TEST(EvaluateExposures, score_what_was_shown_by_what_was_known_just_before) {
    const Judged& world = judged();
    const auto log = CutLog::create(world.data, world.models->signals(), world.config.split).value();
    const auto exposures = log.exposures(eval::Part::Test).exposures;
    const auto& events = world.data.events;
    std::vector<float> popularity, item_rate, user_mean;
    double loss = 0;
    for (const auto& exposure : exposures) {
        float item_shown = 0, item_chosen = 0, user_shown = 0, user_chosen = 0, shown = 0, chosen = 0;
        for (std::size_t i = 0; i < exposure.offset; ++i) {
            const bool is_impression = (log.masks[i] >> features::kImpressionBit & 1U) != 0;
            shown += is_impression ? 1 : 0;
            chosen += log.relevant[i];
            if (events.item[i] == exposure.item) item_shown += is_impression ? 1 : 0, item_chosen += log.relevant[i];
            if (events.user[i] == exposure.user) user_shown += is_impression ? 1 : 0, user_chosen += log.relevant[i];
        }
        const float overall = (chosen + 1) / (shown + 2);
        popularity.push_back(item_chosen);
        item_rate.push_back((item_chosen + 10 * overall) / (item_shown + 10));
        user_mean.push_back((user_chosen + 10 * overall) / (user_shown + 10));
        loss -= std::log(exposure.grade > 0 ? item_rate.back() : 1 - item_rate.back());
    }
    const auto report = world.evaluate().value();
    EXPECT_NEAR(mean_of(report.exposures, "item_popularity", "user_auc", 0), user_auc(exposures, popularity), 1e-12);
    EXPECT_NEAR(mean_of(report.exposures, "item_rate", "user_auc", 0), user_auc(exposures, item_rate), 1e-12);
    EXPECT_NEAR(mean_of(report.exposures, "user_mean", "user_auc", 0), user_auc(exposures, user_mean), 1e-12);
    EXPECT_NEAR(mean_of(report.exposures, "item_rate", "log_loss", 0), loss / static_cast<double>(exposures.size()), 1e-6);
    for (const auto& row : report.exposures) EXPECT_TRUE(row.stage != "ranked" || row.metric != "log_loss") << "LambdaMART gives no probability";
}

// The ranker and each retriever again, by folding all of the past anew for each request.
TEST(EvaluateExposures, ask_the_models_as_they_were_asked_when_the_items_were_shown) {
    const Judged& world = judged();
    const auto log = CutLog::create(world.data, world.models->signals(), world.config.split).value();
    const auto exposures = log.exposures(eval::Part::Test);
    std::map<std::string, std::vector<float>> scores;
    for (const auto& group : exposures.groups) {
        const Exposure& first = exposures.exposures[group.begin];
        std::vector<ItemRow> shown;
        for (std::size_t e = group.begin; e < group.end; ++e) shown.push_back(exposures.exposures[e].item);
        pipeline::Request request;
        request.user = first.user;
        request.time = world.data.events.time[first.offset];
        request.candidates = shown;
        pipeline::Scratch scratch;
        ask_anew(world, log, first.offset, request, scratch);
        for (const ItemRow item : shown) {
            const auto at =
                static_cast<std::size_t>(std::find(scratch.candidates.begin(), scratch.candidates.end(), item) - scratch.candidates.begin());
            scores["ranked"].push_back(static_cast<float>(scratch.ranked[at]));
            for (std::size_t r = 0; r < 3; ++r) {
                const float opinion = scratch.affinity[at * 3 + r];
                scores[world.models->retrievers()[r]->name()].push_back(std::isnan(opinion) ? 0 : opinion);
            }
        }
    }
    const auto report = world.evaluate().value();
    for (const auto& [stage, said] : scores) {
        EXPECT_NEAR(mean_of(report.exposures, stage, "user_auc", 0), user_auc(exposures.exposures, said), 1e-12) << stage;
    }
    EXPECT_EQ(scores.size(), 4U);
}

TEST(EvaluateExposures, give_log_loss_of_a_ranker_of_probabilities) {
    Judged world;
    std::get<LightGbmRankerConfig>(world.config.ranker).model.objective = ForestObjective::Binary;
    ThreadPool pool(2);
    auto trained = train_models(world.data, world.config, pool).value();
    world.models = pipeline::ServingModels::create(trained.spec, std::move(trained.holdout), world.data).value();
    const double loss = mean_of(world.evaluate().value().exposures, "ranked", "log_loss", 0);
    EXPECT_GT(loss, 0.0);
    EXPECT_LT(loss, 1.0);
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
