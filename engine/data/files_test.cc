#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/files_internal.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

TEST(ReadFile, gives_all_bytes_up_to_the_limit_and_none_past_it) {
    TemporaryFolder folder;
    const std::string bytes = std::string(3 << 20, 'a') + "end";  // more than one piece
    folder.write("file", bytes);
    EXPECT_EQ(read_file(folder.path() / "file", bytes.size()).value(), bytes);
    const auto cut = read_file(folder.path() / "file", bytes.size() - 1);
    EXPECT_EQ(cut.error().code, ErrorCode::ResourceExhausted);
    EXPECT_THAT(cut.error().message, HasSubstr("file: larger than the 3.0 MiB allowed"));
}

TEST(ReadFile, says_what_it_could_not_do_to_which_file) {
    TemporaryFolder folder;
    const auto none = read_file(folder.path() / "none", 1);
    EXPECT_EQ(none.error().code, ErrorCode::NotFound);
    EXPECT_THAT(none.error().message, HasSubstr("none: cannot open: No such file"));
    const auto directory = read_file(folder.path(), 1);
    EXPECT_EQ(directory.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(directory.error().message, HasSubstr("cannot read: Is a directory"));
}

TEST(WriteFileSynced, replaces_longer_bytes_and_says_where_it_cannot_write) {
    TemporaryFolder folder;
    folder.write("file", "longer");
    ASSERT_TRUE(write_file_synced(folder.path() / "file", "new"));
    EXPECT_EQ(folder.read("file"), "new");
    ASSERT_TRUE(write_file_synced(folder.path() / "first", "new"));
    constexpr auto kOwner = std::filesystem::perms::owner_all;
    EXPECT_EQ(std::filesystem::status(folder.path() / "first").permissions() & kOwner,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_THAT(write_file_synced(folder.path(), "x").error().message, HasSubstr("cannot create: Is a directory"));
    EXPECT_THAT(write_file_synced("/dev/full", "x").error().message, HasSubstr("cannot write: No space left"));
}

TEST(ReplaceFile, renames_over_the_former_one_and_leaves_no_other) {
    TemporaryFolder folder;
    folder.write("file", "old");
    ASSERT_TRUE(replace_file(folder.path() / "file", "new"));
    EXPECT_EQ(folder.contents(""), (std::map<std::string, std::string>{{"file", "new"}}));
    folder.write("file.next/inside", "in the way of the next one");
    EXPECT_FALSE(replace_file(folder.path() / "file", "newer"));
    EXPECT_EQ(folder.read("file"), "new");
}

TEST(Files, are_closed_again) {
    TemporaryFolder folder;
    const auto open_files = [] {
        const std::filesystem::directory_iterator descriptors("/proc/self/fd");
        return std::distance(begin(descriptors), end(descriptors));
    };
    const auto before = open_files();
    ASSERT_TRUE(write_file_synced(folder.path() / "file", "x"));
    ASSERT_TRUE(read_file(folder.path() / "file", 1));
    ASSERT_TRUE(sync_path(folder.path()));
    EXPECT_EQ(open_files(), before);
}

TEST(RenameSynced, says_what_could_not_be_renamed) {
    TemporaryFolder folder;
    const auto status = rename_synced(folder.path() / "none", folder.path() / "other");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(status.error().message, HasSubstr("none: cannot rename to other"));
}

TEST(MakeFolder, makes_parents_and_says_what_stands_in_the_way) {
    TemporaryFolder folder;
    ASSERT_TRUE(make_folder(folder.path() / "a/b"));
    EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a/b"));
    folder.write("file", "");
    EXPECT_THAT(make_folder(folder.path() / "file/b").error().message, HasSubstr("cannot create the folder"));
}

TEST(SyncPath, takes_files_and_folders_that_are_there) {
    TemporaryFolder folder;
    folder.write("file", "x");
    EXPECT_TRUE(sync_path(folder.path() / "file"));
    EXPECT_TRUE(sync_path(folder.path()));
    EXPECT_EQ(sync_path(folder.path() / "none").error().code, ErrorCode::NotFound);
}

TEST(Sha256, of_a_file_is_that_of_its_bytes) {
    constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2, appendix B.1
    TemporaryFolder folder;
    folder.write("abc", "abc");
    EXPECT_EQ(sha256_hex("abc"), kOfAbc);
    EXPECT_EQ(sha256_of_file(folder.path() / "abc").value(), kOfAbc);
    EXPECT_EQ(sha256_of_file(folder.path() / "none").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace shortlist::data
