#include "engine/training/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using testing::HasSubstr;

Result<TrainedModels> train(const data::Dataset& data, const TrainingConfig& config, std::size_t threads = 1) {
    ThreadPool pool(threads);
    return train_models(data, config, pool);
}

// Every file that a bundle of the models would hold.
std::map<std::string, std::string> bytes_of(const TrainedModels& trained) {
    const auto folder = std::filesystem::path(testing::TempDir()) / ("shortlist-train-" + std::to_string(::getpid()));
    auto draft = data::BundleDraft::create(folder, "b").value();
    EXPECT_TRUE(pipeline::save_models(trained.spec, trained.shipped, draft, ""));
    EXPECT_TRUE(pipeline::save_models(trained.spec, trained.holdout, draft, "holdout/"));
    EXPECT_TRUE(std::move(draft).commit());
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "b")) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files[entry.path().lexically_relative(folder / "b").string()] = {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    std::filesystem::remove_all(folder);
    return files;
}

// Events [begin, end) of `data` become watches of one item.
void overwrite(data::Dataset& data, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        data.events.item[i] = 59;
        data.events.type[i] = static_cast<std::uint16_t>(data.events.types.find("watch"));
    }
}

TEST(TrainModels, make_the_same_bytes_with_any_number_of_threads) {
    const auto data = small_log();
    const auto one = train(data, small_config(), 1);
    const auto three = train(data, small_config(), 3);
    ASSERT_TRUE(one && three);
    EXPECT_TRUE(one->spec.has_ranker) << one->report.ranker_left_out;
    EXPECT_EQ(bytes_of(*one), bytes_of(*three));
    EXPECT_NE(bytes_of(*one), bytes_of(train(small_log(/*seed=*/2), small_config()).value()));
}

// A leak of the test part into what is judged on it would show here.
TEST(TrainModels, hold_out_the_test_part_from_the_models_it_judges) {
    auto data = small_log();
    const auto before = train(data, small_config()).value();
    const TimeUs test_begin = data.events.time.back() - kDayUs;
    const auto first = std::upper_bound(data.events.time.begin(), data.events.time.end(), test_begin) - data.events.time.begin();
    overwrite(data, static_cast<std::size_t>(first), data.events.size());
    const auto after = train(data, small_config()).value();
    const auto left = bytes_of(before);
    const auto right = bytes_of(after);
    std::size_t shipped_differ = 0;
    for (const auto& [path, bytes] : left) {
        if (path.starts_with("holdout/")) {
            EXPECT_EQ(bytes, right.at(path)) << path;
        }
        if (path.starts_with("retrievers/")) shipped_differ += bytes == right.at(path) ? 0 : 1;
    }
    EXPECT_EQ(shipped_differ, 2U) << "both fitted retrievers learn from the test part when they ship";
}

TEST(TrainModels, rank_better_than_chance_where_there_is_taste) {
    const auto trained = train(small_log(), small_config()).value();
    EXPECT_GT(trained.report.train_rows, trained.report.train_requests);
    EXPECT_GT(trained.report.validation_requests, 0U);
    EXPECT_GE(trained.report.chosen, trained.report.train_requests);
    EXPECT_EQ(trained.report.validation_metric, "ndcg@10");
    EXPECT_GT(trained.report.importance.front().gain, 0.0);
    EXPECT_EQ(trained.report.importance.size(), trained.spec.features.size());
}

TEST(TrainModels, without_anything_to_rank_ship_the_retrievers_alone) {
    auto config = small_config();
    std::get<LightGbmRankerConfig>(config.ranker).model.min_rows_per_leaf = 1'000'000;
    const auto trained = train(small_log(), config).value();
    EXPECT_FALSE(trained.spec.has_ranker);
    EXPECT_FALSE(trained.report.ranker_left_out.empty());
    EXPECT_TRUE(trained.shipped.forest_text.empty());
    const auto data = small_log();
    EXPECT_TRUE(pipeline::ServingModels::create(trained.spec, trained.shipped, data));
}

TEST(TrainModels, learn_from_impressions_without_the_retrievers_proposals) {
    auto config = small_config();
    std::get<LightGbmRankerConfig>(config.ranker).rows = RowSource::Impressions;
    const auto trained = train(small_log(), config).value();
    EXPECT_TRUE(trained.spec.has_ranker) << trained.report.ranker_left_out;
    for (const auto& feature : trained.spec.features) {
        EXPECT_NE(feature.kind, features::FeatureKind::RetrieverScore);
        EXPECT_NE(feature.kind, features::FeatureKind::RetrieverRank);
    }
}

TEST(TrainModels, learn_from_a_days_impressions_without_counts_of_the_users_own_past) {
    auto config = small_config();
    std::get<LightGbmRankerConfig>(config.ranker).rows = RowSource::DailyImpressions;
    const auto trained = train(small_log(), config).value();
    EXPECT_TRUE(trained.spec.has_ranker) << trained.report.ranker_left_out;
    std::size_t of_items = 0;
    for (const auto& feature : trained.spec.features) {
        const bool of_user = feature.of == "user" || feature.of.starts_with("user x ");
        EXPECT_TRUE(!of_user || feature.kind == features::FeatureKind::Attribute || feature.kind == features::FeatureKind::Age) << feature.name;
        of_items += feature.of == "item" ? 1 : 0;
    }
    EXPECT_GT(of_items, 2U);
}

TEST(TrainModels, say_how_far_the_refit_moved_the_scores) {
    const auto movement = train(small_log(), small_config())->report.movement;
    ASSERT_EQ(movement.size(), 2U) << "one for each retriever that is fitted";
    EXPECT_EQ(movement[0].retriever, "taste");
    EXPECT_GT(movement[0].pairs, 100U);
    EXPECT_GT(movement[0].correlation, 0.3);
    EXPECT_LT(movement[0].correlation, 1.0);
    EXPECT_GT(movement[0].mean_change, 0.0);
}

TEST(TrainModels, say_what_does_not_fit) {
    const auto refusal = [](const TrainingConfig& config) {
        const auto trained = train(small_log(), config);
        return trained ? std::string("no error") : trained.error().message;
    };
    auto config = small_config();
    std::get<IalsRetrieverConfig>(config.retrievers[0]).signal = "wathced";
    EXPECT_THAT(refusal(config), HasSubstr("watched"));
    config = small_config();
    config.signals[0].second.type = "purchase";
    EXPECT_THAT(refusal(config), HasSubstr("retriever taste"));
    config = small_config();
    config.split.by = eval::SplitBy::Random;
    std::get<LightGbmRankerConfig>(config.ranker).rows = RowSource::Impressions;
    EXPECT_THAT(refusal(config), HasSubstr("ranker.rows"));
    config = small_config();
    config.signals.clear();
    EXPECT_THAT(refusal(config), HasSubstr("signals"));
    config = small_config();
    features::FeatureConfig feature;
    feature.of = "item.colour";
    feature.signal = "watched";
    config.features.list = {feature};
    EXPECT_THAT(refusal(config), HasSubstr("colour"));
}

}  // namespace
}  // namespace shortlist::training
