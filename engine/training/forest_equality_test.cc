// models::Forest against LightGBM's own prediction, on models that LightGBM trained. models/ cannot link LightGBM, so it stands here.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>

#include "engine/models/forest.h"
#include "engine/training/lightgbm.h"
#include "engine/training/lightgbm_testing_internal.h"

namespace shortlist::training {
namespace {

using models::Forest;

constexpr std::size_t kFeatures = 8;

std::string trained_text(ForestObjective objective, std::uint64_t seed, std::size_t leaves = 31) {
    LightGbmConfig config;
    config.objective = objective;
    config.leaves = leaves;
    config.trees = 60;
    config.min_rows_per_leaf = leaves > 31 ? 1 : 5;
    config.early_stopping_rounds = 0;
    const bool binary = objective == ForestObjective::Binary;
    return train_lightgbm(generated_rows(200, kFeatures, binary, seed), generated_rows(40, kFeatures, binary, seed + 1), config, {})->model_text;
}

/// Rows of ordinary values with a third of them missing, infinite, tiny, huge, or a category never seen.
std::vector<float> hostile_rows(std::size_t count, std::uint64_t seed) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr std::array<float, 20> kSpecial = {kNan,  kInfinity, -kInfinity, 0.0F,  -0.0F, 1e-35F, -1e-35F,       1e-36F,         -1e-36F, 1.1e-35F,
                                                3e38F, -3e38F,    -0.5F,      -1.0F, 70.0F, 1e6F,   2147483648.0F, -2147483648.0F, 5e9F,    33.7F};
    Rng rng(seed);
    std::vector<float> rows(count * kFeatures);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rng.chance(0.33)) {
            rows[i] = kSpecial[rng.below(kSpecial.size())];
        } else {
            rows[i] = i % kFeatures == 2 ? static_cast<float>(rng.below(80)) : static_cast<float>(rng.normal());
        }
    }
    return rows;
}

/// The largest distance between the two predictions of the same rows.
double distance(const Forest& forest, const LightGbmModel& reference, std::span<const float> rows) {
    const std::vector<double> expected = reference.score(rows, forest.feature_count());
    std::vector<double> scores(expected.size());
    models::ForestScratch scratch;
    forest.score(rows, scores, scratch);
    double largest = 0.0;
    for (std::size_t row = 0; row < scores.size(); ++row) {
        const double difference = std::abs(scores[row] - expected[row]);
        largest = difference <= largest ? largest : difference;  // keeps a NaN
    }
    return largest;
}

/// Replaces numbers of the lines that begin with `key`: change(number) gets and gives each as text.
template <class Change>
std::string with_changed_numbers(const std::string& text, const std::string& key, Change change) {
    std::istringstream in(text);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(key) && line.size() > key.size()) {
            std::istringstream numbers(line.substr(key.size()));
            line = key;
            for (std::string number; numbers >> number;) line += (line == key ? "" : " ") + change(number);
        }
        out += line + "\n";
    }
    return out;
}

/// A changed model as LightGBM loads it: tree_sizes, the bytes of each tree, no longer hold, and LightGBM does without.
LightGbmModel reference_of(const std::string& text) {
    const std::size_t begin = text.find("tree_sizes=");
    return LightGbmModel(std::string(text).erase(begin, text.find('\n', begin) + 1 - begin));
}

/// The model with every way to treat missing values, drawn anew for each numerical split.
std::string with_drawn_missing_types(const std::string& text, std::uint64_t seed) {
    Rng rng(seed);
    return with_changed_numbers(text, "decision_type=", [&rng](const std::string& number) {
        constexpr std::array<const char*, 6> kTypes = {"0", "2", "4", "6", "8", "10"};
        return (std::stoi(number) & 1) != 0 ? number : std::string(kTypes[rng.below(kTypes.size())]);
    });
}

/// The model with all category sets drawn anew, of so many words each.
std::string with_drawn_categories(const std::string& text, std::size_t words, std::uint64_t seed) {
    Rng rng(seed);
    std::istringstream in(text);
    std::string out;
    std::size_t sets = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("cat_boundaries=")) {
            sets = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
            line = "cat_boundaries=0";
            for (std::size_t set = 1; set <= sets; ++set) line += " " + std::to_string(set * words);
        } else if (line.starts_with("cat_threshold=")) {
            line = "cat_threshold=";
            for (std::size_t word = 0; word < sets * words; ++word) line += (word == 0 ? "" : " ") + std::to_string(rng.next() >> 32);
        }
        out += line + "\n";
    }
    return out;
}

TEST(ForestAndLightgbm, agree_on_missing_infinite_and_unseen_values) {
    for (const auto objective : {ForestObjective::LambdaRank, ForestObjective::Binary}) {
        const std::string text = trained_text(objective, 11);
        ASSERT_NE(text.find("cat_threshold="), std::string::npos) << "the model has no categorical split to test";
        EXPECT_LE(distance(Forest::parse(text).value(), LightGbmModel(text), hostile_rows(5000, 12)), 1e-12);
    }
}

// Past 256 leaves a tree is walked; thresholds past 255 of a feature take further columns.
TEST(ForestAndLightgbm, agree_on_trees_of_few_and_of_very_many_leaves) {
    for (const std::size_t leaves : {2, 7, 256, 257, 1000}) {
        const std::string text = trained_text(ForestObjective::LambdaRank, 17, leaves);
        const Forest forest = Forest::parse(text).value();
        const auto& trees = forest.trees().trees;
        EXPECT_EQ(std::any_of(trees.begin(), trees.end(), [](const auto& tree) { return tree.leaves > 256; }), leaves > 256) << leaves;
        EXPECT_LE(distance(forest, LightGbmModel(text), hostile_rows(1000, 18)), 1e-12) << leaves;
    }
}

// Sixteen categories take a column. Of 19,200 a feature has too many for columns, and of 4,000 a tree whose sets touch them all.
TEST(ForestAndLightgbm, agree_on_sets_of_few_and_of_very_many_categories) {
    const std::string trained = trained_text(ForestObjective::LambdaRank, 19);
    for (const std::size_t words : {1, 8, 125, 600}) {
        const std::string text = with_drawn_categories(trained, words, 20);
        ASSERT_NE(text, trained) << "the model has no categorical split to test";
        Rng rng(21);
        std::vector<float> rows = hostile_rows(1000, 22);
        for (std::size_t i = 2; i < rows.size(); i += kFeatures) {
            if (rng.chance(0.8)) rows[i] = static_cast<float>(rng.below(words * 32 + 20));
        }
        EXPECT_LE(distance(Forest::parse(text).value(), reference_of(text), rows), 1e-12) << words << " words";
    }
}

TEST(ForestAndLightgbm, agree_on_every_missing_type_and_direction) {
    const std::string trained = trained_text(ForestObjective::LambdaRank, 13);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const std::string text = with_drawn_missing_types(trained, seed);
        EXPECT_LE(distance(Forest::parse(text).value(), reference_of(text), hostile_rows(1000, seed)), 1e-12) << "seed " << seed;
    }
}

TEST(ForestAndLightgbm, agree_on_thresholds_at_the_edges_of_zero_and_of_floats) {
    const std::string trained = trained_text(ForestObjective::LambdaRank, 14);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Rng rng(seed);
        // Set numbers of categorical splits are small whole numbers; they stay.
        const std::string text = with_changed_numbers(with_drawn_missing_types(trained, seed), "threshold=", [&rng](const std::string& number) {
            constexpr std::array<const char*, 10> kEdges = {
                "-1e-36", "1e-36",       "1.0000000180025095e-35", "-1.0000000180025095e-35", "1e300", "-1e300", "inf",
                "-inf",   "-0.50000001", "0.10000000149011612"};
            return number.find('.') == std::string::npos || rng.chance(0.3) ? number : std::string(kEdges[rng.below(kEdges.size())]);
        });
        EXPECT_LE(distance(Forest::parse(text).value(), reference_of(text), hostile_rows(1000, seed)), 1e-12) << "seed " << seed;
    }
}

// The partner that shows that the tests above can fail: one leaf, one threshold, one direction.
TEST(ForestAndLightgbm, disagree_when_a_fault_is_planted) {
    const std::string text = trained_text(ForestObjective::LambdaRank, 11);
    const LightGbmModel reference(text);
    const std::vector<float> rows = hostile_rows(5000, 12);
    const auto change_first = [&](const std::string& key, const std::string& to) {
        bool done = false;
        return Forest::parse(with_changed_numbers(text, key,
                                                  [&](const std::string& number) {
                                                      const bool now = !done && number != to;
                                                      done = true;
                                                      return now ? to : number;
                                                  }))
            .value();
    };
    EXPECT_GT(distance(change_first("leaf_value=", "0.5"), reference, rows), 1e-3);
    EXPECT_GT(distance(change_first("threshold=", "-7.5"), reference, rows), 1e-3);
    EXPECT_GT(distance(change_first("decision_type=", "4"), reference, rows), 1e-3);
}

TEST(ForestAndLightgbm, contributions_and_base_add_up_to_the_score) {
    const std::string text = trained_text(ForestObjective::Binary, 15);
    const Forest forest = Forest::parse(text).value();
    const std::vector<float> rows = hostile_rows(500, 16);
    const std::vector<double> expected = LightGbmModel(text).score(rows, kFeatures);
    for (std::size_t row = 0; row < expected.size(); ++row) {
        std::array<double, kFeatures> contributions{};
        const double base = forest.explain(std::span(rows).subspan(row * kFeatures, kFeatures), contributions);
        EXPECT_NEAR(std::accumulate(contributions.begin(), contributions.end(), base), expected[row], 1e-9) << row;
    }
}

/// Reads rows in the libsvm format of LightGBM's example, 300 features with absent ones 0, and the sizes of its requests.
RankingRows read_example(const std::string& path) {
    RankingRows rows;
    constexpr std::size_t kColumns = 301;
    for (std::size_t column = 0; column < kColumns; ++column) rows.feature_names.push_back("f" + std::to_string(column));
    rows.categorical.assign(kColumns, 0);
    std::ifstream lines(path);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        float label = 0.0F;
        fields >> label;
        rows.labels.push_back(label);
        rows.values.resize(rows.values.size() + kColumns, 0.0F);
        float* const row = rows.values.data() + rows.values.size() - kColumns;
        for (std::string field; fields >> field;) {
            const std::size_t colon = field.find(':');
            row[std::stoul(field.substr(0, colon))] = std::stof(field.substr(colon + 1));
        }
    }
    std::ifstream sizes(path + ".query");
    for (std::uint32_t size = 0; sizes >> size;) rows.group_sizes.push_back(size);
    return rows;
}

/// Mean NDCG@10 as LightGBM defines it: gain 2^label - 1; a request without a relevant row counts as 1. Plain and slow.
double mean_ndcg(const RankingRows& rows, std::span<const double> scores) {
    double sum = 0.0;
    std::size_t begin = 0;
    for (const std::uint32_t size : rows.group_sizes) {
        std::vector<std::size_t> order(size);
        std::iota(order.begin(), order.end(), begin);
        const auto dcg = [&] {
            double total = 0.0;
            for (std::uint32_t i = 0; i < std::min(10U, size); ++i) total += (std::exp2(rows.labels[order[i]]) - 1.0) / std::log2(i + 2.0);
            return total;
        };
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
        const double reached = dcg();
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows.labels[a] > rows.labels[b]; });
        const double ideal = dcg();
        sum += ideal == 0.0 ? 1.0 : reached / ideal;
        begin += size;
    }
    return sum / static_cast<double>(rows.group_sizes.size());
}

TEST(ForestAndLightgbm, agree_on_the_ranking_example_of_lightgbm) {
    const char* const data = std::getenv("SHORTLIST_DATA");
    if (data == nullptr) GTEST_SKIP() << "SHORTLIST_DATA is not set: no folder with ltr_lightgbm_example";
    const std::string folder = std::string(data) + "/ltr_lightgbm_example/";
    const RankingRows train = read_example(folder + "rank.train");
    const RankingRows test = read_example(folder + "rank.test");
    ASSERT_EQ(train.size(), 3005U);
    LightGbmConfig config;
    const TrainedForest trained = train_lightgbm(train, test, config, {}).value();
    const Forest forest = Forest::parse(trained.model_text).value();
    EXPECT_LE(distance(forest, LightGbmModel(trained.model_text), test.values), 1e-12);
    std::vector<double> scores(test.size());
    models::ForestScratch scratch;
    forest.score(test.values, scores, scratch);
    EXPECT_NEAR(mean_ndcg(test, scores), trained.validation_metric[trained.best_iteration - 1], 1e-6);
    // The Python package with equal parameters reaches 0.75965 with 35 trees; a random order has 0.586.
    EXPECT_NEAR(mean_ndcg(test, scores), 0.75965, 0.02);
}

}  // namespace
}  // namespace shortlist::training
