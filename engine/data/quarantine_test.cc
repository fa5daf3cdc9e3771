#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/quarantine_internal.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

void add_rows(Quarantine& quarantine, std::uint64_t count) {
    for (std::uint64_t row = 0; row < count; ++row) quarantine.add("a.csv", UnreadableRow{row, "torn", "x"});
}

TEST(Quarantine, takes_exactly_the_share_and_counts_each_part_for_itself) {
    Quarantine quarantine;
    add_rows(quarantine, 2);
    EXPECT_TRUE(quarantine.check("items", 8, 0.25));
    EXPECT_TRUE(quarantine.check("users", 1, 0.0)) << "those of items count no longer";
    add_rows(quarantine, 3);
    const auto status = quarantine.check("events", 8, 0.25);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(status.error().message,
              "events: 3 of 8 rows are bad (5 torn), more than the 25 % that max_bad_rows allows; see quarantine/import.ndjson");
}

TEST(Quarantine, writes_a_line_for_each_row) {
    TemporaryFolder folder;
    Quarantine quarantine;
    add_rows(quarantine, 1);
    TableBatch batch;
    batch.first_row = 5;
    StringColumn texts;
    texts.push_back("good");
    texts.push_back("bad");
    batch.table.columns.push_back({"first", texts, {}, false});
    batch.table.columns.push_back({"second", texts, {}, false});
    RowFaults faults(2);
    faults.flag(1, Fault::NotATime, 1);
    quarantine.add("b.csv", batch, 1, faults);
    EXPECT_EQ(quarantine.write(folder.path()).value(), folder.path() / "quarantine/import.ndjson");
    EXPECT_EQ(folder.read("quarantine/import.ndjson"),
              "{\"source\":\"a.csv\",\"row\":0,\"reason\":\"torn\",\"value\":\"x\"}\n"
              "{\"source\":\"b.csv\",\"row\":6,\"reason\":\"not a time\",\"field\":\"second\",\"value\":\"bad\"}\n");
    EXPECT_EQ(quarantine.rows(), 2U);
    EXPECT_THAT(quarantine.by_reason(), ElementsAre(Pair("not a time", 1U), Pair("torn", 1U)));
}

TEST(Quarantine, removes_the_file_of_an_import_before_where_nothing_is_bad) {
    TemporaryFolder folder;
    folder.write("quarantine/import.ndjson", "former");
    EXPECT_EQ(Quarantine().write(folder.path()).value(), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "quarantine/import.ndjson"));
}

TEST(Quarantine, counts_rows_past_a_million_without_writing_them) {
    TemporaryFolder folder;
    Quarantine quarantine;
    add_rows(quarantine, kQuarantineRowsMax + 2);
    ASSERT_TRUE(quarantine.write(folder.path()));
    const std::string text = folder.read("quarantine/import.ndjson");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kQuarantineRowsMax);
    EXPECT_EQ(quarantine.rows(), kQuarantineRowsMax + 2);
    EXPECT_THAT(quarantine.by_reason(), ElementsAre(Pair("torn", kQuarantineRowsMax + 2)));
}

}  // namespace
}  // namespace shortlist::data
