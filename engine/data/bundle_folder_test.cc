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

TEST_F(BundleFolder, a_draft_begins_empty_whatever_a_killed_one_left) {
    folder.write("bundles/.staging-one/models/old.bin", "old");
    ASSERT_TRUE(make("one"));
    EXPECT_FALSE(std::filesystem::exists(bundles() / "one/models/old.bin"));
}

TEST_F(BundleFolder, a_bundle_never_changes) {
    ASSERT_TRUE(make("one"));
    EXPECT_EQ(make("one", "other").error().code, ErrorCode::AlreadyExists);
    auto late = BundleDraft::create(bundles(), "two");
    ASSERT_TRUE(late);
    std::filesystem::create_directory(bundles() / "two");
    EXPECT_EQ(std::move(*late).commit().error().code, ErrorCode::AlreadyExists);
}

TEST_F(BundleFolder, a_draft_takes_sound_paths_json_sections_and_only_files_that_were_written) {
    auto draft = BundleDraft::create(bundles(), "one");
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->add_file("../x").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(draft->add_file("manifest.json").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(draft->write_file("a b", "x").error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(draft->set_section("metrics", "{").error().message, HasSubstr("section 'metrics' of a manifest must be a JSON value"));
    ASSERT_TRUE(draft->add_file("models/none.bin"));
    EXPECT_EQ(std::move(*draft).commit().error().code, ErrorCode::NotFound);
    EXPECT_FALSE(std::filesystem::exists(bundles() / "one"));
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
    EXPECT_EQ(open_current_bundle(bundles())->manifest.name, "one");
    EXPECT_EQ(rollback_bundle(bundles()).value(), "two") << "the one before is now the one that was rolled back";
}

TEST_F(BundleFolder, promoting_what_is_in_force_keeps_the_way_back) {
    ASSERT_TRUE(make("one"));
    ASSERT_TRUE(make("two"));
    for (const auto* name : {"one", "two", "two"}) ASSERT_TRUE(promote_bundle(bundles(), name));
    EXPECT_EQ(rollback_bundle(bundles()).value(), "one");
}

TEST_F(BundleFolder, a_pointer_that_names_no_bundle_is_damage) {
    folder.write("bundles/current", "../one");
    folder.write("bundles/previous", "One");
    EXPECT_EQ(current_bundle(bundles()).error().code, ErrorCode::DataLoss);
    EXPECT_THAT(open_current_bundle(bundles()).error().message, HasSubstr("current: does not name a bundle"));
    EXPECT_THAT(rollback_bundle(bundles()).error().message, HasSubstr("previous: does not name a bundle"));
}

TEST_F(BundleFolder, a_rollback_to_a_bundle_that_is_gone_changes_nothing) {
    ASSERT_TRUE(make("one"));
    ASSERT_TRUE(promote_bundle(bundles(), "one"));
    folder.write("bundles/previous", "zero");
    EXPECT_EQ(rollback_bundle(bundles()).error().code, ErrorCode::NotFound);
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
    ASSERT_TRUE(make("zero"));
    folder.write("bundles/one/manifest.json", "{");
    folder.write("bundles/.staging-three/manifest.json", "{");
    folder.write("bundles/file", "no folder");
    const auto entries = list_bundles(bundles()).value();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].name, "one");
    EXPECT_FALSE(entries[0].current);
    EXPECT_FALSE(entries[0].manifest);
    EXPECT_THAT(entries[0].problem, HasSubstr("one/manifest.json: not a bundle's manifest: it is not a JSON object"));
    EXPECT_EQ(entries[1].name, "two");
    EXPECT_TRUE(entries[1].current);
    EXPECT_EQ(entries[1].manifest, open_bundle(bundles(), "two")->manifest);
    EXPECT_EQ(entries[1].problem, "");
    EXPECT_EQ(entries[2].name, "zero");
}

TEST_F(BundleFolder, refuses_a_file_that_is_missing_or_of_another_size) {
    ASSERT_TRUE(make("one"));
    folder.write("bundles/one/models/taste.bin", "abcd");
    EXPECT_THAT(open_error("one"), HasSubstr("4 bytes; the manifest says 3"));
    std::filesystem::remove(bundles() / "one/models/taste.bin");
    EXPECT_THAT(open_error("one"), HasSubstr("not there"));
    std::filesystem::create_directory(bundles() / "one/models/taste.bin");
    EXPECT_THAT(open_error("one"), HasSubstr("not there")) << "a folder is no file";
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
    std::filesystem::rename(bundles() / "two/models", folder.path() / "models");
    std::filesystem::create_directory_symlink(folder.path() / "models", bundles() / "two/models");
    EXPECT_THAT(open_error("two"), HasSubstr("two/models: a bundle holds no links"));
    std::filesystem::rename(bundles() / "one/manifest.json", folder.path() / "manifest.json");
    std::filesystem::create_symlink(folder.path() / "manifest.json", bundles() / "one/manifest.json");
    EXPECT_THAT(open_error("one"), HasSubstr("one/manifest.json: a bundle holds no links"));
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
    EXPECT_EQ(open_error("2024-05-02"), "there is no bundle '2024-05-02'; did you mean '2024-05-01'?");
    EXPECT_EQ(open_error("x"), "there is no bundle 'x'");
    EXPECT_THAT(open_error("../one"), HasSubstr("a bundle's name must match"));
}

TEST(BundleName, is_short_lower_case_and_begins_with_a_letter_or_digit) {
    EXPECT_TRUE(is_bundle_name("0a._-"));
    EXPECT_TRUE(is_bundle_name(std::string(64, 'a')));
    for (const auto* name : {"a", "z", "0", "9", "maz09"}) EXPECT_TRUE(is_bundle_name(name)) << name;
    // The last four begin with the neighbours of a, z, 0 and 9 in ASCII.
    for (const auto* name : {"", ".a", "-a", "A", "a/b", "a b", "..", "a\n", "`", "{", "/", ":"}) EXPECT_FALSE(is_bundle_name(name)) << name;
    EXPECT_FALSE(is_bundle_name(std::string(65, 'a')));
}

TEST_F(BundleFolder, a_draft_is_not_called_like_a_pointer) {
    for (const auto* name : {"current", "previous", "UPPER"}) {
        EXPECT_EQ(BundleDraft::create(bundles(), name).error().code, ErrorCode::InvalidArgument) << name;
    }
}

TEST(BundlePath, is_relative_and_stays_inside) {
    for (const auto* path : {"models/Taste-1_x.bin", "AZ/az/09", "...", "a/b/c"}) EXPECT_TRUE(is_bundle_path(path)) << path;
    EXPECT_TRUE(is_bundle_path(std::string(1024, 'a')));
    EXPECT_FALSE(is_bundle_path(std::string(1025, 'a')));
    for (const auto* path : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a b", "a\tb", "a@b", "a[b"}) {
        EXPECT_FALSE(is_bundle_path(path)) << path;
    }
}

TEST(BundleManifest, reads_back_what_it_writes) {
    const BundleManifest manifest{"one", {{"a", {kSha256OfAbc, 3}}, {"b/c", {kSha256OfAbc, 0}}}, {{"cpu", R"("avx2")"}, {"data", R"({"rows":3})"}}};
    EXPECT_EQ(parse_manifest(format_manifest(manifest)).value(), manifest);
}

/// A sound manifest in which `from` was replaced by `to`.
std::string changed_manifest(const std::string& from, const std::string& to) {
    std::string text = R"({"format":1,"name":"a","files":{"x":{"sha256":"DIGEST","bytes":1}},"sections":{}})";
    text.replace(text.find("DIGEST"), 6, kSha256OfAbc);
    return text.replace(text.find(from), from.size(), to);
}

TEST(BundleManifest, refuses_whatever_is_not_one) {
    ASSERT_TRUE(parse_manifest(changed_manifest("1", "1"))) << "or what follows shows nothing";
    struct Case {
        std::string from;
        std::string to;
        std::string message;
    };
    for (const auto& [from, to, message] : {Case{"{", "", "it is not a JSON object"},
                                            Case{"\"format\":1,", "", "it has no format"},
                                            Case{"1", "\"1\"", "it has no format"},
                                            Case{"1", "0", "its format is below 1"},
                                            Case{"\"name\":\"a\",", "", "it has no name"},
                                            Case{"\"a\"", "1", "it has no name"},
                                            Case{"\"a\"", "\"A\"", "must match"},
                                            Case{"files", "file", "it has no files"},
                                            Case{"sections", "section", "it has no sections"},
                                            Case{"\"sections\":{}", "\"sections\":[]", "it has no sections"},
                                            Case{"\"x\"", "\"manifest.json\"", "a file of a bundle must"},
                                            Case{"\"x\"", "\"../x\"", "a file of a bundle must"},
                                            Case{"\"sha256\"", "\"sha1\"", "no sha256 or no bytes"},
                                            Case{"\"bytes\":1", "\"bytes\":-1", "no sha256 or no bytes"},
                                            Case{"\"bytes\":1", "\"bytes\":1.5", "no sha256 or no bytes"},
                                            Case{",\"bytes\":1", "", "no sha256 or no bytes"},
                                            Case{"\"" + std::string(kSha256OfAbc) + "\"", "1", "no sha256 or no bytes"},
                                            Case{kSha256OfAbc, std::string(kSha256OfAbc) + "0", "not 64 hex digits"},
                                            Case{kSha256OfAbc, std::string(63, '0'), "not 64 hex digits"},
                                            Case{kSha256OfAbc, std::string(64, 'A'), "not 64 hex digits"}}) {
        const auto manifest = parse_manifest(changed_manifest(from, to));
        ASSERT_FALSE(manifest) << to;
        EXPECT_THAT(manifest.error().message, HasSubstr(message));
    }
    EXPECT_THAT(parse_manifest(R"({"format":1,"name":"a","files":[],"sections":{}})").error().message, HasSubstr("it has no files"));
    EXPECT_THAT(parse_manifest(R"({"format":1,"name":"a","files":{"x":1},"sections":{}})").error().message, HasSubstr("no sha256 or no bytes"));
    for (const auto* text : {"", "[]", "null"}) EXPECT_EQ(parse_manifest(text).error().code, ErrorCode::DataLoss) << text;
}

TEST(BundleManifest, has_at_most_16_mebibytes_and_4096_files) {
    BundleManifest manifest;
    manifest.name = "a";
    for (std::size_t i = 0; i < kBundleFilesMax; ++i) manifest.files[std::to_string(i)] = {kSha256OfAbc, 0};
    std::string text = format_manifest(manifest);
    text.resize(kManifestBytesMax, ' ');
    EXPECT_TRUE(parse_manifest(text));
    EXPECT_THAT(parse_manifest(text + " ").error().message, HasSubstr("it is larger than 16.0 MiB"));
    manifest.files["more"] = {kSha256OfAbc, 0};
    EXPECT_THAT(parse_manifest(format_manifest(manifest)).error().message, HasSubstr("more than 4096 files"));
}

}  // namespace
}  // namespace shortlist::data
