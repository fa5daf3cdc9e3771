#include "engine/pipeline/serving_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/pipeline/small_models_testing_internal.h"

namespace shortlist::pipeline {
namespace {

using testing::HasSubstr;

std::string refusal(const SmallProject& project) {
    const auto models = project.models();
    return models ? "no error" : models.error().message;
}

TEST(ServingModels, refuse_a_catalogue_they_were_not_made_for) {
    SmallProject renamed;
    renamed.data.items = {};
    for (int i = 0; i < 8; ++i) renamed.data.items.add("j" + std::to_string(i));
    ASSERT_FALSE(renamed.models());
    EXPECT_EQ(renamed.models().error().code, ErrorCode::FailedPrecondition);
    EXPECT_EQ(refusal(renamed), "the bundle was made for another catalogue (8 items; this one has 8); run `shortlist train`");
    SmallProject shorter;
    shorter.data.items = {};
    for (int i = 0; i < 7; ++i) shorter.data.items.add("i" + std::to_string(i));
    ASSERT_FALSE(shorter.models());
    EXPECT_EQ(shorter.models().error().code, ErrorCode::FailedPrecondition);
}

TEST(ServingModels, take_a_catalogue_that_has_grown) {
    SmallProject project;
    project.data.items.add("new");
    EXPECT_EQ(refusal(project), "no error");
}

TEST(ServingModels, refuse_parts_that_do_not_fit) {
    SmallProject larger;
    larger.parts.retrievers[1] = models::Cooccurrence::create(std::vector<std::uint64_t>(10, 0), {}).value();
    EXPECT_EQ(refusal(larger), "retriever similar: more items than the catalogue");
    SmallProject longer;
    longer.add_embeddings(std::vector<std::pair<float, float>>(9, {1, 0}));
    EXPECT_EQ(refusal(longer), "retriever taste: more items than the catalogue");
    SmallProject shorter;
    shorter.parts.retrievers[1] = models::Cooccurrence::create(std::vector<std::uint64_t>(8, 0), {}).value();
    EXPECT_EQ(refusal(shorter), "no error") << "items without a list";
    SmallProject other_forest;
    other_forest.add_rank_tree("popular", 1.5, 0, 1);
    other_forest.spec.features.emplace_back().kind = features::FeatureKind::Clock;
    EXPECT_EQ(refusal(other_forest), "the ranker reads 1 features, the bundle defines 2");
    SmallProject too_few;
    too_few.parts.retrievers.pop_back();
    EXPECT_THAT(refusal(too_few), HasSubstr("retriever models: 1, the bundle defines 2"));
    SmallProject too_many;
    too_many.parts.retrievers.emplace_back();
    EXPECT_THAT(refusal(too_many), HasSubstr("retriever models: 3, the bundle defines 2"));
    SmallProject nowhere;
    nowhere.spec.surfaces.clear();
    EXPECT_THAT(refusal(nowhere), HasSubstr("surfaces"));
    SmallProject no_signal;
    no_signal.spec.retrievers[0].signal = "choosen";
    EXPECT_THAT(refusal(no_signal), HasSubstr("chosen"));
    SmallProject no_forest;
    no_forest.spec.has_ranker = true;
    EXPECT_NE(refusal(no_forest), "no error");
    SmallProject categories;
    categories.spec.categories = {{{"a"}}};
    EXPECT_THAT(refusal(categories), HasSubstr("categories"));
}

TEST(ServingModels, find_a_surface_by_name_and_name_the_nearest) {
    SmallProject project;
    project.spec.surfaces.emplace_back("search", SurfaceConfig{});
    const auto models = project.models().value();
    EXPECT_EQ(models->find_surface("").value(), 0U);
    EXPECT_EQ(models->find_surface("search").value(), 1U);
    ASSERT_FALSE(models->find_surface("serach"));
    EXPECT_EQ(models->find_surface("serach").error().message,
              "surface: no surface is called 'serach'; there are home, search; did you mean 'search'?");
    EXPECT_EQ(models->find_surface("xxxxxxxxxxxx").error().message, "surface: no surface is called 'xxxxxxxxxxxx'; there are home, search");
    EXPECT_EQ(models->find_surface("home").value(), 0U);
}

TEST(ServingModels, show_the_vectors_of_the_first_retriever_that_has_any) {
    SmallProject project;
    EXPECT_EQ(project.models().value()->embeddings().width, 0U);
    project.add_embeddings(std::vector<std::pair<float, float>>(8, {3, 4}));
    const auto embeddings = project.models().value()->embeddings();
    EXPECT_EQ(embeddings.width, 2U);
    EXPECT_EQ(embeddings.values.size(), 16U);
}

TEST(ServingModels, know_whether_the_ranker_reads_what_retrievers_propose) {
    const auto reads = [](features::FeatureKind kind) {
        SmallProject project;
        features::FeatureConfig feature;
        feature.kind = kind;
        feature.retriever = "similar";
        project.add_ranker_tree(feature, 1, 0, 1);
        return project.models().value()->reads_proposals();
    };
    EXPECT_TRUE(reads(features::FeatureKind::RetrieverScore));
    EXPECT_TRUE(reads(features::FeatureKind::RetrieverRank));
    EXPECT_FALSE(reads(features::FeatureKind::Dot));
    EXPECT_FALSE(SmallProject().models().value()->reads_proposals());
}

// Item 7 was chosen often long ago, item 0 once now. Two popularity retrievers, of which the second forgets within a minute.
TEST(ServingModels, give_each_popularity_retriever_a_state_of_its_own) {
    SmallProject project;
    project.spec.retrievers.push_back({"recent", RetrieverKind::Popularity, "chosen", /*candidates=*/1, {kMinuteUs}});
    project.parts.retrievers.emplace_back();
    SmallServing serving(project);
    for (int i = 0; i < 20; ++i) serving.fold.apply({SmallProject::kStart, SmallProject::kCrowd, 7, 1});
    serving.fold.apply({SmallProject::kNow + 2 * kHourUs, SmallProject::kCrowd, 4, 1});
    serving.fold.advance_to(SmallProject::kNow + 3 * kHourUs);
    serving.world = std::make_shared<World>(serving.models, serving.fold.publish_shared(), project.data.items.size());
    serving.ask(kNoRow);
    EXPECT_EQ(serving.scratch.proposals[0].at(0).item, 7U);
    ASSERT_EQ(serving.scratch.proposals[2].size(), 1U);
    EXPECT_EQ(serving.scratch.proposals[2][0].item, 4U);
}

TEST(ServingModels, serve_the_same_after_they_were_saved_and_loaded) {
    SmallProject project;
    project.add_embeddings({{1, 0}, {0, 1}, {1, 1}, {1, 0.5F}, {0.5F, 1}, {0, 2}, {2, 0}, {1, 3}});
    project.add_rank_tree("popular", 1.5, -1, 2);
    const auto folder = std::filesystem::path(testing::TempDir()) / ("shortlist-models-" + std::to_string(::getpid()));
    auto draft = data::BundleDraft::create(folder, "first");
    ASSERT_TRUE(draft);
    ASSERT_TRUE(save_models(project.spec, project.parts, *draft, "holdout/"));
    const auto bundle = std::move(*draft).commit();
    ASSERT_TRUE(bundle) << bundle.error().message;
    const auto loaded = ServingModels::load(*bundle, "holdout/", project.data);
    ASSERT_TRUE(loaded) << loaded.error().message;
    SmallServing made(project);
    SmallServing read(project);
    read.world = std::make_shared<World>(*loaded, read.fold.publish_shared(), project.data.items.size());
    EXPECT_EQ(read.ask(SmallProject::kAnn), made.ask(SmallProject::kAnn));
    EXPECT_EQ(read.scratch.affinity, made.scratch.affinity);
    EXPECT_NE((*loaded)->ranker(), nullptr);
    for (const auto* file : {"models.json", "ranker.txt", "retrievers/similar.bin", "retrievers/taste.bin"}) {
        EXPECT_TRUE(bundle->file("holdout/" + std::string(file))) << file;
    }
    EXPECT_EQ(bundle->manifest.files.size(), 4U) << "popularity lives in the log";
    EXPECT_EQ(ServingModels::load(*bundle, "", project.data).error().code, ErrorCode::NotFound);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace shortlist::pipeline
