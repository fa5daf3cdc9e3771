#include "engine/project/feature_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> names_of(const std::vector<features::FeatureConfig>& listed) {
    std::vector<std::string> names;
    for (const auto& feature : listed) names.push_back(feature.name);
    return names;
}

const SmallProject& small_project() {
    static const SmallProject kProject;
    return kProject;
}

std::string with_features(const std::string& list) { return std::string(kSmallProject) + "features: [" + list + "]\n"; }

TEST(FeatureList, names_what_the_project_defines_in_its_order) {
    const auto& folder = small_project().folder.path();
    const auto project =
        parse_project(with_features("{kind: rate, of: item, signal: watched, half_life: 1d}, {kind: retriever_rank, retriever: taste}, "
                                    "{kind: attribute, of: item, attribute: category, name: kind}"),
                      folder, "shortlist.yaml", {});
    ASSERT_TRUE(project) << project.error().message;
    const auto listed = list_features(*project);
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_THAT(names_of(*listed), ElementsAre("rate_item_watched_per_impression_1d", "retriever_rank_taste", "kind"));
    EXPECT_EQ((*listed)[0].half_life.us, kDayUs);
}

// What auto chooses is what the data has: its attributes, its context, its signals, its retrievers and its times.
TEST(FeatureList, derives_features_from_the_data) {
    const auto listed = list_features(small_project().project());
    ASSERT_TRUE(listed) << listed.error().message;
    const auto names = names_of(*listed);
    for (const auto* part : {"category", "device", "watched", "taste", "similar", "hour", "recency"}) EXPECT_THAT(names, Contains(HasSubstr(part)));
    EXPECT_THAT(names, Not(Contains(""))) << "every column has a name";
}

TEST(FeatureList, names_what_a_definition_lacks) {
    const auto project = parse_project(with_features("{kind: attribute, of: item, attribute: colour}"), small_project().folder.path(), "f.yaml", {});
    const auto listed = list_features(*project);
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(listed.error().message, HasSubstr("colour"));
}

TEST(FeatureList, says_to_import_first) {
    const TestFolder empty;
    empty.write("shortlist.yaml", kSmallProject);
    const auto listed = list_features(load_project(empty.path()).value());
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::FailedPrecondition);
    EXPECT_EQ(listed.error().message, "the project has no events yet: run `shortlist import` first");
}

}  // namespace
}  // namespace shortlist::project
