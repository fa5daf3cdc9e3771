#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/base/random.h"
#include "engine/data/arrow/reader.h"
#include "engine/simulation/shorts_files.h"
#include "engine/simulation/shorts_oracle.h"

namespace shortlist::simulation {
namespace {

namespace fs = std::filesystem;

class ShortsFiles : public testing::Test {
protected:
    void TearDown() override { fs::remove_all(folder_); }
    const fs::path folder_ = fs::path(testing::TempDir()) / (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".world");
};

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What a table holds, cell by cell, a line a row: so that the digest knows the order of rows, and nothing of how a column is kept.
void append(const data::ColumnBatch& table, std::string& text) {
    const auto cell = [](const data::Column& column, std::size_t row) -> std::string {
        if (!column.valid.empty() && column.valid[row] == 0) return "";
        if (const auto* coded = std::get_if<data::CodedColumn>(&column.values)) return std::string(coded->values[coded->codes[row]]);
        if (const auto* strings = std::get_if<data::StringColumn>(&column.values)) return std::string((*strings)[row]);
        if (const auto* floats = std::get_if<std::vector<float>>(&column.values)) return std::to_string((*floats)[row]);
        return std::to_string(std::get<std::vector<std::int64_t>>(column.values)[row]);
    };
    for (const auto& column : table.columns) text += column.name + ",";
    for (std::size_t row = 0; row < table.rows; ++row) {
        for (const auto& column : table.columns) text += cell(column, row) + ",";
        text += "\n";
    }
}

std::uint64_t digest_of(std::string_view bytes) {
    std::uint64_t digest = 0;
    for (const char byte : bytes) digest = base::mix64(digest ^ static_cast<unsigned char>(byte));
    return digest;
}

struct Digests {
    std::uint64_t events, videos, users, truth;
    friend bool operator==(const Digests&, const Digests&) = default;
    friend void PrintTo(const Digests& digests, std::ostream* out) {
        *out << std::hex << "{0x" << digests.events << ", 0x" << digests.videos << ", 0x" << digests.users << ", 0x" << digests.truth << "}";
    }
};

Digests digests_of(const ShortsConfig& config, const fs::path& folder) {
    base::ThreadPool threads(2);
    const auto world = generate_shorts(config, threads).value();
    std::string events;
    std::string videos;
    std::string users;
    append(world.events, events);
    append(world.videos, videos);
    append(world.users, users);
    fs::create_directories(folder);
    EXPECT_TRUE(save_truth(world.truth, folder / "truth"));
    return {digest_of(events), digest_of(videos), digest_of(users), digest_of(read(folder / "truth"))};
}

// "Same seed, same bytes" holds from version to version, and on every machine: whoever made a world with a seed can make it again. So
// these digests are a record and no expectation that follows from anything else. A change of one means that the worlds which users have
// can no longer be made, and that figures measured on them no longer compare: it needs a reason, and a line in the changelog.
TEST_F(ShortsFiles, a_world_is_the_same_in_every_version) {
    ShortsConfig config;
    config.users = 60;
    config.items = 300;
    config.interactions = 3'000;
    config.days = 5;
    EXPECT_EQ(digests_of(config, folder_), (Digests{0x88d9908faa382f82, 0x4ef342b644dba248, 0xafb22ee04bc3c1e1, 0xf304bf3b1230a8f1}));
    // Another seed, and every option other than its default.
    ShortsConfig other;
    other.users = 30;
    other.items = 80;
    other.interactions = 2'000;
    other.days = 3;
    other.seed = 7;
    other.creators = 9;
    other.categories = 3;
    other.page_size = 5;
    other.session_length = 4.0;
    other.activity_spread = 0.3;
    other.popularity_exponent = 1.2;
    other.taste_drift = 0.9;
    other.position_bias = 1.0;
    other.personal_share = 0.4;
    other.fresh_share = 0.3;
    EXPECT_EQ(digests_of(other, folder_), (Digests{0xc507213d60acb41c, 0x11478a17928e674a, 0x4ebf825acff123b, 0x79514a493f8eef9e}));
}

// The partner that sees a fault: one video more, and no table is what it was.
TEST_F(ShortsFiles, another_world_has_other_digests) {
    ShortsConfig config;
    config.users = 20;
    config.items = 50;
    config.interactions = 300;
    const auto before = digests_of(config, folder_);
    config.items = 51;
    const auto after = digests_of(config, folder_);
    EXPECT_NE(after.events, before.events);
    EXPECT_NE(after.videos, before.videos);
    EXPECT_NE(after.truth, before.truth);
    EXPECT_EQ(after.users, before.users) << "who people are has a stream of the seed of its own";
}

TEST_F(ShortsFiles, hold_the_tables_and_the_truth) {
    base::ThreadPool threads(2);
    ShortsConfig config;
    config.users = 20;
    config.items = 50;
    config.interactions = 300;
    const auto world = generate_shorts(config, threads).value();
    ASSERT_TRUE(write_shorts(world, folder_));
    const auto rows_of = [&](const char* name) {
        const auto batch = data::open_table({(folder_ / name).string(), data::FileFormat::Auto, {}}).value()->next().value();
        return batch->table.rows;
    };
    EXPECT_EQ(rows_of("events.parquet"), 300U);
    EXPECT_EQ(rows_of("videos.parquet"), 50U);
    EXPECT_EQ(rows_of("users.parquet"), 20U);
    EXPECT_EQ(ShortsOracle::load(folder_ / kShortsTruthPath)->truth().items(), 50U);
    std::ofstream(folder_ / "file") << "";
    const auto refused = write_shorts(world, folder_ / "file");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::StartsWith("cannot make the folder " + (folder_ / "file" / "truth").string() + ": "));
}

}  // namespace
}  // namespace shortlist::simulation
