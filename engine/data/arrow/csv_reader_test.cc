#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/arrow/reader.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class CsvReaderTest : public testing::Test {
protected:
    TableSource source(const std::string& name, std::vector<std::string> columns = {}) const {
        return {(folder.path() / name).string(), FileFormat::Auto, std::move(columns)};
    }
    std::vector<std::string> names_in(std::string_view bytes, const std::string& name = "t.csv") const {
        folder.write(name, bytes);
        return column_names(source(name)).value_or({"error"});
    }
    std::string error_of(std::string_view bytes) const {
        folder.write("t.csv", bytes);
        const auto reader = open_table(source("t.csv"));
        return reader ? "no error" : reader.error().message;
    }
    /// All batches of t.csv.
    std::vector<TableBatch> read(std::string_view bytes) const {
        folder.write("t.csv", bytes);
        const auto reader = open_table(source("t.csv")).value();
        std::vector<TableBatch> batches;
        while (auto batch = reader->next().value()) batches.push_back(std::move(*batch));
        return batches;
    }
    TemporaryFolder folder;
};

TEST_F(CsvReaderTest, names_may_be_quoted_and_end_with_any_line_end) {
    EXPECT_THAT(names_in("a,\"b,\nc\",\"d\"\"e\"\n1,2,3\n"), ElementsAre("a", "b,\nc", "d\"e"));
    EXPECT_THAT(names_in("a,b\r\n1,2\r\n"), ElementsAre("a", "b"));
    EXPECT_THAT(names_in("a,b"), ElementsAre("a", "b"));
    EXPECT_THAT(names_in("\xEF\xBB\xBF"
                         "a,,b\n"),
                ElementsAre("a", "", "b"));
}

TEST_F(CsvReaderTest, tabs_stand_between_the_cells_of_a_tsv_file) {
    EXPECT_THAT(names_in("a,b\tc\n1,2\t3\n", "t.tsv"), ElementsAre("a,b", "c"));
    const auto batch = open_table(source("t.tsv")).value()->next().value();
    EXPECT_EQ(std::get<StringColumn>(batch->table.columns[0].values)[0], "1,2");
}

TEST_F(CsvReaderTest, a_line_of_names_may_be_longer_than_one_read) {
    std::string header;
    std::vector<std::string> expected;
    for (int column = 0; column < 100; ++column) {
        expected.push_back(std::to_string(column) + std::string(8000, 'a'));
        header += expected.back() + (column < 99 ? "," : "\n");
    }
    EXPECT_EQ(names_in(header), expected);
}

TEST_F(CsvReaderTest, nul_bytes_among_the_names_are_an_error_and_behind_them_none) {
    EXPECT_THAT(error_of(std::string("a\0,b\n1,2\n", 9)), HasSubstr("the line of column names holds NUL bytes"));
    EXPECT_THAT(error_of(std::string("a\0", 2)), HasSubstr("the line of column names holds NUL bytes"));
    EXPECT_EQ(error_of(std::string("a,b\n1\0,2\n", 9)), "no error");
}

TEST_F(CsvReaderTest, a_file_of_names_only_has_no_rows) { EXPECT_THAT(read("a,b\n"), IsEmpty()); }

TEST_F(CsvReaderTest, unreadable_rows_at_the_end_are_told_of) {
    const auto batches = read("a,b\n1,2\n3\n4,5,6\n");
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(batches[0].row_number(0), 0U);
    EXPECT_EQ(batches[1].table.rows, 0U);
    ASSERT_EQ(batches[1].unreadable.size(), 2U);
    EXPECT_EQ(batches[1].unreadable[0].text, "3");
    EXPECT_EQ(batches[1].unreadable[1].row, 2U);
    for (const auto& row : batches[1].unreadable) EXPECT_EQ(row.reason, "wrong number of columns");
}

TEST_F(CsvReaderTest, a_file_of_unreadable_rows_only_is_told_of) {
    const auto batches = read("a,b\n" + std::string(300, 'x') + "\n2\n");
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0].table.rows, 0U);
    EXPECT_THAT(batches[0].unreadable, testing::SizeIs(2));
    EXPECT_EQ(batches[0].unreadable[0].text, std::string(200, 'x') + "...");
    EXPECT_EQ(batches[0].unreadable[1].row, 1U);
}

// Rows of 1 MiB, of which 32 fill a batch; each tenth cannot be read.
TEST_F(CsvReaderTest, rows_keep_their_numbers_from_batch_to_batch) {
    std::string text = "a,b\n";
    for (int row = 0; row < 80; ++row) text += std::to_string(row) + (row % 10 == 0 ? "\n" : "," + std::string(kMebibyte, 'x') + "\n");
    const auto batches = read(text);
    ASSERT_THAT(batches.size(), Gt(2U));
    std::uint64_t expected = 0;
    std::vector<std::uint64_t> unreadable;
    for (const auto& batch : batches) {
        for (std::size_t row = 0; row < batch.table.rows; ++row) {
            expected += expected % 10 == 0 ? 1 : 0;
            EXPECT_EQ(batch.row_number(row), expected);
            EXPECT_EQ(std::get<StringColumn>(batch.table.columns[0].values)[row], std::to_string(expected));
            ++expected;
        }
        for (const auto& row : batch.unreadable) unreadable.push_back(row.row);
    }
    EXPECT_EQ(expected, 80U);
    EXPECT_THAT(unreadable, ElementsAre(0U, 10U, 20U, 30U, 40U, 50U, 60U, 70U));
}

TEST_F(CsvReaderTest, progress_grows_to_the_end_of_the_file) {
    std::string text = "a\n";
    for (int row = 0; row < 100; ++row) text += std::string(kMebibyte, 'x') + "\n";
    std::vector<double> progress;
    std::uint64_t rows = 0;
    for (const auto& batch : read(text)) {
        EXPECT_EQ(batch.first_row, rows);
        EXPECT_EQ(batch.row_number(1), rows + 1);
        EXPECT_THAT(batch.unreadable, IsEmpty());
        rows += batch.table.rows;
        progress.push_back(batch.progress);
    }
    EXPECT_EQ(rows, 100U);
    ASSERT_THAT(progress.size(), Gt(2U));
    EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
    EXPECT_THAT(progress.front(), Gt(0.0));
    EXPECT_EQ(progress.back(), 1.0);
}

TEST_F(CsvReaderTest, a_line_longer_than_a_block_is_an_error_that_says_where) {
    folder.write("t.csv", "a\n1\n2\n" + std::string(70 * kMebibyte, 'x') + "\n");
    const auto reader = open_table(source("t.csv"));
    std::string message = reader ? "" : reader.error().message;
    while (message.empty()) {
        const auto batch = (*reader)->next();
        if (!batch) message = batch.error().message;
        ASSERT_TRUE(!batch || *batch) << "the end of the file without an error";
    }
    EXPECT_THAT(message, HasSubstr("t.csv: a line behind row"));
    EXPECT_THAT(message, HasSubstr("is longer than 32.0 MiB"));
}

}  // namespace
}  // namespace shortlist::data
