#include "engine/project/demo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/bundle_folder.h"
#include "engine/project/generate_project.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

simulation::ShortsConfig small_world() {
    simulation::ShortsConfig world;
    world.users = 100;
    world.items = 200;
    world.interactions = 5000;
    world.days = 6;
    return world;
}

// The generated project with quick models; a demo takes the project file that is there.
std::string quick_project() {
    std::string text(shorts_project_text());
    for (const auto& [from, to] : {std::pair{"trees: 300", "trees: 5"}, std::pair{"embedding_size: 64", "embedding_size: 4"}}) {
        text.replace(text.find(from), std::string_view(from).size(), to);
    }
    return text;
}

TEST(Demo, goes_from_nothing_to_judged_lists) {
    const TestFolder folder;
    folder.write("shortlist.yaml", quick_project());
    ThreadPool pool(2);
    const base::ManualClock clock(40'000 * kDayUs);
    std::vector<std::string> begun;
    const auto progress = [&](std::string_view step, double done) {
        if (done == 0.0 && (begun.empty() || begun.back() != step)) begun.emplace_back(step);
    };
    const double started = base::monotonic_seconds();
    const auto report = run_demo(folder.path(), small_world(), {clock, pool, progress});
    const double took = base::monotonic_seconds() - started;
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->folder, folder.path());
    std::vector<std::string> steps;
    double seconds = 0;
    for (const auto& [step, length] : report->seconds) {
        steps.push_back(step);
        seconds += length;
        EXPECT_GE(length, 0.0) << step;
    }
    EXPECT_THAT(steps, ElementsAre("generate", "import", "train", "evaluate"));
    EXPECT_LE(seconds, took);
    EXPECT_GT(seconds, 0.5 * took) << "the steps are all there was to do";
    EXPECT_THAT(begun, testing::IsSupersetOf({"generate", "import", "train", "evaluate"}));
    EXPECT_EQ(report->import.events_kept, 5000U);
    EXPECT_FALSE(report->train.evaluation) << "judged once, by the last step";
    EXPECT_EQ(data::current_bundle(folder.path() / "bundles").value(), report->train.bundle);
    EXPECT_TRUE(std::any_of(report->evaluation.catalogue.begin(), report->evaluation.catalogue.end(),
                            [](const eval::MetricRow& row) { return row.stage == "oracle"; }));
    EXPECT_GT(report->peak_memory_bytes, std::uint64_t{1} << 20);
    EXPECT_LT(report->peak_memory_bytes, std::uint64_t{1} << 36);
}

TEST(Demo, says_which_step_failed) {
    const TestFolder folder;
    folder.write("shortlist.yaml", quick_project());
    ThreadPool pool(2);
    const base::ManualClock clock(40'000 * kDayUs);
    auto no_users = small_world();
    no_users.users = 0;
    EXPECT_THAT(run_demo(folder.path(), no_users, {clock, pool, {}}).error().message, testing::StartsWith("generate: "));
    auto short_world = small_world();
    short_world.days = 1;
    const auto failed = run_demo(folder.path(), short_world, {clock, pool, {}});
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, testing::StartsWith("train: "));
}

TEST(GenerateProject, keeps_a_project_file_that_is_there_and_counts_what_it_made) {
    const TestFolder folder;
    ThreadPool pool(2);
    const auto world = small_world();
    const auto fresh = generate_shorts_project(folder.path(), world, /*with_statistics=*/true, pool);
    ASSERT_TRUE(fresh) << fresh.error().message;
    EXPECT_TRUE(fresh->wrote_project_file);
    EXPECT_EQ(folder.contents(".").at("shortlist.yaml"), shorts_project_text());
    EXPECT_TRUE(load_project(folder.path()));
    EXPECT_EQ(fresh->data_folder, folder.path() / "data");
    EXPECT_EQ(fresh->users, 100U);
    EXPECT_EQ(fresh->items, 200U);
    EXPECT_EQ(fresh->events, 5000U);
    EXPECT_GT(fresh->statistics.size(), 3U);
    EXPECT_GT(fresh->seconds, 0.0);
    EXPECT_LT(fresh->seconds, 60.0);
    const auto data = folder.contents("data");
    folder.write("shortlist.yaml", quick_project());
    const auto again = generate_shorts_project(folder.path(), world, /*with_statistics=*/false, pool);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE(again->wrote_project_file);
    EXPECT_EQ(again->statistics.size(), 0U);
    EXPECT_EQ(folder.contents(".").at("shortlist.yaml"), quick_project());
    EXPECT_EQ(folder.contents("data"), data) << "same config, same bytes";
}

}  // namespace
}  // namespace shortlist::project
