#include "engine/project/train_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "engine/data/bundle_folder.h"
#include "engine/pipeline/live_project.h"
#include "engine/project/generate_project.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::HasSubstr;

// The list a user gets and what they then watch, at their first event behind the split.
struct Meeting {
    std::vector<std::string> served;
    std::set<std::string> watched;
};

// NDCG at twenty over the users who watched something: the sum of 1 / log2(position + 1) over the watched positions, over that of a
// list which has all that was watched in front.
double ndcg_of(const std::map<std::string, Meeting>& meetings) {
    double sum = 0;
    double users = 0;
    for (const auto& [user, meeting] : meetings) {
        if (meeting.watched.empty()) continue;
        double gained = 0;
        double best = 0;
        for (std::size_t i = 0; i < 20; ++i) {
            const double worth = 1.0 / std::log2(static_cast<double>(i) + 2);
            if (i < meeting.served.size() && meeting.watched.contains(meeting.served[i])) gained += worth;
            if (i < meeting.watched.size()) best += worth;
        }
        sum += gained / best;
        users += 1;
    }
    return sum / users;
}

// The holdout models of `bundle`, put in force in a project that holds the past alone.
void serve_holdout(const data::Bundle& bundle, const SmallProject& past) {
    const auto bundles = past.folder.path() / "bundles";
    auto draft = data::BundleDraft::create(bundles, "holdout").value();
    for (const auto& [path, file] : bundle.manifest.files) {
        if (!path.starts_with("holdout/")) continue;
        std::ifstream in(bundle.folder / path, std::ios::binary);
        ASSERT_TRUE(draft.write_file(path.substr(8), std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>())));
    }
    ASSERT_TRUE(std::move(draft).commit());
    ASSERT_TRUE(data::promote_bundle(bundles, "holdout"));
}

// Asks the project for a list for each user when they come, and posts what happens one by one, as it happened, where `posts`.
double live_ndcg(const SmallProject& past, std::span<const data::Event> events, bool posts) {
    const TestFolder folder(past.folder.path());
    base::ManualClock clock(events.front().time);
    pipeline::LiveOptions options;
    options.time = pipeline::ServeTime::Clock;
    const auto live = pipeline::LiveProject::open(folder.path(), clock, options).value();
    std::map<std::string, Meeting> meetings;
    for (const auto& event : events) {
        clock.set(event.time);
        const auto [meeting, fresh] = meetings.try_emplace(event.user);
        if (fresh) {
            pipeline::LiveRequest request;
            request.user = event.user;
            request.size = 20;  // the longest list that evaluate asks for
            request.context = event.context;
            const auto slate = live->recommend(request).value();
            for (const auto& item : slate.items) meeting->second.served.push_back(item.id);
        }
        if (event.type == "watch") meeting->second.watched.insert(event.item);
        if (posts) {
            EXPECT_TRUE((*live->add_events({event}))[0].status);
        }
    }
    return ndcg_of(meetings);
}

// What is measured offline is what is served: a live project that holds the past alone, and the models that know the past alone, gives
// the very lists that evaluate judges. One that does not hear of what happens in the meantime gives others.
TEST(TrainProject, is_judged_by_the_lists_that_a_live_project_serves) {
    const auto events = small_events();
    const TimeUs split = events.back().time - kDayUs;
    const auto first = std::find_if(events.begin(), events.end(), [&](const data::Event& event) { return event.time > split; });
    SmallProject whole(events);
    const auto trained = whole.train("judged", /*promote=*/true, /*evaluate=*/true);
    ASSERT_TRUE(trained) << trained.error().message;
    double judged = -1;
    for (const auto& row : trained->evaluation->catalogue) {
        if (row.stage == "slate" && row.metric == "ndcg" && row.k == 20) judged = row.mean;
    }
    const SmallProject past(std::vector<data::Event>(events.begin(), first));
    serve_holdout(data::open_bundle(whole.folder.path() / "bundles", "judged").value(), past);
    const auto test_part = std::span(events).subspan(static_cast<std::size_t>(first - events.begin()));
    EXPECT_GT(judged, 0.0);
    EXPECT_NEAR(live_ndcg(past, test_part, /*posts=*/true), judged, 1e-12);
    EXPECT_GT(std::abs(live_ndcg(past, test_part, /*posts=*/false) - judged), 1e-6);
}

TEST(TrainProject, makes_the_same_bundle_without_the_truth) {
    simulation::ShortsConfig world;
    world.users = 100;
    world.items = 200;
    world.interactions = 5000;
    world.days = 6;
    ThreadPool pool(2);
    const base::ManualClock clock(40'000 * kDayUs);
    const auto bundle_of = [&](bool with_truth) {
        const TestFolder folder;
        EXPECT_TRUE(generate_shorts_project(folder.path(), world, false, pool));
        std::string text(shorts_project_text());
        for (const auto& [from, to] : {std::pair{"trees: 300", "trees: 5"}, std::pair{"embedding_size: 64", "embedding_size: 4"}}) {
            text.replace(text.find(from), std::string_view(from).size(), to);
        }
        folder.write("shortlist.yaml", text);
        if (!with_truth) {
            EXPECT_GT(std::filesystem::remove_all(folder.path() / "data" / "truth"), 0U);
        }
        const auto project = load_project(folder.path()).value();
        data::ImportOptions import;
        import.clock = &clock;
        EXPECT_TRUE(data::import_data(project.config.data, project.folder, import));
        TrainOptions options;
        options.bundle = "b";
        const auto trained = train_project(project, options, {clock, pool, {}});
        EXPECT_TRUE(trained) << trained.error().message;
        const auto stages = evaluate_project(project, {}, {clock, pool, {}}).value().catalogue;
        const bool has_oracle = std::any_of(stages.begin(), stages.end(), [](const eval::MetricRow& row) { return row.stage == "oracle"; });
        EXPECT_EQ(has_oracle, with_truth);
        return folder.contents("bundles/b");
    };
    const auto with = bundle_of(true);
    EXPECT_GT(with.size(), 5U);
    EXPECT_EQ(with, bundle_of(false));
}

TEST(TrainProject, keeps_the_bundle_in_force_until_another_is_promoted) {
    SmallProject project;
    const auto bundles = project.folder.path() / "bundles";
    ASSERT_TRUE(project.train("first", /*promote=*/false));
    EXPECT_FALSE(data::current_bundle(bundles));
    ASSERT_TRUE(project.train("second"));
    EXPECT_EQ(data::current_bundle(bundles).value(), "second");
    const auto again = project.train("second");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::AlreadyExists);
    const auto bad = project.train("No Such Name!");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::InvalidArgument);
    // Same data, same project file: the same models, under two names.
    auto first = project.folder.contents("bundles/first");
    auto second = project.folder.contents("bundles/second");
    first.erase("manifest.json");
    second.erase("manifest.json");
    EXPECT_EQ(first, second);
}

TEST(TrainProject, puts_the_project_file_as_it_was_read_into_the_bundle) {
    SmallProject project;
    const auto read = project.project();
    project.folder.write("shortlist.yaml", "changed: while it trains");
    TrainOptions options;
    options.bundle = "first";
    ASSERT_TRUE(train_project(read, options, {project.clock, project.pool, {}}));
    EXPECT_EQ(project.folder.contents("bundles/first").at("shortlist.yaml"), kSmallProject);
}

TEST(TrainProject, names_a_bundle_after_the_time) {
    SmallProject project;
    EXPECT_EQ(project.train("")->bundle, "20241010-000001");  // 20,006 days and a second after 1970
    EXPECT_EQ(project.train("")->bundle, "20241010-000001-2") << "a second bundle of the same second";
}

TEST(TrainProject, says_what_comes_first) {
    const TestFolder folder;
    folder.write("shortlist.yaml", kSmallProject);
    const base::ManualClock clock(kSmallStart);
    ThreadPool pool(1);
    const auto project = load_project(folder.path()).value();
    const auto trained = train_project(project, {}, {clock, pool, {}});
    ASSERT_FALSE(trained);
    EXPECT_THAT(trained.error().message, HasSubstr("shortlist import"));
    const auto evaluated = evaluate_project(project, {}, {clock, pool, {}});
    ASSERT_FALSE(evaluated);
    EXPECT_THAT(evaluated.error().message, HasSubstr("shortlist train"));
}

}  // namespace
}  // namespace shortlist::project
