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
    EXPECT_THAT(refusal(larger), HasSubstr("similar"));
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
    EXPECT_THAT(models->find_surface("serach").error().message, HasSubstr("did you mean 'search'?"));
}

TEST(ServingModels, serve_the_same_after_they_were_saved_and_loaded) {
    SmallProject project;
    project.add_embeddings({{1, 0}, {0, 1}, {1, 1}, {1, 0.5F}, {0.5F, 1}, {0, 2}, {2, 0}, {1, 3}});
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
    EXPECT_EQ(ServingModels::load(*bundle, "", project.data).error().code, ErrorCode::NotFound);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace shortlist::pipeline
