#include "engine/project/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/data/bundle_folder.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

std::string found(const Checkup& checkup, const std::string& what) {
    const auto at = std::find_if(checkup.findings.begin(), checkup.findings.end(), [&](const Finding& finding) { return finding.what == what; });
    return at == checkup.findings.end() ? "not found" : at->value;
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string> what_of(const Checkup& checkup) {
    std::vector<std::string> lines;
    for (const auto& finding : checkup.findings) lines.push_back(finding.what + (finding.problem ? " (problem)" : ""));
    return lines;
}

// What is found of the machine stands in front; this is the rest.
std::vector<std::string> what_of_project(const Checkup& checkup) {
    auto lines = what_of(checkup);
    lines.erase(lines.begin(), std::find(lines.begin(), lines.end(), "project"));
    return lines;
}

TEST(Doctor, finds_the_machine_and_no_project) {
    const TestFolder nowhere;
    const auto checkup = run_doctor(nowhere.path());
    EXPECT_TRUE(checkup.healthy());
    auto lines = what_of(checkup);
    std::erase(lines, "SHORTLIST_CPU");  // only where the environment sets another level
    EXPECT_THAT(lines, ElementsAre("compiler", "arrow", "lightgbm", "rocksdb", "processor level", "threads", "memory", "memory free",
                                   "memory of this process", "project"));
    EXPECT_EQ(found(checkup, "project"), "none in this folder or above");
    EXPECT_THAT(found(checkup, "processor level"), Not(testing::IsEmpty()));
    EXPECT_GE(std::stoi(found(checkup, "threads")), 1);
    for (const auto* memory : {"memory", "memory free", "memory of this process"}) {
        EXPECT_THAT(found(checkup, memory), MatchesRegex("[0-9]+\\.[0-9] [MGT]iB")) << memory;
    }
    EXPECT_EQ(checkup.findings[4].problem, false);
}

// A message that names what is allowed is worth nothing when the limits it names are others: these are what the code keeps.
TEST(Doctor, lists_every_limit_with_its_cost) {
    const TestFolder nowhere;
    std::vector<std::string> lines;
    for (const auto& limit : run_doctor(nowhere.path()).limits) lines.push_back(limit.what + ": " + limit.limit + ", " + limit.cost);
    EXPECT_THAT(lines, ElementsAre("ids of users and items: 4,294,967,295, about 80 B beside its text",
                                   HasSubstr("event ids remembered by the writer: "), HasSubstr("records of the live tail: "),
                                   "memory for users' own state: 1.0 GiB, 104 B a user and what follows; past it on disk, and 100 B",
                                   "items of a user's past: 1,024, 16 B", "events in a user's windows: 256, 12 B",
                                   "pairs of a user with categories, creators or items: 512 a table, 8 B, 4 B a number kept",
                                   "state of an item or a category: 1 a table, 8 B a number kept",
                                   "pairs of those with kinds of users or contexts: 67,108,863, 16 B, 4 B a number kept",
                                   "signals: 31, 1 bit an event", "files of a bundle: 4,096, manifest of at most 16.0 MiB",
                                   "project file: 1.0 MiB, 32 levels deep", "connections: 1,024, header 16.0 KiB, body 1.0 MiB",
                                   "requests that wait for the disk: 1,024, one body", "items of a request: 1,000, id of at most 256 B"));
}

TEST(Doctor, takes_the_limits_of_the_project_also_from_below_it) {
    const TestFolder folder;
    folder.write("shortlist.yaml", std::string(kSmallProject) + "serve: {queue: 7, connections: 8}\n");
    folder.write("deep/file", "");
    const auto limits = run_doctor(folder.path() / "deep").limits;
    ASSERT_EQ(limits.size(), 15U);
    EXPECT_EQ(limits[12].limit, "8");
    EXPECT_EQ(limits[13].limit, "7");
}

TEST(Doctor, names_the_topics_that_are_consumed) {
    const TestFolder folder;
    folder.write("shortlist.yaml",
                 std::string(kSmallProject) + "serve: {kafka: {brokers: 'b:9092', events: [clicks, views], users: people, held: 5000}}\n");
    const auto checkup = run_doctor(folder.path());
    EXPECT_EQ(found(checkup, "kafka"), "clicks, views, people from b:9092, group shortlist");
    EXPECT_TRUE(
        std::ranges::any_of(checkup.limits, [](const Limit& limit) { return limit.what.starts_with("events that wait") && limit.limit == "5,000"; }));
}

TEST(Doctor, finds_what_the_project_takes) {
    SmallProject project;
    project.folder.write("data/a", std::string(1000, 'x'));
    project.folder.write("data/deep/b", std::string(500, 'x'));
    auto checkup = run_doctor(project.folder.path());
    EXPECT_TRUE(checkup.healthy());
    EXPECT_THAT(what_of_project(checkup), ElementsAre("project", "project file", "size of data", "size of log", "bundle in force", "disk free"));
    EXPECT_EQ(found(checkup, "project"), project.folder.path().string());
    EXPECT_EQ(found(checkup, "project file"), "reads");
    EXPECT_EQ(found(checkup, "size of data"), "1.5 KiB");
    EXPECT_EQ(found(checkup, "bundle in force"), "none");
    EXPECT_THAT(found(checkup, "disk free"), MatchesRegex("[0-9]+\\.[0-9] [MGT]iB"));
    ASSERT_TRUE(project.train("one"));
    checkup = run_doctor(project.folder.path());
    EXPECT_TRUE(checkup.healthy());
    EXPECT_EQ(found(checkup, "bundle in force"), "one");
    EXPECT_THAT(what_of_project(checkup), testing::Contains("size of bundles"));
}

TEST(Doctor, marks_what_is_to_be_mended) {
    SmallProject project;
    ASSERT_TRUE(project.train("one"));
    project.folder.write("bundles/one/models.json", "damaged");
    std::filesystem::remove(project.folder.path() / "events.csv");
    auto checkup = run_doctor(project.folder.path());
    EXPECT_FALSE(checkup.healthy());
    EXPECT_THAT(what_of_project(checkup), testing::IsSupersetOf({"data files (problem)", "bundle one (problem)"}));
    EXPECT_THAT(found(checkup, "data files"), HasSubstr("events.csv"));
    EXPECT_THAT(found(checkup, "bundle one"), HasSubstr("models.json"));
    project.folder.write("shortlist.yaml", "data: 7\n");
    checkup = run_doctor(project.folder.path());
    EXPECT_THAT(what_of_project(checkup), testing::Contains("project file (problem)"));
    EXPECT_THAT(found(checkup, "project file"), HasSubstr("must be a map"));
}

TEST(Doctor, lists_the_versions_of_the_libraries_that_a_manifest_names) {
    SmallProject project;
    ASSERT_TRUE(project.train("one"));
    const auto manifest = data::open_bundle(project.folder.path() / "bundles", "one").value().manifest;
    const auto checkup = run_doctor(project.folder.path());
    for (const auto* library : {"arrow", "lightgbm", "rocksdb"}) {
        EXPECT_THAT(found(checkup, library), testing::MatchesRegex("[0-9]+\\.[0-9]+.*")) << library;
        EXPECT_THAT(manifest.sections.at("libraries"), testing::HasSubstr("\"" + std::string(library) + "\":\"" + found(checkup, library) + "\""));
    }
    EXPECT_TRUE(checkup.healthy());
}

}  // namespace
}  // namespace shortlist::project
