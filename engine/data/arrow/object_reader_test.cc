#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/arrow/reader.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::Lt;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class NdjsonReaderTest : public testing::Test {
protected:
    TableSource source(std::vector<std::string> columns = {}) const {
        return {(folder.path() / "t.ndjson").string(), FileFormat::Auto, std::move(columns)};
    }
    /// All batches of t.ndjson.
    std::vector<TableBatch> read(std::string_view bytes) const {
        folder.write("t.ndjson", bytes);
        const auto reader = open_table(source()).value();
        std::vector<TableBatch> batches;
        while (auto batch = reader->next().value()) batches.push_back(std::move(*batch));
        return batches;
    }
    static std::vector<std::string> texts_in(const TableBatch& batch, std::string_view name) {
        std::vector<std::string> texts;
        const auto& column = std::get<StringColumn>(batch.table.find(name)->values);
        for (std::size_t i = 0; i < column.size(); ++i) texts.emplace_back(column[i]);
        return texts;
    }
    TemporaryFolder folder;
};

TEST_F(NdjsonReaderTest, values_are_texts_as_a_csv_cell_would_hold_them) {
    const auto batches = read(
        "{\"a\": \"text\"}\n{\"a\": true}\n{\"a\": false}\n{\"a\": -5}\n{\"a\": 18446744073709551615}\n{\"a\": 0.1}\n"
        "{\"a\": {\"b\": [1, null]}}\n{\"a\": null}\n{\"a\": \"\"}\n{}\n");
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_THAT(texts_in(batches[0], "a"), ElementsAre("text", "true", "false", "-5", "18446744073709551615", "0.1", "{\"b\":[1,null]}", "", "", ""));
    EXPECT_THAT(batches[0].table.columns[0].valid, ElementsAre(1, 1, 1, 1, 1, 1, 1, 0, 0, 0));
}

TEST_F(NdjsonReaderTest, lines_may_end_with_blanks_and_empty_ones_are_no_rows) {
    const auto batches = read("{\"a\": 1} \t\r\n \r\n\n[\n{\"a\": 2}");
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_THAT(texts_in(batches[0], "a"), ElementsAre("1", "2"));
    EXPECT_THAT(batches[0].row_numbers, ElementsAre(0U, 2U));
    ASSERT_EQ(batches[0].unreadable.size(), 1U);
    EXPECT_EQ(batches[0].unreadable[0].row, 1U);
    EXPECT_EQ(batches[0].unreadable[0].text, "[");
}

TEST_F(NdjsonReaderTest, the_first_ten_thousand_lines_tell_the_columns) {
    std::string text;
    for (int line = 0; line < 9999; ++line) text += "{\"a\": 1}\n";
    folder.write("t.ndjson", text + "{\"b\": 1}\n{\"c\": 1}\n");
    EXPECT_THAT(column_names(source()).value(), ElementsAre("a", "b"));
    EXPECT_THAT(open_table(source({"c"})).error().message, HasSubstr("there is no column 'c'; there are a, b"));
    const auto batch = open_table(source({"b"})).value()->next().value();
    ASSERT_EQ(batch->table.columns.size(), 1U);
    EXPECT_EQ(texts_in(*batch, "b").at(9999), "1");
}

TEST_F(NdjsonReaderTest, lists_and_objects_go_32_deep_and_no_deeper) {
    const auto nested = [](int depth) { return "{\"a\": " + std::string(depth, '[') + std::string(depth, ']') + "}\n"; };
    const auto batches = read(nested(31) + nested(32));
    EXPECT_EQ(batches[0].table.rows, 1U);
    EXPECT_EQ(batches[0].unreadable.size(), 1U);
}

TEST_F(NdjsonReaderTest, unreadable_lines_are_shown_cut_to_200_bytes) {
    const auto batches = read("{\"a\": 1}\n" + std::string(201, 'x') + "\n");
    EXPECT_EQ(batches[0].unreadable[0].text, std::string(200, 'x') + "...");
}

TEST_F(NdjsonReaderTest, a_file_may_end_with_unreadable_lines) {
    std::string text;
    for (int line = 0; line < 262'144; ++line) text += "{\"a\":1}\n";
    const auto batches = read(text + "rubbish\n");
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(batches[0].table.rows, 262'144U);
    EXPECT_EQ(batches[1].table.rows, 0U);
    EXPECT_EQ(batches[1].unreadable[0].row, 262'144U);
}

// Lines of 1.5 MiB lie across the ends of what is read at once, and 22 of them fill a batch.
TEST_F(NdjsonReaderTest, long_lines_are_whole_and_keep_their_numbers_from_batch_to_batch) {
    std::string text;
    for (int row = 0; row < 50; ++row) text += "{\"a\": " + std::to_string(row) + ", \"b\": \"" + std::string(3 * kMebibyte / 2, 'x') + "\"}\n";
    const auto batches = read(text);
    ASSERT_EQ(batches.size(), 3U);
    std::uint64_t expected = 0;
    for (const auto& batch : batches) {
        EXPECT_EQ(batch.first_row, expected);
        EXPECT_EQ(batch.table.rows, std::min<std::size_t>(22, 50 - expected));
        for (const auto& cell : texts_in(batch, "a")) EXPECT_EQ(cell, std::to_string(expected++));
        for (const auto& cell : texts_in(batch, "b")) EXPECT_EQ(cell.size(), 3 * kMebibyte / 2);
    }
    EXPECT_EQ(expected, 50U);
    EXPECT_THAT(batches[0].progress, Gt(0.0));
    EXPECT_THAT(batches[0].progress, Lt(batches[1].progress));
    EXPECT_EQ(batches[2].progress, 1.0);
}

TEST_F(NdjsonReaderTest, a_line_longer_than_32_mebibytes_is_an_error) {
    folder.write("t.ndjson", "{\"a\": 1}\n" + std::string(40 * kMebibyte, 'x'));
    const auto reader = open_table(source());
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.error().message, HasSubstr("t.ndjson: a line is longer than 32.0 MiB"));
}

}  // namespace
}  // namespace shortlist::data
