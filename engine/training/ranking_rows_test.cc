#include "engine/training/ranking_rows.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace shortlist::training
