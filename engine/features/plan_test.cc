#include "engine/features/plan.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/features/auto_features.h"
#include "engine/features/small_world_internal.h"

namespace shortlist::features {
namespace {

FeatureConfig rate_of(std::string of, std::string signal) {
    FeatureConfig config;
    config.kind = FeatureKind::Rate;
    config.of = std::move(of);
    config.signal = std::move(signal);
    return config;
}

std::string error_of(FeatureConfig config) {
    const SmallWorld world;
    const auto plan = FeaturePlan::create({std::move(config)}, world.inputs());
    return plan ? "" : plan.error().message;
}

TEST(FeaturePlan, shares_tables_and_slots_between_features) {
    const SmallWorld world;
    const auto plan =
        FeaturePlan::create({rate_of("item", "watched"), rate_of("item", "liked"), rate_of("user x item.category", "watched")}, world.inputs())
            .value();
    ASSERT_EQ(plan.tables().size(), 3U);  // global, item, user x item.category
    EXPECT_EQ(plan.tables()[1].owner, (Owner{ItemPart::Item, OtherPart::None}));
    EXPECT_EQ(plan.tables()[1].counts.size(), 3U);  // watched, impressions, liked
    EXPECT_EQ(plan.names(), (std::vector<std::string>{"rate_item_watched_per_impression", "rate_item_liked_per_impression",
                                                      "rate_userxitem.category_watched_per_impression"}));
}

TEST(FeaturePlan, names_the_feature_the_value_and_the_nearest) {
    EXPECT_EQ(error_of(rate_of("item.categroy", "watched")),
              "feature 'rate_item.categroy_watched_per_impression': no item attribute is called 'categroy'; there are category, length, uploaded_at; "
              "did you mean "
              "'category'?");
    EXPECT_NE(error_of(rate_of("item", "wached")).find("did you mean 'watched'?"), std::string::npos);
    EXPECT_NE(error_of(rate_of("item.length", "watched")).find("'length' must be a category"), std::string::npos);
    EXPECT_NE(error_of(rate_of("everyone", "watched")).find("got 'everyone'"), std::string::npos);
    FeatureConfig dot;
    dot.kind = FeatureKind::Dot;
    dot.retriever = "tast";
    EXPECT_NE(error_of(dot).find("did you mean 'taste'?"), std::string::npos);
}

TEST(FeaturePlan, reports_all_errors_at_once_and_refuses_a_name_twice) {
    const SmallWorld world;
    const auto plan = FeaturePlan::create(
        {rate_of("item", "x_signal"), rate_of("nobody", "watched"), rate_of("item", "liked"), rate_of("item", "liked")}, world.inputs());
    ASSERT_FALSE(plan);
    EXPECT_EQ(std::count(plan.error().message.begin(), plan.error().message.end(), '\n'), 2);
    EXPECT_NE(plan.error().message.find("the name is taken"), std::string::npos);
}

TEST(FeaturePlan, refuses_what_needs_times_where_there_are_none) {
    const SmallWorld world;
    auto inputs = world.inputs();
    inputs.has_times = false;
    FeatureConfig clock;
    clock.kind = FeatureKind::Clock;
    EXPECT_FALSE(FeaturePlan::create({clock}, inputs));
    auto decaying = rate_of("item", "watched");
    decaying.half_life.us = kHourUs;
    EXPECT_FALSE(FeaturePlan::create({decaying}, inputs));
    EXPECT_TRUE(FeaturePlan::create({rate_of("item", "watched")}, inputs));
}

TEST(FeaturePlan, keeps_the_codes_of_training_when_a_catalogue_numbers_them_anew) {
    SmallWorld trained;
    FeatureConfig category;
    category.kind = FeatureKind::Attribute;
    category.of = "item";
    category.attribute = "category";
    const auto values = FeaturePlan::create({category}, trained.inputs()).value().category_values(trained.inputs());
    ASSERT_EQ(values[0], (std::vector<std::string>{"", "music", "sport"}));

    SmallWorld served;
    served.data.items.attributes[0].values = {};
    for (const auto* text : {"", "news", "sport", "music"}) served.data.items.attributes[0].values.add(text);
    auto plan = FeaturePlan::create({category}, served.inputs()).value();
    plan.bind_categories(values, served.inputs());
    EXPECT_EQ(plan.columns()[0].code_map, (std::vector<std::uint32_t>{0, 0, 2, 1}));
}

TEST(DeriveFeatures, gives_a_plan_of_distinct_names_with_and_without_times_and_impressions) {
    const SmallWorld world;
    for (const bool has_times : {true, false}) {
        for (const bool impressions : {true, false}) {
            auto inputs = world.inputs();
            inputs.has_times = has_times;
            const auto plan = FeaturePlan::create(derive_features(inputs, impressions), inputs);
            ASSERT_TRUE(plan) << plan.error().message;
            const auto names = plan->names();
            EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
            if (has_times && impressions) {
                EXPECT_GE(names.size(), 25U);
            }
        }
    }
}

}  // namespace
}  // namespace shortlist::features
