#include "engine/project/verify_project.h"

#include <gtest/gtest.h>

#include "engine/pipeline/live_project.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

data::Event watch(const std::string& user, const std::string& item, TimeUs time) {
    data::Event event;
    event.user = user;
    event.item = item;
    event.type = "watch";
    event.time = time;
    return event;
}

struct ServedProject : SmallProject {
    ServedProject() { EXPECT_TRUE(train("one")); }

    // A server runs, is sent an event, and ends.
    void serve(const std::string& item) {
        const auto live = pipeline::LiveProject::open(folder.path(), clock, {}).value();
        ASSERT_TRUE(live->add_events({watch("u1", item, clock.now())}));
    }
    Result<VerifyReport> verify() { return verify_project(project(), {clock, pool, {}}); }
};

TEST(VerifyProject, finds_the_saved_state_equal_to_the_whole_log) {
    ServedProject served;
    const auto before = served.verify().value();
    EXPECT_EQ(before.restored, 0U) << "nothing was served yet";
    EXPECT_TRUE(before.equal());
    served.serve("i7");
    const auto report = served.verify().value();
    EXPECT_EQ(report.bundle, "one");
    EXPECT_EQ(report.events, before.events + 1);
    EXPECT_EQ(report.restored, report.events);
    EXPECT_TRUE(report.equal());
    EXPECT_NE(report.folded_digest, before.folded_digest);
    EXPECT_GT(report.seconds, 0.0);
}

// The fault is planted: the state of a log whose last event was another one, at the same offset.
TEST(VerifyProject, catches_a_saved_state_that_the_log_does_not_give) {
    ServedProject served;
    const TestFolder other(served.folder.path());
    served.serve("i7");
    const auto log = std::filesystem::path("log") / "tail";
    {
        const auto live = pipeline::LiveProject::open(other.path(), served.clock, {}).value();
        ASSERT_TRUE(live->add_events({watch("u1", "i8", served.clock.now())}));
    }
    std::filesystem::remove_all(served.folder.path() / log);
    std::filesystem::copy(other.path() / log, served.folder.path() / log, std::filesystem::copy_options::recursive);
    const auto report = served.verify().value();
    EXPECT_GT(report.restored, 0U);
    EXPECT_FALSE(report.equal());
}

}  // namespace
}  // namespace shortlist::project
