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
