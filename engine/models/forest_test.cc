#include "engine/models/forest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace shortlist::models {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Three features. Tree 0: price <= 10 ? (genre in {1, 3, 33} ? 1 : 2) : 4, where a missing price goes left.
/// Tree 1: age <= 0.5 ? -0.25 : 0.5, where zero and NaN are missing and go right. Tree 2: one leaf, 0.125.
/// Categories 1 and 3 are the bits of 2 + 8 = 10 in the first word, 33 is bit 1 of the second.
constexpr std::string_view kModel = R"(tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=2
objective=lambdarank
feature_names=price genre age
feature_infos=[0:20] 1:3:33 [0:1]
tree_sizes=1 1 1

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
split_gain=2 1
threshold=10 0
decision_type=10 1
left_child=1 -1
right_child=-2 -3
leaf_value=1 4 2
leaf_weight=1 1 1
leaf_count=1 2 1
internal_value=2.75 1.5
internal_weight=0 0
internal_count=4 2
cat_boundaries=0 2
cat_threshold=10 2
is_linear=0
shrinkage=1


Tree=1
num_leaves=2
num_cat=0
split_feature=2
split_gain=1
threshold=0.5
decision_type=4
left_child=-1
right_child=-2
leaf_value=-0.25 0.5
leaf_weight=1 1
leaf_count=1 1
internal_value=0.125
internal_weight=0
internal_count=2
is_linear=0
shrinkage=0.1


Tree=2
num_leaves=1
num_cat=0
split_feature=
split_gain=
threshold=
decision_type=
left_child=
right_child=
leaf_value=0.125
leaf_weight=
leaf_count=4
internal_value=
internal_weight=
internal_count=
is_linear=0
shrinkage=1


end of trees

feature_importances:
price=1
)";

double score_of(const Forest& forest, std::vector<float> row) {
    double score = 0.0;
    ForestScratch scratch;
    forest.score(row, std::span(&score, 1), scratch);
    return score;
}

double score_of(std::vector<float> row) { return score_of(Forest::parse(kModel).value(), std::move(row)); }

/// The model with the first `from` turned into `to`.
std::string changed(std::string_view from, std::string_view to) {
    std::string text(kModel);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string error_of(std::string_view from, std::string_view to) {
    const auto forest = Forest::parse(changed(from, to));
    return forest ? "no error" : forest.error().message;
}

TEST(Forest, tells_its_features_and_trees) {
    const Forest forest = Forest::parse(kModel).value();
    EXPECT_EQ(std::vector<std::string>(forest.feature_names().begin(), forest.feature_names().end()),
              (std::vector<std::string>{"price", "genre", "age"}));
    EXPECT_EQ(forest.tree_count(), 3U);
}

TEST(Forest, knows_whether_its_scores_are_log_odds) {
    EXPECT_FALSE(Forest::parse(kModel).value().scores_are_log_odds());
    EXPECT_TRUE(Forest::parse(changed("objective=lambdarank", "objective=binary sigmoid:1")).value().scores_are_log_odds());
    EXPECT_FALSE(Forest::parse(changed("objective=lambdarank", "objective=binary sigmoid:2")).value().scores_are_log_odds());
    EXPECT_FALSE(Forest::parse(changed("objective=lambdarank\n", "")).value().scores_are_log_odds());
}

// Each expected value is tree 0 + tree 1 + 0.125, read off the drawing above.
TEST(Forest, goes_left_at_the_threshold_and_right_past_it) {
    EXPECT_EQ(score_of({10.0F, 1.0F, 0.25F}), 1.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of({std::nextafter(10.0F, 11.0F), 1.0F, 0.25F}), 4.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of({-kInfinity, 2.0F, 0.75F}), 2.0 + 0.5 + 0.125);
    EXPECT_EQ(score_of({kInfinity, 2.0F, kInfinity}), 4.0 + 0.5 + 0.125);
}

TEST(Forest, sends_a_missing_value_the_way_its_node_says) {
    EXPECT_EQ(score_of({kNan, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of({20.0F, 2.0F, kNan}), 4.0 + 0.5 + 0.125);
}

TEST(Forest, takes_zero_as_missing_only_where_the_node_says_so) {
    EXPECT_EQ(score_of({0.0F, 2.0F, 0.0F}), 2.0 + 0.5 + 0.125);
    EXPECT_EQ(score_of({0.0F, 2.0F, -1e-36F}), 2.0 + 0.5 + 0.125);
    EXPECT_EQ(score_of({0.0F, 2.0F, -1e-34F}), 2.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of({0.0F, 2.0F, 0.5F}), 2.0 - 0.25 + 0.125);
}

TEST(Forest, takes_nan_as_zero_where_nothing_is_known_as_missing) {
    const Forest low = Forest::parse(changed("decision_type=10 1", "decision_type=2 1")).value();
    EXPECT_EQ(score_of(low, {kNan, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    auto text = changed("decision_type=10 1", "decision_type=2 1");
    text.replace(text.find("threshold=10 0"), 14, "threshold=-1 0");
    EXPECT_EQ(score_of(Forest::parse(text).value(), {kNan, 2.0F, 0.25F}), 4.0 - 0.25 + 0.125);
}

TEST(Forest, sends_only_listed_categories_left) {
    for (const float listed : {1.0F, 3.0F, 33.0F, 1.9F}) EXPECT_EQ(score_of({0.0F, listed, 0.25F}), 1.0 - 0.25 + 0.125) << listed;
    for (const float other : {0.0F, 2.0F, 32.0F, 64.0F, -1.0F, -0.5F, 3e9F, -3e9F, kInfinity, -kInfinity, kNan}) {
        EXPECT_EQ(score_of({0.0F, other, 0.25F}), 2.0 - 0.25 + 0.125) << other;
    }
}

// C casts -0.5 to 0, so it is category 0, which bit 0 of 11 = 1 + 2 + 8 lists.
TEST(Forest, cuts_a_fraction_of_a_category_towards_zero) {
    const Forest forest = Forest::parse(changed("cat_threshold=10", "cat_threshold=11")).value();
    EXPECT_EQ(score_of(forest, {0.0F, -0.5F, 0.25F}), 1.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of(forest, {0.0F, -1.0F, 0.25F}), 2.0 - 0.25 + 0.125);
}

// 0.1 as a float is 0.100000001490116, above the double 0.1; the float below it is 0.0999999940395355.
TEST(Forest, compares_as_doubles_do_though_it_holds_a_float_threshold) {
    const Forest forest = Forest::parse(changed("threshold=10 0", "threshold=0.10000000000000001 0")).value();
    EXPECT_EQ(score_of(forest, {0.1F, 2.0F, 0.25F}), 4.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of(forest, {0.09999999403953552F, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    const Forest infinite = Forest::parse(changed("threshold=10 0", "threshold=inf 0")).value();
    EXPECT_EQ(score_of(infinite, {kInfinity, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    const Forest huge = Forest::parse(changed("threshold=10 0", "threshold=1e300 0")).value();
    EXPECT_EQ(score_of(huge, {std::numeric_limits<float>::max(), 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of(huge, {kInfinity, 2.0F, 0.25F}), 4.0 - 0.25 + 0.125);
}

// |value| <= 1e-35 is 0: left of a threshold of 0, right of one of -1e-36.
TEST(Forest, takes_a_tiny_value_as_zero) {
    const Forest at_zero = Forest::parse(changed("threshold=10 0", "threshold=0 0")).value();
    EXPECT_EQ(score_of(at_zero, {1e-36F, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of(at_zero, {1e-34F, 2.0F, 0.25F}), 4.0 - 0.25 + 0.125);
    const Forest below = Forest::parse(changed("threshold=10 0", "threshold=-1e-36 0")).value();
    EXPECT_EQ(score_of(below, {-1e-35F, 2.0F, 0.25F}), 4.0 - 0.25 + 0.125);
    EXPECT_EQ(score_of(below, {-1e-34F, 2.0F, 0.25F}), 2.0 - 0.25 + 0.125);
}

// 130 rows are more than two of the blocks that score() works in.
TEST(Forest, gives_a_row_the_same_score_alone_and_among_others) {
    const Forest forest = Forest::parse(kModel).value();
    std::vector<float> rows;
    for (int row = 0; row < 130; ++row) {
        for (const int cycle : {20, 5, 3}) rows.push_back(static_cast<float>(row % cycle));
    }
    std::vector<double> together(130);
    ForestScratch scratch;
    forest.score(rows, together, scratch);
    for (std::size_t row = 0; row < together.size(); ++row) {
        EXPECT_EQ(together[row], score_of(forest, {rows[row * 3], rows[row * 3 + 1], rows[row * 3 + 2]})) << row;
    }
}

// Base: 2.75 + 0.125 + 0.125 = 3. Tree 0: price 2.75 -> 1.5, genre 1.5 -> 1. Tree 1: age 0.125 -> 0.5.
TEST(Forest, credits_each_feature_with_the_change_along_the_path) {
    const Forest forest = Forest::parse(kModel).value();
    std::vector<double> contributions(3, 99.0);
    const std::vector<float> row = {5.0F, 3.0F, 0.75F};
    EXPECT_EQ(forest.explain(row, contributions), 3.0);
    EXPECT_EQ(contributions, (std::vector<double>{-1.25, -0.5, 0.375}));
    EXPECT_EQ(score_of(forest, row), 3.0 - 1.25 - 0.5 + 0.375);
}

TEST(Forest, refuses_children_that_form_no_tree) {
    EXPECT_EQ(error_of("left_child=1 -1", "left_child=0 -1"), "forest: tree 0: split 0 is reached twice: the children form no tree");
    EXPECT_EQ(error_of("right_child=-2 -3", "right_child=-2 1"), "forest: tree 0: split 1 is reached twice: the children form no tree");
    EXPECT_EQ(error_of("right_child=-2 -3", "right_child=-2 -1"), "forest: tree 0: leaf 0 has two parents");
    EXPECT_EQ(error_of("left_child=1 -1", "left_child=-3 -1"), "forest: tree 0: a split cannot be reached from the root");
    EXPECT_EQ(error_of("left_child=1 -1", "left_child=2 -1"), "forest: tree 0: a child is split 2, past the last");
    EXPECT_EQ(error_of("right_child=-2 -3", "right_child=-2 -4"), "forest: tree 0: a child is leaf 3, past the last");
    EXPECT_EQ(error_of("right_child=-2 -3", "right_child=-2 -2147483648"), "forest: tree 0: a child is leaf 2147483647, past the last");
}

TEST(Forest, refuses_sizes_that_disagree) {
    EXPECT_EQ(error_of("threshold=10 0", "threshold=10"), "forest: tree 0: threshold does not hold 2 numbers");
    EXPECT_EQ(error_of("threshold=10 0", "threshold=10 0 7"), "forest: tree 0: threshold does not hold 2 numbers");
    EXPECT_EQ(error_of("num_leaves=3", "num_leaves=4000000000"), "forest: tree 0: leaf_value does not hold 4000000000 numbers");
    EXPECT_EQ(error_of("num_leaves=3", "num_leaves=0"), "forest: tree 0: num_leaves is 0");
    EXPECT_EQ(error_of("max_feature_idx=2", "max_feature_idx=3"), "forest: feature_names holds 3 names, max_feature_idx is 3");
    EXPECT_EQ(error_of("tree_sizes=1 1 1", "tree_sizes=1 1"), "forest: more trees than tree_sizes has entries, 2");
    EXPECT_EQ(error_of("tree_sizes=1 1 1", "tree_sizes=1 1 1 1"), "forest: tree 3: its block is missing: found 'end of trees'");
    EXPECT_EQ(error_of("tree_sizes=1 1 1", "tree_sizes="), "forest: the forest has no tree");
    EXPECT_EQ(error_of("cat_boundaries=0 2", "cat_boundaries=0 3"), "forest: tree 0: cat_threshold does not hold 3 numbers");
    EXPECT_EQ(error_of("cat_boundaries=0 2", "cat_boundaries=1 2"), "forest: tree 0: cat_boundaries do not start at 0");
    EXPECT_EQ(error_of("num_cat=1", "num_cat=4294967295"), "forest: tree 0: cat_boundaries does not hold 4294967296 numbers");
}

TEST(Forest, refuses_falling_category_bounds) {
    auto text = changed("num_cat=1", "num_cat=2");
    text.replace(text.find("cat_boundaries=0 2"), 18, "cat_boundaries=0 3 2");
    EXPECT_EQ(Forest::parse(text).error().message, "forest: tree 0: cat_boundaries decrease");
}

TEST(Forest, refuses_numbers_that_are_none_or_out_of_range) {
    EXPECT_EQ(error_of("leaf_value=1 4 2", "leaf_value=1 nan 2"), "forest: tree 0: leaf_value is not a number in range: 'nan'");
    EXPECT_EQ(error_of("leaf_value=1 4 2", "leaf_value=1 inf 2"), "forest: tree 0: leaf_value holds a value past 1e100");
    EXPECT_EQ(error_of("leaf_value=1 4 2", "leaf_value=1 -1e101 2"), "forest: tree 0: leaf_value holds a value past 1e100");
    EXPECT_EQ(error_of("threshold=10 0", "threshold=nan 0"), "forest: tree 0: threshold is not a number in range: 'nan'");
    EXPECT_EQ(error_of("threshold=10 0", "threshold=1x 0"), "forest: tree 0: threshold is not a number in range: '1x'");
    EXPECT_EQ(error_of("split_feature=0 1", "split_feature=0 3"), "forest: tree 0: split_feature 3 is past the last feature");
    EXPECT_EQ(error_of("split_feature=0 1", "split_feature=-1 1"), "forest: tree 0: split_feature is not a number in range: '-1'");
    EXPECT_EQ(error_of("decision_type=10 1", "decision_type=12 1"), "forest: tree 0: decision_type 12 is not in 0..11");
    EXPECT_EQ(error_of("decision_type=10 1", "decision_type=-1 1"), "forest: tree 0: decision_type -1 is not in 0..11");
    EXPECT_EQ(error_of("decision_type=10 1", "decision_type=10 11"), "no error");
    for (const auto* set : {"threshold=10 1", "threshold=10 -1", "threshold=10 0.5"}) {
        EXPECT_EQ(error_of("threshold=10 0", set), "forest: tree 0: a categorical split names a set that is not there") << set;
    }
}

TEST(Forest, refuses_what_it_does_not_support_and_says_so) {
    EXPECT_EQ(error_of("version=v4", "version=v3"), "forest: version is 'v3', supported is v4: train with LightGBM 4");
    EXPECT_EQ(error_of("num_class=1", "num_class=3"), "forest: num_class is '3', supported is 1");
    EXPECT_EQ(error_of("num_tree_per_iteration=1", "num_tree_per_iteration=2"), "forest: num_tree_per_iteration is '2', supported is 1");
    EXPECT_EQ(error_of("is_linear=0", "is_linear=1"), "forest: tree 0: is_linear is '1', supported is 0: train with linear_tree=false");
    EXPECT_EQ(error_of("label_index=0", "average_output"), "forest: averaged output (boosting=rf) is not supported: train with gbdt");
    EXPECT_EQ(error_of("tree\n", "bush\n"), "forest: not a LightGBM model: the first line is not 'tree'");
    EXPECT_EQ(error_of("num_cat=1", "num_leaves=3"), "forest: tree 0: 'num_leaves' stands there twice");
}

TEST(Forest, refuses_a_text_cut_anywhere_before_its_end) {
    const std::size_t end = kModel.find("end of trees");
    for (std::size_t length = 0; length < end; ++length) EXPECT_FALSE(Forest::parse(kModel.substr(0, length))) << length;
    EXPECT_TRUE(Forest::parse(kModel.substr(0, end + 12)));
}

}  // namespace
}  // namespace shortlist::models
