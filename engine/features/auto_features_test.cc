#include "engine/features/auto_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/config_writer.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;

// Names, which say everything but the prior of a rate.
std::vector<std::string> described(const std::vector<FeatureConfig>& features) {
    std::vector<std::string> lines;
    for (const auto& feature : features) {
        std::string line = derived_name(feature);
        if (feature.kind == FeatureKind::Rate) line += " prior " + base::format_number(feature.prior);
        lines.push_back(line);
    }
    return lines;
}

// The whole of what auto means, for a world with impressions: rates of both signals, and more of the first.
TEST(DeriveFeatures, measure_rates_where_impressions_are_logged) {
    const SmallWorld world;
    EXPECT_THAT(
        described(derive_features(world.inputs(), /*events_have_impressions=*/true)),
        ElementsAre("attribute_user_country", "attribute_item_category", "attribute_item_length", "age_item_uploaded_at", "attribute_context_device",
                    "clock_hour", "clock_weekday",                                              //
                    "rate_item_watched_per_impression prior 20", "rate_user_watched_per_impression_7d prior 10",  //
                    "count_item_watched_6h", "count_item_watched_3d", "count_item_watched_last_1h", "distinct_item_watched",
                    "count_item_impression_1d",  //
                    "count_user_watched", "count_user_watched_last_1h", "recency_user_watched", "count_user_impression_last_1h",
                    "count_userxitem_impression", "recency_userxitem_impression",  //
                    "rate_item.category_watched_per_impression_3d prior 50", "rate_userxitem.category_watched_per_impression prior 5",
                    "count_userxitem.category_watched_3d", "count_userxitem.category_watched_1h", "recency_userxitem.category_watched",  //
                    "rate_itemxuser.country_watched_per_impression prior 20", "rate_item.categoryxuser.country_watched_per_impression_7d prior 50",
                    "rate_itemxcontext.device_watched_per_impression prior 20",
                    "rate_item.categoryxcontext.device_watched_per_impression_7d prior 50",                        //
                    "rate_item_liked_per_impression prior 20", "rate_user_liked_per_impression_7d prior 10",       //
                    "dot_taste", "retriever_score_taste", "retriever_rank_taste"));
}

TEST(DeriveFeatures, count_where_no_impressions_are_logged) {
    const SmallWorld world;
    const auto lines = described(derive_features(world.inputs(), /*events_have_impressions=*/false));
    EXPECT_THAT(lines, IsSupersetOf({"count_item_watched", "count_user_watched_7d", "count_item.category_watched_3d",
                                     "count_userxitem.category_watched", "count_itemxuser.country_watched", "count_item_liked"}));
    EXPECT_THAT(lines, Not(Contains(testing::HasSubstr("impression"))));
    EXPECT_THAT(lines, Not(Contains(testing::StartsWith("rate_"))));
}

// What differed in its half-life alone is one feature then.
TEST(DeriveFeatures, forget_half_lives_clocks_ages_and_recency_where_there_are_no_times) {
    const SmallWorld world;
    auto inputs = world.inputs();
    inputs.has_times = false;
    EXPECT_THAT(described(derive_features(inputs, /*events_have_impressions=*/false)),
                ElementsAre("attribute_user_country", "attribute_item_category", "attribute_item_length", "attribute_context_device",  //
                            "count_item_watched", "count_user_watched", "distinct_item_watched", "count_item.category_watched",
                            "count_userxitem.category_watched", "count_itemxuser.country_watched", "count_item.categoryxuser.country_watched",
                            "count_itemxcontext.device_watched", "count_item.categoryxcontext.device_watched",  //
                            "count_item_liked", "count_user_liked",                                             //
                            "dot_taste", "retriever_score_taste", "retriever_rank_taste"));
}

// A tree would learn the values of one week by heart.
TEST(DeriveFeatures, leave_a_category_of_many_values_to_its_rates) {
    SmallWorld world;
    auto& category = world.data.items.attributes[0];
    while (category.values.size() < 64) category.values.add("c" + std::to_string(category.values.size()));
    EXPECT_THAT(described(derive_features(world.inputs(), true)), Contains("attribute_item_category"));
    category.values.add("one too many");
    const auto lines = described(derive_features(world.inputs(), true));
    EXPECT_THAT(lines, Not(Contains("attribute_item_category")));
    EXPECT_THAT(lines, Contains("rate_item.category_watched_per_impression_3d prior 50"));
}

TEST(DerivedName, has_the_parts_that_tell_features_apart) {
    FeatureConfig config;
    config.kind = FeatureKind::Age;
    config.of = "item";
    config.attribute = "uploaded_at";
    EXPECT_EQ(derived_name(config), "age_item_uploaded_at");
    config.kind = FeatureKind::Rate;
    config.of = "user x item.category";
    config.signal = "liked";
    config.per = "watched";
    config.half_life.us = 90 * kMinuteUs;
    EXPECT_EQ(derived_name(config), "rate_userxitem.category_liked_per_watched_90m");
    config.kind = FeatureKind::Recency;
    config.half_life.us = 0;
    EXPECT_EQ(derived_name(config), "recency_userxitem.category_liked");
    config.kind = FeatureKind::RetrieverRank;
    config.retriever = "taste";
    EXPECT_EQ(derived_name(config), "retriever_rank_taste");
}

}  // namespace
}  // namespace shortlist::features
