#include "engine/project/feature_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/base/text.h"
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

TEST(ExplainFeature, says_what_it_measures_and_names_the_nearest) {
    const auto project = parse_project(with_features("{kind: rate, of: item, signal: watched, window: 1h, name: hourly}, {kind: clock}"),
                                       small_project().folder.path(), "shortlist.yaml", {});
    const auto explained = explain_feature(*project, "hourly");
    ASSERT_TRUE(explained) << explained.error().message;
    EXPECT_THAT(explained->text, HasSubstr("Events of 'watched' per event of 'impression' within the last 1h, counted by item"));
    EXPECT_THAT(explained->text, HasSubstr("Shared: it changes at ticks"));
    const auto wrong = explain_feature(*project, "hourli");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::NotFound);
    EXPECT_THAT(wrong.error().message, HasSubstr("did you mean 'hourly'?"));
}

// What is shown after the first n events is what is shown at the time of the n-th: no other event has that time.
TEST(ShowFeatures, shows_values_and_the_state_behind_them_now_and_as_they_were) {
    SmallProject small;
    ASSERT_TRUE(small.train("one"));
    const auto project = small.project();
    const auto now = show_features(project, {.user = "u3", .item = "i3", .at = ""});
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_EQ(now->events, small_events().size());
    EXPECT_TRUE(now->known_user);
    const auto find = [](const ShownFeatures& shown, std::string_view name) {
        const auto found = std::ranges::find(shown.features, name, &ShownFeature::name);
        return found == shown.features.end() ? ShownFeature{} : *found;
    };
    const auto rate = find(*now, "rate_item_watched_per_impression");
    EXPECT_THAT(rate.state, testing::MatchesRegex("[0-9]+ of [0-9]+; everybody [0-9]+ of [0-9]+"));
    EXPECT_GT(rate.value, 0.0F);

    constexpr std::size_t kEvents = 1000;
    const auto by_offset = show_features(project, {.user = "u3", .item = "i3", .at = std::to_string(kEvents)});
    const auto by_time = show_features(project, {.user = "u3", .item = "i3", .at = base::format_time(small_events()[kEvents - 1].time)});
    ASSERT_TRUE(by_offset) << by_offset.error().message;
    ASSERT_TRUE(by_time) << by_time.error().message;
    EXPECT_EQ(by_offset->events, kEvents);
    EXPECT_EQ(by_time->events, kEvents);
    EXPECT_NE(find(*by_offset, "rate_item_watched_per_impression").state, rate.state);
    for (std::size_t f = 0; f < by_offset->features.size(); ++f) EXPECT_EQ(by_offset->features[f].state, by_time->features[f].state);
}

TEST(ShowFeatures, name_what_is_not_there) {
    SmallProject small;
    EXPECT_EQ(show_features(small.project(), {.user = "", .item = "i3", .at = ""}).error().code, ErrorCode::FailedPrecondition) << "no bundle";
    ASSERT_TRUE(small.train("one"));
    EXPECT_THAT(show_features(small.project(), {.user = "", .item = "i999", .at = ""}).error().message, HasSubstr("none is called 'i999'"));
    EXPECT_THAT(show_features(small.project(), {.user = "", .item = "i3", .at = "yesterday"}).error().message,
                HasSubstr("at: must be a time such as 2026-01-31T12:00:00Z; got 'yesterday'"));
    EXPECT_THAT(show_features(small.project(), {.user = "", .item = "i3", .at = "0"}).error().message, HasSubstr("1 to "));
    const auto newcomer = show_features(small.project(), {.user = "nobody", .item = "i3", .at = ""});
    ASSERT_TRUE(newcomer);
    EXPECT_FALSE(newcomer->known_user);
}

std::map<std::string, std::string> files_of(const std::filesystem::path& bundle) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(bundle)) {
        if (!entry.is_regular_file() || entry.path().filename() == "manifest.json") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files[entry.path().lexically_relative(bundle)] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return files;
}

// The models are those of a project that was never told of anything later.
TEST(TrainProject, as_of_a_time_sees_nothing_after_it) {
    SmallProject whole;
    auto events = small_events();
    const TimeUs cut = kSmallStart + 5 * kDayUs;
    std::erase_if(events, [](const data::Event& event) { return event.time > cut; });
    SmallProject earlier(events);
    ASSERT_TRUE(earlier.train("one"));
    TrainOptions options;
    options.bundle = "one";
    options.evaluate = false;
    options.as_of = base::format_time(cut);
    const auto trained = train_project(whole.project(), options, {whole.clock, whole.pool, {}});
    ASSERT_TRUE(trained) << trained.error().message;
    const auto expected = files_of(earlier.folder.path() / "bundles" / "one");
    ASSERT_GT(expected.size(), 3U);
    const auto found = files_of(whole.folder.path() / "bundles" / "one");
    for (const auto& [name, bytes] : expected) EXPECT_TRUE(found.contains(name) && found.at(name) == bytes) << name;
    options.bundle = "two";
    options.as_of = base::format_time(kSmallStart - kDayUs);
    EXPECT_THAT(train_project(whole.project(), options, {whole.clock, whole.pool, {}}).error().message, HasSubstr("nothing had happened by"));
}

}  // namespace
}  // namespace shortlist::project
