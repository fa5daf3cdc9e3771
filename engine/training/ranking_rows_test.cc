#include "engine/training/ranking_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include <limits>

namespace shortlist::training {
namespace {

/// Two requests, of one row and of two.
RankingRows three_rows() {
    RankingRows rows;
    rows.feature_names = {"age", "price"};
    rows.categorical = {0, 0};
    rows.values = {1.0F, 2.0F, 3.0F, std::numeric_limits<float>::quiet_NaN(), 5.0F, 6.0F};
    rows.labels = {0.0F, 31.0F, 2.0F};
    rows.group_sizes = {1, 2};
    return rows;
}

template <class Change>
std::string error_after(Change change) {
    RankingRows rows = three_rows();
    change(rows);
    const Status status = rows.validate();
    return status ? "no error" : status.error().message;
}

TEST(RankingRows, are_valid_with_missing_values_and_without_weights) {
    EXPECT_EQ(error_after([](RankingRows&) {}), "no error");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.weights = {0.0F, 0.5F, 2.0F}; }), "no error");
}

TEST(RankingRows, refuse_shapes_that_disagree) {
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.values.pop_back(); }), "values hold 5 entries, expected are 6");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.categorical.push_back(1); }), "categorical flags hold 3 entries, expected are 2");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.weights = {1.0F}; }), "weights hold 1 entries, expected are 3");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.group_sizes = {1, 1}; }), "the groups together hold 2 entries, expected are 3");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.group_sizes = {1, 0, 2}; }), "group 1 has no rows");
}

TEST(RankingRows, refuse_labels_that_are_no_grade) {
    for (const float label : {-1.0F, 0.5F, 32.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        EXPECT_EQ(error_after([&](RankingRows& rows) { rows.labels[1] = label; }), "the label of row 1 is not a whole number in 0..31") << label;
    }
}

TEST(RankingRows, refuse_weights_that_weigh_nothing_or_less) {
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.weights = {1.0F, 1.0F, -1.0F}; }), "the weight of row 2 is not a finite number >= 0");
    EXPECT_EQ(error_after([](RankingRows& rows) {
                  rows.weights = {std::numeric_limits<float>::infinity(), 1.0F, 1.0F};
              }),
              "the weight of row 0 is not a finite number >= 0");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.weights = {0.0F, 0.0F, 0.0F}; }), "all weights are 0");
}

TEST(RankingRows, refuse_names_that_a_models_text_cannot_carry) {
    for (const auto* name : {"", "a b", "a,b", "a\nb", "[a]", "a:b", "\"a\"", "a\x7f"}) {
        EXPECT_NE(error_after([&](RankingRows& rows) { rows.feature_names[0] = name; }), "no error") << name;
    }
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.feature_names[0] = "rate_item.category_1d=x"; }), "no error");
    EXPECT_EQ(error_after([](RankingRows& rows) { rows.feature_names[1] = "age"; }), "two features are named 'age'");
}

// Columns: different in each row; 5 everywhere; different in the last row; missing everywhere; missing in one.
TEST(RankingRows, lose_the_columns_that_hold_one_value) {
    const float nan = std::nanf("");
    RankingRows rows;
    rows.feature_names = {"first", "same", "last", "missing", "sometimes"};
    rows.categorical = {0, 0, 1, 0, 1};
    rows.values = {1, 5, 1, nan, 2, 2, 5, 1, nan, nan, 3, 5, 3, nan, 2};
    rows.labels = {0, 1, 0};
    rows.group_sizes = {3};
    const auto constant = constant_columns(rows);
    EXPECT_EQ(constant, (std::vector<std::size_t>{1, 3}));
    drop_columns(constant, rows);
    EXPECT_EQ(rows.feature_names, (std::vector<std::string>{"first", "last", "sometimes"}));
    EXPECT_EQ(rows.categorical, (std::vector<std::uint8_t>{0, 1, 1}));
    ASSERT_EQ(rows.values.size(), 9U);
    EXPECT_EQ(rows.values[1], 1.0F);
    EXPECT_TRUE(std::isnan(rows.values[5]));
    EXPECT_EQ(rows.values[7], 3.0F);
    EXPECT_TRUE(rows.validate());
    EXPECT_TRUE(constant_columns(RankingRows{}).empty());
}

}  // namespace
}  // namespace shortlist::training
