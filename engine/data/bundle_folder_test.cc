#include "engine/data/bundle_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSha256OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2, appendix B.1

class BundleFolder : public testing::Test {
protected:
    Result<Bundle> make(const std::string& name, std::string_view bytes = "abc") {
        auto draft = BundleDraft::create(bundles(), name);
        if (!draft) return draft.error();
        SHORTLIST_TRY(draft->write_file("models/taste.bin", bytes));
        SHORTLIST_TRY(draft->set_section("metrics", R"({"ndcg": 0.25})"));
        return std::move(*draft).commit();
    }
    std::filesystem::path bundles() const { return folder.path() / "bundles"; }
    std::string open_error(std::string_view name) const {
        const auto bundle = open_bundle(bundles(), name);
        return bundle ? "no error" : bundle.error().message;
    }
    void corrupt_manifest(const std::string& from, const std::string& to) const {
        std::string text = folder.read("bundles/one/manifest.json");
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << text;
        text.replace(at, from.size(), to);
        folder.write("bundles/one/manifest.json", text);
    }
    TemporaryFolder folder;
};

TEST_F(BundleFolder, opens_what_was_committed_with_the_digest_of_every_file) {
    ASSERT_TRUE(make("one"));
    const auto bundle = open_bundle(bundles(), "one");
    ASSERT_TRUE(bundle);
    EXPECT_EQ(bundle->manifest.files.at("models/taste.bin"), (BundleFile{kSha256OfAbc, 3}));
    EXPECT_EQ(bundle->manifest.sections.at("metrics"), R"({"ndcg":2.5E-1})");
    EXPECT_EQ(folder.read(bundle->file("models/taste.bin")->lexically_relative(folder.path())), "abc");
    EXPECT_THAT(bundle->file("models/none.bin").error().message, HasSubstr("models/taste.bin"));
}

TEST_F(BundleFolder, a_draft_that_is_not_committed_leaves_nothing) {
    { ASSERT_TRUE(BundleDraft::create(bundles(), "one")); }
    EXPECT_TRUE(std::filesystem::is_empty(bundles()));
}

TEST_F(BundleFolder, a_bundle_never_changes) {
    ASSERT_TRUE(make("one"));
    EXPECT_EQ(make("one", "other").error().code, ErrorCode::AlreadyExists);
}

TEST_F(BundleFolder, promotes_and_rolls_back) {
    ASSERT_TRUE(make("one"));
    ASSERT_TRUE(make("two"));
    EXPECT_EQ(current_bundle(bundles()).error().code, ErrorCode::FailedPrecondition);
    ASSERT_TRUE(promote_bundle(bundles(), "one"));
    EXPECT_EQ(rollback_bundle(bundles()).error().code, ErrorCode::FailedPrecondition);
    ASSERT_TRUE(promote_bundle(bundles(), "two"));
    EXPECT_EQ(current_bundle(bundles()).value(), "two");
    EXPECT_EQ(rollback_bundle(bundles()).value(), "one");
    EXPECT_EQ(current_bundle(bundles()).value(), "one");
}

TEST_F(BundleFolder, a_damaged_bundle_is_not_promoted) {
    ASSERT_TRUE(make("one"));
    ASSERT_TRUE(make("two"));
    ASSERT_TRUE(promote_bundle(bundles(), "one"));
    folder.write("bundles/two/models/taste.bin", "abd");
    EXPECT_EQ(promote_bundle(bundles(), "two").error().code, ErrorCode::DataLoss);
    EXPECT_EQ(current_bundle(bundles()).value(), "one");
}

TEST_F(BundleFolder, lists_bundles_by_name_and_says_what_is_wrong_with_one) {
    ASSERT_TRUE(make("two"));
    ASSERT_TRUE(make("one"));
    ASSERT_TRUE(promote_bundle(bundles(), "two"));
    folder.write("bundles/one/manifest.json", "{");
    const auto entries = list_bundles(bundles()).value();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].name, "one");
    EXPECT_THAT(entries[0].problem, HasSubstr("not a JSON object"));
    EXPECT_EQ(entries[1].name, "two");
    EXPECT_TRUE(entries[1].current);
}

TEST_F(BundleFolder, refuses_a_file_that_is_missing_or_of_another_size) {
    ASSERT_TRUE(make("one"));
    folder.write("bundles/one/models/taste.bin", "abcd");
    EXPECT_THAT(open_error("one"), HasSubstr("4 bytes; the manifest says 3"));
    std::filesystem::remove(bundles() / "one/models/taste.bin");
    EXPECT_THAT(open_error("one"), HasSubstr("not there"));
}

TEST_F(BundleFolder, refuses_a_newer_format_as_such) {
    ASSERT_TRUE(make("one"));
    corrupt_manifest("\"format\":1", "\"format\":2");
    EXPECT_EQ(open_bundle(bundles(), "one").error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(open_error("one"), HasSubstr("formats up to 1"));
}

TEST_F(BundleFolder, refuses_a_path_that_leads_out) {
    ASSERT_TRUE(make("one"));
    corrupt_manifest("models/taste.bin", "../taste.bin");
    EXPECT_EQ(open_bundle(bundles(), "one").error().code, ErrorCode::InvalidArgument);
}

TEST_F(BundleFolder, refuses_links) {
    ASSERT_TRUE(make("one"));
    folder.write("outside", "abc");
    std::filesystem::remove(bundles() / "one/models/taste.bin");
    std::filesystem::create_symlink(folder.path() / "outside", bundles() / "one/models/taste.bin");
    EXPECT_THAT(open_error("one"), HasSubstr("no links"));
    ASSERT_TRUE(make("two"));
    std::filesystem::create_directory_symlink(bundles() / "two", bundles() / "three");
    EXPECT_THAT(open_error("three"), HasSubstr("not a link"));
}

TEST_F(BundleFolder, refuses_a_bundle_under_the_name_of_another) {
    ASSERT_TRUE(make("one"));
    std::filesystem::rename(bundles() / "one", bundles() / "two");
    EXPECT_THAT(open_error("two"), HasSubstr("names the bundle 'one'"));
}

TEST_F(BundleFolder, names_the_nearest_bundle_when_there_is_none) {
    ASSERT_TRUE(make("2024-05-01"));
    EXPECT_THAT(open_error("2024-05-02"), HasSubstr("did you mean '2024-05-01'"));
}

TEST(BundleName, is_short_lower_case_and_begins_with_a_letter_or_digit) {
    EXPECT_TRUE(is_bundle_name("0a._-"));
    EXPECT_TRUE(is_bundle_name(std::string(64, 'a')));
    for (const auto* name : {"", ".a", "-a", "A", "a/b", "a b", "..", "a\n"}) EXPECT_FALSE(is_bundle_name(name)) << name;
    EXPECT_FALSE(is_bundle_name(std::string(65, 'a')));
    for (const auto* name : {"current", "previous", "UPPER"}) EXPECT_FALSE(BundleDraft::create("/nonexistent", name)) << name;
}

TEST(BundlePath, is_relative_and_stays_inside) {
    EXPECT_TRUE(is_bundle_path("models/Taste-1_x.bin"));
    for (const auto* path : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a b", "a\tb"}) EXPECT_FALSE(is_bundle_path(path)) << path;
}

TEST(BundleManifest, reads_back_what_it_writes) {
    const BundleManifest manifest{"one", {{"a", {kSha256OfAbc, 3}}, {"b/c", {kSha256OfAbc, 0}}}, {{"cpu", R"("avx2")"}, {"data", R"({"rows":3})"}}};
    EXPECT_EQ(parse_manifest(format_manifest(manifest)).value(), manifest);
}

TEST(BundleManifest, refuses_whatever_is_not_one) {
    for (const auto* text : {"", "{}", "[]", "null", R"({"format":1})", R"({"format":"1","name":"a","files":{},"sections":{}})",
                             R"({"format":0,"name":"a","files":{},"sections":{}})", R"({"format":1,"name":"A","files":{},"sections":{}})",
                             R"({"format":1,"name":"a","files":{"x":{}},"sections":{}})",
                             R"({"format":1,"name":"a","files":{"x":{"sha256":"00","bytes":1}},"sections":{}})",
                             R"({"format":1,"name":"a","files":[],"sections":{}})", R"({"format":1,"name":"a","files":{}})"}) {
        EXPECT_FALSE(parse_manifest(text)) << text;
    }
}

}  // namespace
}  // namespace shortlist::data
