#include "engine/data/source_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shortlist::data {
namespace {

TEST(TimeSource, has_three_forms) {
    EXPECT_EQ(TimeSource::from_text("time_ms")->form(), TimeForm::Column);
    EXPECT_EQ(TimeSource::from_text("none")->form(), TimeForm::None);
    EXPECT_EQ((TimeSource{"", OrderSource::File, TimeUnit::Auto}).form(), TimeForm::Order);
    EXPECT_FALSE(TimeSource::from_text(""));
}

TEST(TimeSource, is_printed_short_only_where_that_says_all) {
    EXPECT_EQ(TimeSource::from_text("time_ms")->to_text(), "time_ms");
    EXPECT_EQ(TimeSource().to_text(), "none");
    EXPECT_EQ((TimeSource{"t", OrderSource::None, TimeUnit::Seconds}).to_text(), std::nullopt);
    EXPECT_EQ((TimeSource{"", OrderSource::File, TimeUnit::Auto}).to_text(), std::nullopt);
    EXPECT_EQ((TimeSource{"none", OrderSource::None, TimeUnit::Auto}).to_text(), std::nullopt) << "a column of that name is not the word";
}

TEST(AttributeConfig, reads_its_type_and_names_the_nearest) {
    EXPECT_EQ(AttributeConfig::from_text("categories")->type, AttributeType::Categories);
    EXPECT_EQ(AttributeConfig::from_text("vector")->to_text(), "vector");
    EXPECT_EQ((AttributeConfig{AttributeType::Text, "title", ""}).to_text(), std::nullopt);
    EXPECT_THAT(AttributeConfig::from_text("vektor").error().message, testing::HasSubstr("did you mean 'vector'?"));
}

TEST(ValueColumn, is_a_column_for_short) {
    EXPECT_EQ(ValueColumn::from_text("ratio")->to_text(), "ratio");
    EXPECT_EQ((ValueColumn{"played", "duration"}).to_text(), std::nullopt);
    EXPECT_FALSE(ValueColumn::from_text(""));
}

}  // namespace
}  // namespace shortlist::data
