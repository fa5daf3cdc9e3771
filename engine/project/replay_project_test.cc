#include "engine/project/replay_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include "engine/data/arrow/reader.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {
namespace {

using testing::HasSubstr;

// A project whose rows are what was shown, which can be counted by hand: a request of the ranking part is a row each impression.
struct TrainedProject : SmallProject {
    TrainedProject() { EXPECT_TRUE(train("one")); }

    Result<ReplayReport> replay(const ReplayOptions& options = {}) { return replay_project(project(), options, {clock, pool, {}}); }
};

data::ColumnBatch read_rows(const std::filesystem::path& path) {
    const auto reader = data::open_table({path.string(), data::FileFormat::Parquet, {}}).value();
    return reader->next().value()->table;
}

TEST(ReplayProject, writes_the_rows_it_reports_with_a_column_for_each_feature) {
    TrainedProject project;
    const auto report = project.replay();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->path, project.folder.path() / "rows.parquet");
    EXPECT_GT(report->seconds, 0.0);
    EXPECT_LT(report->seconds, 60.0);
    const auto rows = read_rows(report->path);
    EXPECT_EQ(rows.rows, report->counts.rows);
    ASSERT_EQ(rows.columns.size(), 3 + report->counts.features);
    EXPECT_EQ(rows.columns[0].name, "request");
    EXPECT_EQ(rows.columns[1].name, "label");
    EXPECT_EQ(rows.columns[2].name, "weight");

    // Requests are numbered from 0 without a gap, each with something chosen; what no retriever proposed is no row.
    const auto& requests = std::get<std::vector<std::int64_t>>(rows.columns[0].values);
    const auto& labels = std::get<std::vector<float>>(rows.columns[1].values);
    std::set<std::int64_t> with_choice;
    std::uint64_t chosen = 0;
    for (std::size_t row = 0; row < rows.rows; ++row) {
        if (labels[row] > 0) {
            with_choice.insert(requests[row]);
            ++chosen;
        }
        EXPECT_TRUE(requests[row] == (row == 0 ? 0 : requests[row - 1]) || requests[row] == requests[row - 1] + 1) << row;
    }
    EXPECT_GT(report->counts.requests, 10U);
    EXPECT_EQ(with_choice.size(), report->counts.requests);
    EXPECT_EQ(static_cast<std::uint64_t>(requests.back()), report->counts.requests - 1);
    EXPECT_GT(report->counts.chosen_missed, 0U);
    EXPECT_EQ(chosen + report->counts.chosen_missed, report->counts.chosen);
}

// The values of a row are its own: the trending retriever's ranks of one request's rows are all different, where it has one.
TEST(ReplayProject, keeps_every_value_in_its_row_and_column) {
    TrainedProject project;
    const auto rows = read_rows(project.replay()->path);
    const auto& requests = std::get<std::vector<std::int64_t>>(rows.columns[0].values);
    for (const auto* retriever : {"taste", "trending", "similar"}) {
        const auto* column = rows.find(std::string("retriever_rank_") + retriever);
        ASSERT_NE(column, nullptr) << retriever;
        const auto& ranks = std::get<std::vector<float>>(column->values);
        std::set<std::pair<std::int64_t, float>> seen;
        for (std::size_t row = 0; row < rows.rows; ++row) {
            if (!(ranks[row] > 0)) continue;  // missing: NaN
            EXPECT_EQ(ranks[row], std::floor(ranks[row]));
            EXPECT_LE(ranks[row], 15) << "candidates of a retriever";
            EXPECT_TRUE(seen.insert({requests[row], ranks[row]}).second) << "two rows of one request with one rank";
        }
        EXPECT_GT(seen.size(), 50U) << retriever;
    }
}

TEST(ReplayProject, writes_the_same_bytes_again_where_it_is_told_to) {
    TrainedProject project;
    ReplayOptions elsewhere;
    elsewhere.out = "other.parquet";
    ASSERT_TRUE(project.replay());
    ASSERT_TRUE(project.replay(elsewhere));
    const auto files = project.folder.contents(".");
    EXPECT_GT(files.at("rows.parquet").size(), 1000U);
    EXPECT_EQ(files.at("rows.parquet"), files.at("other.parquet"));
}

// 600 requests of three items; three features of each retriever are left out. No bundle is there.
TEST(ReplayProject, writes_every_impression_with_who_saw_what_and_when) {
    SmallProject untrained;
    ReplayOptions options;
    options.rows = ReplayRows::Impressions;
    const auto report = replay_project(untrained.project(), options, {untrained.clock, untrained.pool, {}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->counts.rows, 1800U);
    EXPECT_THAT(report->left_out, testing::ElementsAre("dot_taste", "dot_trending", "dot_similar"));
    const auto rows = read_rows(report->path);
    ASSERT_EQ(rows.rows, 1800U);
    ASSERT_EQ(rows.columns.size(), 6 + report->counts.features);
    std::size_t at = 0;
    for (const auto* name : {"request", "label", "weight", "time", "user", "item"}) EXPECT_EQ(rows.columns[at++].name, name);
    const auto& times = std::get<std::vector<std::int64_t>>(rows.columns[3].values);
    const auto text_at = [&rows](std::size_t column, std::size_t row) {
        const auto& coded = std::get<data::CodedColumn>(rows.columns[column].values);
        return std::string(coded.values[coded.codes[row]]);
    };
    std::set<std::tuple<TimeUs, std::string, std::string>> shown;
    for (const auto& event : small_events()) {
        if (event.type == "impression") shown.emplace(event.time, event.user, event.item);
    }
    ASSERT_EQ(shown.size(), 1800U);
    for (std::size_t row = 0; row < rows.rows; ++row) {
        EXPECT_TRUE(shown.erase({times[row], text_at(4, row), text_at(5, row)})) << row;
    }
}

TEST(ReplayProject, names_a_program_that_cannot_share_the_work_and_leaves_nothing_behind) {
    SmallProject untrained;
    ReplayOptions options;
    options.rows = ReplayRows::Impressions;
    options.partitions = 2;
    const auto report = replay_project(untrained.project(), options, {untrained.clock, untrained.pool, {}}, "/no/such/program");
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("/no/such/program"));
    for (const auto& entry : std::filesystem::directory_iterator(untrained.folder.path())) {
        EXPECT_FALSE(entry.path().filename().string().starts_with(".replay-"));
        EXPECT_NE(entry.path().filename(), "rows.parquet");
    }
}

TEST(ReplayProject, says_to_train_first) {
    const SmallProject untrained;
    ThreadPool pool(1);
    const auto replayed = replay_project(untrained.project(), {}, {untrained.clock, pool, {}});
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().code, ErrorCode::FailedPrecondition);
    EXPECT_THAT(replayed.error().message, HasSubstr("shortlist train"));
}

}  // namespace
}  // namespace shortlist::project
